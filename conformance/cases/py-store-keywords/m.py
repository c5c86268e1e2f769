import digdag
def f():
    digdag.env.store({"a": 1}, b=[2])
