import os
def f():
    print(os.environ["MINE"])
