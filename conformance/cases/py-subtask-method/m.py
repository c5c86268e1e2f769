import digdag


class T(object):
    def add(self):
        digdag.env.add_subtask(T.child, v=7)

    def child(self, v):
        print("child", v)
