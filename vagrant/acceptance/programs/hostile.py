#!/usr/bin/env python3
"""Put in qemu's place, at a VM's context: tries to reach files and processes that are not the VM's.

What there is to attack comes in the variable HOSTILE, as JSON: files, hard-link and rename directories, sockets,
processes. Prints one line an attempt: `denied ATTEMPT: ERROR`, or `GOT IN ATTEMPT`. Begins with what it was started
with: `signals BLOCKED IGNORED` and `descriptor NUMBER TARGET`. Ends with `done`.
"""

import ctypes
import json
import os
import signal
import socket
import time

PTRACE_ATTACH = 16
PTRACE_SEIZE = 0x4206
# Long enough to read the output, short enough not to be left behind.
LIFETIME_SECONDS = 900

libc = ctypes.CDLL(None, use_errno=True)


def started_with():
    with open("/proc/self/status", encoding="ascii") as status:
        masks = dict(line.split(":", 1) for line in status if line.startswith("Sig"))
    # The interpreter ignores these two itself.
    ignored = int(masks["SigIgn"], 16) & ~(1 << signal.SIGPIPE - 1) & ~(1 << 24)
    print(f"signals {int(masks['SigBlk'], 16):x} {ignored:x}", flush=True)
    for number in sorted(os.listdir("/proc/self/fd"), key=int):
        try:
            print(f"descriptor {number} {os.readlink('/proc/self/fd/' + number)}", flush=True)
        except OSError:
            pass  # that of the listing itself


def reading(path):
    os.close(os.open(path, os.O_RDONLY))


def writing(path):
    os.close(os.open(path, os.O_WRONLY))


def through_symbolic_link(path, directory):
    link = os.path.join(directory, f"link-{os.getpid()}")
    os.symlink(path, link)
    try:
        reading(link)
    finally:
        os.unlink(link)


def hard_link(path, directory):
    os.link(path, os.path.join(directory, f"hard-{os.getpid()}"))


def rename_over(path, own):
    os.rename(own, path)


def rename_away(path, directory):
    os.rename(path, os.path.join(directory, f"moved-{os.getpid()}"))


def label(path):
    os.setxattr(path, "security.selinux", b"system_u:object_r:svirt_image_t:s0\0")


def connect(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect(path)


def trace(request, pid):
    if libc.ptrace(request, pid, None, None) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def transition(context):
    with open("/proc/self/attr/current", "wb", buffering=0) as current:
        current.write(context.encode())


def execute_at(context):
    with open("/proc/self/attr/exec", "wb", buffering=0) as attribute:
        attribute.write(context.encode())


def descriptors_of(pid):
    """Opens again what another process has open; with no name in between, so that no directory guards it."""
    for number in os.listdir(f"/proc/{pid}/fd"):
        target = os.readlink(f"/proc/{pid}/fd/{number}")
        if target.startswith("/") and not target.startswith("/dev/"):
            reading(f"/proc/{pid}/fd/{number}")


def attempts(targets):
    for path in targets["files"]:
        yield f"read {path}", lambda p=path: reading(p)
        yield f"write {path}", lambda p=path: writing(p)
        yield f"link {path}", lambda p=path: hard_link(p, targets["directory"])
        yield f"symlink {path}", lambda p=path: through_symbolic_link(p, targets["directory"])
        yield f"move {path}", lambda p=path: rename_away(p, targets["directory"])
        yield f"replace {path}", lambda p=path: rename_over(p, targets["own"])
        yield f"unlink {path}", lambda p=path: os.unlink(p)
        yield f"truncate {path}", lambda p=path: os.truncate(p, 0)
        yield f"label {path}", lambda p=path: label(p)
    for path in targets["readonly"]:
        yield f"write {path}", lambda p=path: writing(p)
        yield f"truncate {path}", lambda p=path: os.truncate(p, 0)
        yield f"label {path}", lambda p=path: label(p)
        yield f"unlink {path}", lambda p=path: os.unlink(p)
    yield "label its own disk", lambda: label(targets["own"])
    for path in targets["sockets"]:
        yield f"connect {path}", lambda p=path: connect(p)
    for pid in targets["processes"]:
        yield f"ptrace {pid}", lambda p=pid: trace(PTRACE_ATTACH, p)
        yield f"seize {pid}", lambda p=pid: trace(PTRACE_SEIZE, p)
        yield f"signal {pid}", lambda p=pid: os.kill(p, signal.SIGUSR1)
        yield f"memory of {pid}", lambda p=pid: writing(f"/proc/{p}/mem")
        yield f"descriptors of {pid}", lambda p=pid: descriptors_of(p)
        yield f"root of {pid}", lambda p=pid: os.listdir(f"/proc/{p}/root/etc")
    for context in targets["contexts"]:
        yield f"become {context}", lambda c=context: transition(c)
        yield f"execute at {context}", lambda c=context: execute_at(c)
    yield "open the kernel's memory", lambda: reading("/dev/mem")
    yield "switch SELinux off", lambda: writing("/sys/fs/selinux/enforce")


def main():
    started_with()
    targets = json.loads(os.environ.get("HOSTILE", "null"))
    if targets is None:
        return
    # It may use its own files: without this check, "denied" would prove nothing.
    for name, action in (("read its own disk", reading), ("write its own disk", writing)):
        action(targets["own"])
        print(f"allowed {name}", flush=True)
    for name, action in attempts(targets):
        try:
            action()
            print(f"GOT IN {name}", flush=True)
        except OSError as error:
            print(f"denied {name}: {os.strerror(error.errno)}", flush=True)
    print("done", flush=True)
    time.sleep(LIFETIME_SECONDS)


if __name__ == "__main__":
    main()
