import os


def f():
    print(os.path.basename(os.getcwd()))
