import digdag
def a():
    digdag.env.store({"v": "from ${task_name}"})
def b():
    digdag.env.store({})
