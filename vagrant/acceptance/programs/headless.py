#!/usr/bin/env python3
"""Put in qemu's place: has the VM's disk open, and ends its first thread while another lives on.

HEADLESS has the disk. /proc/PID/stat then says Z, as of a process that has ended.
"""

import ctypes
import os
import threading
import time

# Long enough for the facts, short enough not to be left behind.
LIFETIME_SECONDS = 900
# exit(2), which ends one thread. C's exit() ends them all.
SYS_EXIT = 60


def live():
    time.sleep(LIFETIME_SECONDS)
    os._exit(0)


os.open(os.environ["HEADLESS"], os.O_RDWR)
threading.Thread(target=live).start()
ctypes.CDLL(None).syscall(SYS_EXIT, 0)
