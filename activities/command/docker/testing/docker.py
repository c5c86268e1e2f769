"""Plays the docker command: its containers are sessions of processes on this machine.

Usage: docker.py FOLDER ARGUMENTS
What it is called with stands in the folder's file "calls", one JSON list a line. A file "down" there means that no engine answers; "images" lists the images that were built or pulled.
"""

import json
import os
import signal
import subprocess
import sys
import time

home = sys.argv[1]
SINGLE = {"--rm", "--init", "--privileged"}


def place(name):
    return os.path.join(home, name)


def lines(name):
    try:
        with open(place(name)) as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


def note(name, text):
    with open(place(name), "a") as file:
        file.write(text + "\n")


def end(name, how):
    """Signals a container; False when there is none of that name."""
    try:
        os.killpg(int(lines("container-" + name)[0]), how)
        return True
    except (IndexError, ProcessLookupError):
        return False


def run(args):
    name, cwd, env = "", "/", {"PATH": "/usr/local/bin:/usr/bin:/bin", "INSIDE": "yes"}
    while args[0].startswith("--"):
        option = args.pop(0)
        if option in SINGLE or "=" in option:
            continue
        value = args.pop(0)
        if option == "--name":
            name = value
        elif option == "--workdir":
            cwd = value
        elif option == "--env":
            key, given, text = value.partition("=")
            if given or key in os.environ:
                env[key] = text if given else os.environ[key]
    image, *command = args
    if image == "no/such:image":
        print("Unable to find image 'no/such:image' locally", flush=True)
        return 125
    container = subprocess.Popen(command, cwd=cwd, env=env, start_new_session=True)
    note("container-" + name, str(container.pid))
    signal.signal(signal.SIGTERM, lambda *_: end(name, signal.SIGTERM))
    code = container.wait()
    os.remove(place("container-" + name))
    return code if code >= 0 else 128 - code


def stop(args):
    name = args[-1]
    if not end(name, signal.SIGTERM):
        print("Error response from daemon: No such container: " + name, file=sys.stderr)
        return 1
    last = time.time() + float(args[args.index("-t") + 1])
    while time.time() < last:
        if not os.path.exists(place("container-" + name)):
            return 0
        time.sleep(0.02)
    end(name, signal.SIGKILL)
    return 0


def main(args):
    note("calls", json.dumps(args))
    if os.path.exists(place("down")):
        print("Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", file=sys.stderr)
        return 1
    verb = args[0]
    if verb == "version":
        print("28.2.2")
    elif verb == "run":
        return run(args[1:])
    elif verb == "stop":
        return stop(args[1:])
    elif verb == "rm":
        end(args[-1], signal.SIGKILL)
    elif verb == "image":
        return 0 if args[-1] in lines("images") else 1
    elif verb == "pull":
        print("pulled " + args[1])
    elif verb == "build":
        with open(args[args.index("--file") + 1]) as file:
            print(file.read(), end="", flush=True)
        note("images", args[args.index("--tag") + 1])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[2:]))
