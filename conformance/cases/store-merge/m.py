import digdag
def a():
    digdag.env.store({"o": {"x": 1}, "l": [1, 2]})
def b():
    digdag.env.store({"o": {"y": 2}, "l": [3]})
