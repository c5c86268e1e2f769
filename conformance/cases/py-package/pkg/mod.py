def f():
    print("in a package")
