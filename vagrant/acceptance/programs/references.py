#!/usr/bin/env python3
"""Put in qemu's place, at a VM's context: writes another header into the VM's own image, as a guest's qemu may.

REFERENCES has the image, the header in base64, and a file that is not the VM's. Prints `written` and `denied`, or what
went wrong.
"""

import base64
import json
import os


def main():
    told = json.loads(os.environ["REFERENCES"])
    try:
        with open(told["other"], "rb"):
            print("GOT IN", flush=True)
    except OSError:
        print("denied", flush=True)
    image = os.open(told["image"], os.O_RDWR)
    os.pwrite(image, base64.b64decode(told["header"]), 0)
    os.fsync(image)
    os.close(image)
    print("written", flush=True)


main()
