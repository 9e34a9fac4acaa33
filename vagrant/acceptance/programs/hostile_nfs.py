#!/usr/bin/env python3
"""Put in qemu's place, at a VM's context, with descriptors of files on NFS: tries to open there every file that it can name.

HOSTILE is the directory there, HOSTILE_FILES the names of files in it. Prints `denied ATTEMPT: ERROR` or `GOT IN ATTEMPT`
for each attempt, and `allowed ATTEMPT` for what it may do with what it was handed. Ends with `done`.
"""

import os
import time

# Long enough to read the output, short enough not to be left behind.
LIFETIME_SECONDS = 600

directory = os.environ["HOSTILE"]
files = [os.path.join(directory, name) for name in os.environ["HOSTILE_FILES"].split()]


def attempt(name, action, *arguments, may=False):
    try:
        action(*arguments)
        print(f"{'allowed' if may else 'GOT IN'} {name}", flush=True)
    except OSError as error:
        print(f"denied {name}: {error.strerror}", flush=True)


def handed():
    for number in sorted(os.listdir("/proc/self/fd"), key=int):
        try:
            target = os.readlink("/proc/self/fd/" + number)
        except OSError:
            continue
        if target.startswith(directory + "/"):
            yield int(number), target


for path in files:
    attempt(f"read {path}", os.open, path, os.O_RDONLY)
    attempt(f"write {path}", os.open, path, os.O_WRONLY)
    attempt(f"truncate {path}", os.truncate, path, 0)
    attempt(f"read {path} by /proc", os.open, f"/proc/self/root{path}", os.O_RDONLY)
    attempt(f"link {path}", os.link, path, f"{path}.hostile")
    attempt(f"rename {path}", os.rename, path, f"{path}.hostile")
    attempt(f"remove {path}", os.unlink, path)
attempt("list the directory", os.listdir, directory)
attempt("make a file", os.open, os.path.join(directory, "hostile"), os.O_WRONLY | os.O_CREAT, 0o600)
for number, target in list(handed()):
    attempt(f"read what it was handed, {target}", os.pread, number, 512, 0, may=True)
    attempt(f"open again what it was handed, {target}", os.open, f"/proc/self/fd/{number}", os.O_RDWR)
    if "base" in target:
        attempt(f"write its base, {target}", os.pwrite, number, b"hostile", 0)
print("done", flush=True)
time.sleep(LIFETIME_SECONDS)
