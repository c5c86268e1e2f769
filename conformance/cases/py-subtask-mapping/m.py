import digdag
def f():
    digdag.env.add_subtask({"echo>": "sub ${x}", "_export": {"x": 1}})
