import digdag
def f():
    digdag.env.store({"v": 4})
