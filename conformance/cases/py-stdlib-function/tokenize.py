def main():
    print("own")
