import digdag


def f():
    digdag.env.add_subtask(child, v=object())


def child(v):
    pass
