class T(object):
    def show(self, n):
        pass
