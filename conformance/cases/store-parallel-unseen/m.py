import digdag
def a():
    digdag.env.store({"v": 1})
def b():
    digdag.env.store({})
