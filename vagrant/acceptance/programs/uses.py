#!/usr/bin/env python3
"""Put in qemu's place: tries the accesses that a single wall has to deny.

What there is to attack comes in the variable USES, as JSON: files, terminals, processes, and the VM's own disk. Prints
one line an attempt: `denied ATTEMPT: ERROR`, or `GOT IN ATTEMPT`; then `done`, and waits to be ended.
"""

import fcntl
import json
import os
import termios
import time

# Long enough to read the output, short enough not to be left behind.
LIFETIME_SECONDS = 900


def reading(path):
    os.close(os.open(path, os.O_RDONLY))


def writing(path):
    os.close(os.open(path, os.O_RDWR))


def typing(terminal):
    """As if a user had typed it there."""
    descriptor = os.open(terminal, os.O_RDWR | os.O_NOCTTY)
    fcntl.ioctl(descriptor, termios.TIOCSTI, b"x")
    os.close(descriptor)


def attempts(targets):
    for path in targets["files"]:
        yield f"read {path}", lambda p=path: reading(p)
        yield f"write {path}", lambda p=path: writing(p)
    for path in targets["terminals"]:
        yield f"read {path}", lambda p=path: reading(p)
        yield f"write {path}", lambda p=path: writing(p)
        yield f"type into {path}", lambda p=path: typing(p)
    for pid in targets["processes"]:
        for name in ("environ", "mem", "maps"):
            yield f"read {name} of {pid}", lambda p=pid, n=name: reading(f"/proc/{p}/{n}")


def main():
    targets = json.loads(os.environ["USES"])
    for name, action in (("read its own disk", reading), ("write its own disk", writing)):
        action(targets["own"])
        print(f"allowed {name}", flush=True)
    reading("/proc/self/status")
    print("allowed read of itself", flush=True)
    for name, attempt in attempts(targets):
        try:
            attempt()
        except OSError as error:
            print(f"denied {name}: {error.strerror}", flush=True)
        else:
            print(f"GOT IN {name}", flush=True)
    print("done", flush=True)
    time.sleep(LIFETIME_SECONDS)


main()
