class T(object):
    def __init__(self, word, other="o"):
        self.words = [word, other]

    def show(self, n, more=None):
        print(*self.words, n, more)
