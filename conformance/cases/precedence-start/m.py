import digdag
def a():
    digdag.env.store({"v": "stored"})
def b():
    digdag.env.store({})
