def f(n, **rest):
    print(n, rest["x"], rest["session_date"])
