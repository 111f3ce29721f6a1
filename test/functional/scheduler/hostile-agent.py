"""A build agent that does what the name of a derivation says, and nothing of it is right. It declines all others.

    hostile-agent.py FILE

FILE is made when it has been offered something.
"""
import os
import re
import struct
import sys

from messagepack import pack, unpack

OUT = sys.stdout.buffer
TIMES = {"startTime": 1, "stopTime": 2, "logSize": 0}
STARTED = {"event": "started", "process": 1, "logFile": b"", "time": 1}


def write(data):
    OUT.write(data)
    OUT.flush()


def send(message):
    data = pack(message)
    write(struct.pack(">I", len(data)) + data)


def answer(number, outcome):
    send([1, number, None, {"outcome": outcome}])


def item(number, event):
    send([2, "$/item", {"id": number, "item": event}])


def flood(number):
    item(number, STARTED)
    while True:
        item(number, {"event": "log", "data": b"x" * 65536})


def bomb(number):
    depth = 1_000_000
    write(struct.pack(">I", depth) + b"\x91" * depth)


def twice(number):
    decline(number)
    decline(number)


def unknown(number):
    answer(number + 1_000_000, {"status": "succeeded", **TIMES})
    item(number + 1_000_000, STARTED)
    decline(number)


def lie(number, **where):
    item(number, STARTED)
    answer(number, {"status": "succeeded", **TIMES, **where})


def started_and_gone(number):
    item(number, STARTED)
    os._exit(1)


def decline(number):
    answer(number, {"status": "declined", "reason": "not for me"})


TRICKS = {
    "flood": flood,
    "huge": lambda number: write(b"\x7f\xff\xff\xff" + b"x" * 1000),
    "bomb": bomb,
    "nonsense": lambda number: write(b"220 mail.example.org ESMTP\r\n"),
    "other-outcome": lambda number: answer(number, {"status": "excellent"}),
    "twice": twice,
    "unknown": unknown,
    "silent": lambda number: None,
    "gone": lambda number: os._exit(0),
    "started-and-gone": started_and_gone,
    "lie": lie,
    "lie-elsewhere": lambda number: lie(number, root=b"../../../../../.."),
    "lie-of-store": lambda number: lie(number, storeDirectory=b"/etc"),
}


def read():
    header = sys.stdin.buffer.read(4)
    if len(header) < 4:
        sys.exit(0)
    return unpack(sys.stdin.buffer.read(struct.unpack(">I", header)[0]))


while True:
    message = read()
    if message[0] != 0:
        continue
    _, number, method, params = message
    if method == "initialize":
        send([1, number, None, {"contract": "build-agent", "version": 1, "features": [], "server": "hostile"}])
    else:
        with open(sys.argv[1], "wb"):
            pass
        name = re.sub(r"^.*/\w+-trick-(.*)\.drv$", r"\1", params["job"]["derivation"])
        TRICKS.get(name, decline)(number)
