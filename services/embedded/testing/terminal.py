"""Runs a command in a terminal of so many columns; what is read here is typed there, and what is shown there is printed."""
import fcntl, os, pty, select, struct, sys, termios

columns, command = int(sys.argv[1]), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
sources = [0, terminal]
while True:
    for ready in select.select(sources, [], [])[0]:
        try:
            data = os.read(ready, 65536)
        except OSError:  # The terminal's last process is gone.
            data = b""
        if data:
            os.write(terminal if ready == 0 else 1, data)
        elif ready == 0:
            sources.remove(0)
        else:
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
