import digdag
def make(whole, big, nested):
    print(repr(whole), repr(big), repr(nested))
    digdag.env.store({"total": 3.0, "id": big, "list": [whole, 2.5, 9007199254740993]})
def use(total, id, list):
    print(repr(total), repr(id), repr(list))
