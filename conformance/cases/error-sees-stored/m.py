import digdag
def f():
    digdag.env.store({"v": "stored"})
