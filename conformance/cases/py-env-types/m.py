import os


def f():
    print(os.environ["MINE"], os.environ["N"], os.environ["WORD"] == "open-sesame")
