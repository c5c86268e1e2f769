import sys


def f():
    print(sys.flags.optimize)
