def f(n, f, b, l, o):
    print(type(n).__name__, type(f).__name__, type(b).__name__, l, o)
