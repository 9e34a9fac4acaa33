#!/usr/bin/env python3
"""Sends one QMP command to a Unix socket and prints the answer; status 1 where that is an error."""

import json
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


def main(path, command):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(TIMEOUT_SECONDS)
        connection.connect(path)
        stream = connection.makefile("rw", encoding="utf-8")
        answer(stream)  # the greeting
        for message in ({"execute": "qmp_capabilities"}, json.loads(command)):
            stream.write(json.dumps(message) + "\n")
            stream.flush()
            reply = answer(stream)
    print(json.dumps(reply))
    return 1 if "error" in reply else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
