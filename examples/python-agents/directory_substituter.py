#!/usr/bin/env python3
"""A substituter that fetches from a directory: the files that a static server of substitutes would serve.

    substituter.py DIRECTORY

DIRECTORY holds HASH.narinfo files and, uncompressed, the archives that they name. It serves the contract `substitute`
(docs/protocols/substitute.md) on standard input and output. Whether a narinfo is to be believed is for the store to say.
"""
import hashlib
import os
import socket
import sys

from channel import Channel, Refusal, field

DIGITS = "0123456789abcdfghijklmnpqrsvwxyz"


def from_base32(text):
    """Base16 of a hash in the base 32 of Nix, which has its last digit first."""
    number = 0
    for letter in text:
        number = number * 32 + DIGITS.index(letter)
    return (number & (2**256 - 1)).to_bytes(32, "little").hex()


class Narinfo:
    """What a narinfo says; `text` is all of it."""

    def __init__(self, text):
        self.text = text
        fields = dict(line.split(": ", 1) for line in text.decode().splitlines() if ": " in line)
        self.path, self.url = fields["StorePath"], fields["URL"]
        store = os.path.dirname(self.path)
        self.references = [f"{store}/{name}" for name in fields.get("References", "").split()]
        self.deriver = f"{store}/{fields['Deriver']}" if fields.get("Deriver") else None
        kind, digits = fields["NarHash"].split(":")
        self.hash = f"{kind}:{digits if len(digits) == 64 else from_base32(digits)}"
        self.size = int(fields["NarSize"])


class Directory:
    def __init__(self, directory):
        self._directory = directory

    def query(self, params, _call):
        paths = field(params, "paths", list)
        return {"infos": [self._info(path) for path in paths]}

    def fetch(self, params, call):
        wanted = Narinfo(field(params, "narinfo", bytes))
        ticket = field(params, "ticket", dict)
        archive = os.path.join(self._directory, wanted.url)
        if not os.path.exists(archive):
            return {"outcome": {"status": "not-found"}}
        url = f"file://{self._directory}"
        call.send({"event": "downloading", "url": url, "size": os.path.getsize(archive)})
        digest, size = self._deliver(archive, ticket, call)
        if digest != wanted.hash:
            return {"outcome": {"status": "hash-mismatch", "url": url, "expected": wanted.hash, "actual": digest}}
        outcome = {"status": "fetched", "url": url, "transferred": size, "narHash": digest, "narSize": size}
        return {"outcome": outcome}

    def _info(self, path):
        hash_part = os.path.basename(path)[:32]
        try:
            with open(os.path.join(self._directory, f"{hash_part}.narinfo"), "rb") as file:
                narinfo = Narinfo(file.read(1024 * 1024))
        except FileNotFoundError:
            return None
        return {
            "path": narinfo.path,
            "deriver": narinfo.deriver,
            "references": narinfo.references,
            "downloadSize": narinfo.size,
            "narHash": narinfo.hash,
            "narSize": narinfo.size,
            "narinfo": narinfo.text,
            "url": f"file://{self._directory}",
        }

    @staticmethod
    def _deliver(archive, ticket, call):
        """Sends the bytes of `archive` for `ticket`; gives their hash and how many there were."""
        digest, size = hashlib.sha256(), 0
        with socket.socket(socket.AF_UNIX) as store, open(archive, "rb") as file:
            store.connect(ticket["socket"])
            store.sendall(ticket["ticket"].encode() + b"\n")
            store.settimeout(1)
            while piece := file.read(65536):
                digest.update(piece)
                size += len(piece)
                while piece:
                    if call.cancelled.is_set():
                        raise Refusal("cancelled", "the fetch was cancelled")
                    try:
                        piece = piece[store.send(piece):]
                    except TimeoutError:
                        continue
        return f"sha256:{digest.hexdigest()}", size


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: substituter.py DIRECTORY")
    source = Directory(os.path.abspath(sys.argv[1]))
    Channel("substitute", 1, "directory-substituter", {"query": source.query, "fetch": source.fetch}).serve()
