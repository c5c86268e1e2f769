import digdag


def f():
    digdag.env.set_state({"seen": 1}, more=2)
