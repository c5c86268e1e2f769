def show(big, list):
    print(repr(big), repr(list))
