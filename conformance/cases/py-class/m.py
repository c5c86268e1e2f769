class T(object):
    def run(self):
        print("ran")
