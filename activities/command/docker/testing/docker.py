"""Plays the docker command: its containers are sessions of processes on this machine.

Usage: docker.py FOLDER ARGUMENTS
As with a real engine, a container belongs to nobody who called: it goes on when its `docker run` is killed, and a second one of its name is refused.
What it is called with stands in the folder's file "calls", one JSON list a line. A file "down" there means that no engine answers; "images" lists the images that were built or pulled.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time

home = sys.argv[1]
SINGLE = {"--rm", "--init", "--privileged"}


def place(name):
    return os.path.join(home, name)


def text(name):
    try:
        with open(place(name)) as file:
            return file.read()
    except FileNotFoundError:
        return ""


def note(name, text):
    with open(place(name), "a") as file:
        file.write(text + "\n")


def facts(name):
    """What is known of a container; None when there is none of that name."""
    known = text("container-" + name)
    return json.loads(known) if known else None


def known(name, **facts):
    """Writes all at once, so that nobody reads half of it."""
    with open(place("new-" + name), "w") as file:
        json.dump(facts, file)
    os.replace(place("new-" + name), place("container-" + name))


def end(name, how):
    """Signals a container; False when there is none of that name."""
    found = facts(name)
    if found is None or not found["pid"]:
        return False
    try:
        os.killpg(found["pid"], how)
    except ProcessLookupError:
        return False
    return True


def engine(name):
    """The engine's side of a container, in a process of its own that is not the caller's."""
    spec = json.loads(text("spec-" + name))
    with open(place("log-" + name), "w") as log:
        container = subprocess.Popen(
            spec["command"], cwd=spec["cwd"], env=spec["env"], start_new_session=True, stdout=log, stderr=log
        )
        known(name, pid=container.pid, labels=spec["labels"])
        code = container.wait()
    with open(place("exit-" + name), "w") as file:
        file.write(str(code if code >= 0 else 128 - code))
    # --rm; the output can be read to its end.
    os.remove(place("container-" + name))


def follow(name):
    """Prints what a container prints, until it has ended."""
    with open(place("log-" + name), "rb") as log:
        while True:
            ended = facts(name) is None
            sys.stdout.buffer.write(log.read())
            sys.stdout.buffer.flush()
            if ended:
                return
            time.sleep(0.02)


def run(args):
    name, cwd, env, labels = "", "/", {"PATH": "/usr/local/bin:/usr/bin:/bin", "INSIDE": "yes"}, {}
    while args[0].startswith("--"):
        option = args.pop(0)
        if option in SINGLE or "=" in option:
            continue
        value = args.pop(0)
        if option == "--name":
            name = value
        elif option == "--workdir":
            cwd = value
        elif option == "--label":
            key, _, content = value.partition("=")
            labels[key] = content
        elif option == "--env":
            key, given, content = value.partition("=")
            if given or key in os.environ:
                env[key] = content if given else os.environ[key]
    image, *command = args
    if image == "no/such:image":
        print("Unable to find image 'no/such:image' locally", flush=True)
        return 125
    try:
        os.close(os.open(place("container-" + name), os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        print('Conflict. The container name "/' + name + '" is already in use', flush=True)
        return 125
    for former in ("log-" + name, "exit-" + name):
        if os.path.exists(place(former)):
            os.remove(place(former))
    with open(place("spec-" + name), "w") as file:
        json.dump({"command": command, "cwd": cwd, "env": env, "labels": labels}, file)
    known(name, pid=0, labels=labels)
    nothing = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    itself = [sys.executable, "-I", "-S", os.path.abspath(__file__), home, "engine", name]
    # Left by its parent at once, so that it is below no caller.
    subprocess.call(["/bin/sh", "-c", '"$@" &', "sh", *itself], cwd="/", env={}, start_new_session=True, **nothing)
    while not os.path.exists(place("log-" + name)):
        time.sleep(0.01)
    follow(name)
    return int(text("exit-" + name))


def stop(args):
    name = args[-1]
    if not end(name, signal.SIGTERM):
        print("Error response from daemon: No such container: " + name, file=sys.stderr)
        return 1
    last = time.time() + float(args[args.index("-t") + 1])
    while time.time() < last:
        if facts(name) is None:
            return 0
        time.sleep(0.02)
    end(name, signal.SIGKILL)
    return 0


def remove(name):
    while facts(name) is not None:
        # Again for one that was just being made.
        end(name, signal.SIGKILL)
        time.sleep(0.02)


def ps(args):
    name = re.fullmatch(r"name=\^/\?(.*)\$", args[args.index("--filter") + 1]).group(1)
    found = facts(name)
    if found is None:
        return
    shown = args[args.index("--format") + 1].replace("{{.State}}", "running" if found["pid"] else "created")
    print(re.sub(r'{{\.Label "(.*?)"}}', lambda label: found["labels"].get(label.group(1), ""), shown))


def wait(name):
    while facts(name) is not None:
        time.sleep(0.02)
    print(text("exit-" + name))


def main(args):
    if args[0] == "engine":
        return engine(args[1])
    note("calls", json.dumps(args))
    if os.path.exists(place("down")):
        print("Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", file=sys.stderr)
        return 1
    verb = args[0]
    if verb == "run":
        return run(args[1:])
    elif verb == "ps":
        ps(args)
    elif verb == "stop":
        return stop(args[1:])
    elif verb == "rm":
        remove(args[-1])
    elif verb == "logs":
        follow(args[-1])
    elif verb == "wait":
        wait(args[-1])
    elif verb == "image":
        return 0 if args[-1] in text("images").splitlines() else 1
    elif verb == "pull":
        print("pulled " + args[1])
    elif verb == "build":
        with open(args[args.index("--file") + 1]) as file:
            print(file.read(), end="", flush=True)
        note("images", args[args.index("--tag") + 1])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[2:]))
