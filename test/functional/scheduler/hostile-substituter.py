"""A substitute agent that does what the name of a path says, and nothing of it is right. Others it fetches as it should.

    hostile-substituter.py DIRECTORY

DIRECTORY holds narinfos and archives as a cache has them, and the archives of others for tricks.
"""
import hashlib
import os
import re
import socket
import struct
import sys
import threading

from messagepack import pack, unpack

OUT = sys.stdout.buffer
LOCK = threading.Lock()
DIRECTORY = sys.argv[1]


def write(data):
    with LOCK:
        OUT.write(data)
        OUT.flush()


def send(message):
    data = pack(message)
    write(struct.pack(">I", len(data)) + data)


def answer(number, result):
    send([1, number, None, result])


def item(number, event):
    send([2, "$/item", {"id": number, "item": event}])


def read_file(name):
    with open(f"{DIRECTORY}/{name}", "rb") as file:
        return file.read()


def trick_of(path):
    found = re.match(r"^.*/\w+-trick-([a-z-]+)$", path)
    return found[1] if found else ""


def info(path):
    """What the cache says of a path; None if it does not have it."""
    hash_part = os.path.basename(path)[:32]
    if not os.path.exists(f"{DIRECTORY}/{hash_part}.narinfo"):
        return None
    narinfo = read_file(f"{hash_part}.narinfo")
    archive = read_file(f"nar/{os.path.basename(path)}")
    return {
        "path": path,
        "deriver": None,
        "references": [],
        "downloadSize": len(archive),
        "narHash": f"sha256:{hashlib.sha256(archive).hexdigest()}",
        "narSize": len(archive),
        "narinfo": narinfo,
        "url": "file:///cache",
    }


def changed(path, **fields):
    return {**info(path), **fields}


def warn_for_ever(number):
    while True:
        item(number, {"event": "warning", "message": "w" * 10000})


def another(path, name):
    """Another path for each path: there is no end of them."""
    store, digest = os.path.dirname(path), hashlib.sha256(path.encode()).hexdigest()
    return f"{store}/{digest[:32].replace('e', 'x')}-{name}"


CIRCLE = {}


def in_circles(path):
    CIRCLE[another(path, "trick-back-again")] = path
    return changed(path, references=list(CIRCLE))


def infos(number, paths):
    """What is answered to a query, by the first trick among its paths."""
    trick = next((trick_of(path) for path in paths if trick_of(path) in QUERIES), None)
    if trick is not None:
        return QUERIES[trick](number, paths)
    return answer(number, {"infos": [info(path) for path in paths]})


def each(change):
    return lambda number, paths: answer(number, {"infos": [change(path) for path in paths]})


QUERIES = {
    "silent": lambda number, paths: None,
    "warnings": lambda number, paths: warn_for_ever(number),
    "gone": lambda number, paths: os._exit(0),
    "bomb": lambda number, paths: write(struct.pack(">I", 1_000_000) + b"\x91" * 1_000_000),
    "huge": lambda number, paths: write(b"\x7f\xff\xff\xff" + b"x" * 1000),
    "nonsense": lambda number, paths: write(b"success\n"),
    "none": lambda number, paths: answer(number, {"infos": []}),
    "many": lambda number, paths: answer(number, {"infos": [None] * 100_000}),
    "of-another": each(lambda path: changed(path, path=another(path, "item"))),
    "endless": each(lambda path: {**ANY, "path": path, "references": [another(path, "trick-endless")]}),
    "forged": each(lambda path: changed(path, narinfo=b"StorePath: " + path.encode() + b"\nURL: x\n")),
    "more-references": each(lambda path: changed(path, references=[another(path, "item")])),
    "in-circles": each(in_circles),
    "back-again": each(lambda path: {**ANY, "path": path, "references": [CIRCLE[path]]}),
    "elsewhere": each(lambda path: changed(path, references=["/etc/" + os.path.basename(path)])),
    "refused": lambda number, paths: send([1, number, {"code": "no", "message": "no", "data": {}}, None]),
}
ANY = {
    "deriver": None,
    "downloadSize": 1,
    "narHash": f"sha256:{'0' * 64}",
    "narSize": 1,
    "narinfo": b"",
    "url": "file:///cache",
}


def open_ticket(params):
    bulk = socket.socket(socket.AF_UNIX)
    bulk.connect(params["ticket"]["socket"])
    bulk.sendall(params["ticket"]["ticket"].encode() + b"\n")
    return bulk


def fetched(number, params, **fields):
    """Says that all of it has come, whatever has."""
    path = params["path"]
    archive = info(path)
    outcome = {"status": "fetched", "url": "file:///cache", "transferred": 1, "narHash": archive["narHash"]}
    answer(number, {"outcome": {**outcome, "narSize": archive["narSize"], **fields}})


def deliver(number, params, data):
    with open_ticket(params) as bulk:
        try:
            bulk.sendall(data)
        except OSError:
            pass
    fetched(number, params)


def deliver_for_ever(number, params):
    with open_ticket(params) as bulk:
        try:
            while True:
                bulk.sendall(b"\0" * 65536)
        except OSError:
            fetched(number, params)


KEPT = []


def half(params):
    archive = read_file(f"nar/{os.path.basename(params['path'])}")
    bulk = open_ticket(params)
    bulk.sendall(archive[: len(archive) // 2])
    KEPT.append(bulk)


def half_and_gone(params):
    half(params)
    os._exit(1)


def tell_for_ever(number):
    while True:
        item(number, {"event": "progress", "transferred": 1})


FETCHES = {
    "empty": lambda number, params: deliver(number, params, b""),
    "other": lambda number, params: deliver(number, params, read_file("other")),
    "too-much": deliver_for_ever,
    "no-ticket": fetched,
    "other-outcome": lambda number, params: answer(number, {"outcome": {"status": "excellent"}}),
    "lost": lambda number, params: answer(number, {"outcome": {"status": "not-found"}}),
    "dead-half-way": lambda number, params: half_and_gone(params),
    "stalled": lambda number, params: half(params),
    "never": lambda number, params: None,
    "progress": lambda number, params: tell_for_ever(number),
}


def fetch(number, params):
    path = params["path"]
    trick = FETCHES.get(trick_of(path))
    if trick is not None:
        trick(number, params)
    else:
        deliver(number, params, read_file(f"nar/{os.path.basename(path)}"))


def read():
    header = sys.stdin.buffer.read(4)
    if len(header) < 4:
        os._exit(0)
    return unpack(sys.stdin.buffer.read(struct.unpack(">I", header)[0]))


while True:
    message = read()
    if message[0] != 0:
        continue
    _, request, method, given = message
    if method == "initialize":
        answer(request, {"contract": "substitute", "version": 1, "features": [], "server": "hostile"})
    elif method == "query":
        infos(request, given["paths"])
    else:
        threading.Thread(target=fetch, args=(request, given), daemon=True).start()
