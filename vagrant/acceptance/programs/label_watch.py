#!/usr/bin/env python3
"""Prints the label of each file, and once more whenever this kernel has another; ends when it is killed.

label_watch.py [--open|--stat|--sync] FILE…: what the kernel has in memory, and decides by. Before each look the file is
opened, its status is asked for, or its server is (statx(2) with AT_STATX_FORCE_SYNC). A client of NFS is certain to ask its
server for the last of these alone.
"""

import ctypes
import os
import sys
import time

PAUSE_SECONDS = 0.1
AT_FDCWD = -100
AT_STATX_FORCE_SYNC = 0x2000
STATX_BASIC_STATS = 0x7FF

LIBRARY = ctypes.CDLL(None, use_errno=True)


def ask_server(path):
    answer = ctypes.create_string_buffer(256)
    if LIBRARY.statx(AT_FDCWD, os.fsencode(path), AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, answer) != 0:
        raise OSError(ctypes.get_errno(), "statx", path)


BEFORE = {
    "--memory": lambda path: None,
    "--open": lambda path: os.close(os.open(path, os.O_RDONLY)),
    "--stat": os.stat,
    "--sync": ask_server,
}


def main(before, paths):
    last = {}
    while True:
        for path in paths:
            before(path)
            now = os.getxattr(path, "security.selinux").rstrip(b"\0").decode()
            if last.get(path) != now:
                last[path] = now
                print(now, path, flush=True)
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main(BEFORE.get(sys.argv[1], BEFORE["--memory"]), [argument for argument in sys.argv[1:] if argument not in BEFORE])
