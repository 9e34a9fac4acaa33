#!/usr/bin/env python3
"""Prints the label of each file, and once more whenever this kernel has another; ends when it is killed.

label_watch.py [--open] FILE…: with --open each look opens the file, upon which a client of NFS asks the server. Without, it
sees what the kernel has in memory, and that is what it decides by.
"""

import os
import sys
import time

PAUSE_SECONDS = 0.1


def label(path, opens):
    if opens:
        os.close(os.open(path, os.O_RDONLY))
    return os.getxattr(path, "security.selinux").rstrip(b"\0").decode()


def main(opens, paths):
    last = {}
    while True:
        for path in paths:
            now = label(path, opens)
            if last.get(path) != now:
                last[path] = now
                print(now, path, flush=True)
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1] == "--open", [argument for argument in sys.argv[1:] if argument != "--open"])
