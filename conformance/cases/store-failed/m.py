import digdag
def a():
    digdag.env.store({"v": 1})
    raise ValueError("no")
