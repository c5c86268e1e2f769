import digdag
def f():
    digdag.env.export({"x": "exported"})
    digdag.env.add_subtask({"echo>": "${x}"})
    digdag.env.add_subtask({"echo>": "second ${x}"})
