import digdag
def a(i):
    digdag.env.store({"v": i})
