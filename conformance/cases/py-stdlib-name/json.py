def f():
    print("own")
