#!/usr/bin/env python3
"""Sends one QMP command to a Unix socket and prints the answer; status 1 if the answer is an error.

qmp.py SOCKET COMMAND [FILE r|rw]: with FILE the command carries a descriptor of it, opened so.
"""

import array
import json
import os
import socket
import sys

TIMEOUT_SECONDS = 60


def answer(stream):
    """The next message that is no event."""
    for line in stream:
        message = json.loads(line)
        if "event" not in message:
            return message
    raise ConnectionError("the monitor was closed")


def send(connection, message, descriptors):
    """Descriptors go with the first byte."""
    line = (json.dumps(message) + "\n").encode()
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    connection.sendall(line[connection.sendmsg([line], rights) :])


def main(path, command, file=None, mode="r"):
    descriptors = [os.open(file, os.O_RDWR if mode == "rw" else os.O_RDONLY)] if file else []
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(TIMEOUT_SECONDS)
        connection.connect(path)
        stream = connection.makefile("r", encoding="utf-8")
        answer(stream)  # the greeting
        send(connection, {"execute": "qmp_capabilities"}, [])
        answer(stream)
        send(connection, json.loads(command), descriptors)
        reply = answer(stream)
    print(json.dumps(reply))
    return 1 if "error" in reply else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
