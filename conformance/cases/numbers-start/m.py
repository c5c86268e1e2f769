def show(id, rate, nested):
    print(repr(id), repr(rate), repr(nested))
