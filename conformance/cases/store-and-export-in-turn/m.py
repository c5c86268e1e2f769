import digdag


def put():
    digdag.env.store({"v": "stored"})
