#!/usr/bin/env python3
"""Checks a log of the record, or the proof of one leaf, without any of the
programs that made it: Python 3 and python3-cryptography.

    verify.py log DIR [--key VKEY]        the folder of one log
    verify.py proof FILE [--key VKEY]     a .tlog-proof; prints the leaf
    verify.py private LEAF SALT FILE      does a private part belong to a leaf
    verify.py evidence DIR [--key VKEY]   all of an evidence folder: its
                                          MANIFEST, proofs and private parts

VKEY is a file with a line NAME+HASH+BASE64. Without it the key beside the log
is taken, which says only that the log fits itself.

Formats: C2SP signed-note, tlog-checkpoint, tlog-tiles, tlog-proof; RFC 6962.
"""

import argparse
import base64
import hashlib
import json
import os
import struct
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Bad(Exception):
    pass


def leaf_hash(data):
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def read_key(text):
    name, ident, key = text.strip().split("+", 2)
    raw = base64.b64decode(key, validate=True)
    if len(raw) != 33 or raw[0] != 1:
        raise Bad("not an Ed25519 key of a log")
    want = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if want.hex() != ident:
        raise Bad("the key does not have the hash that it names")
    return name, want, Ed25519PublicKey.from_public_bytes(raw[1:])


def read_checkpoint(note, key):
    """(size, root) of a note that the key has signed"""
    name, ident, public = key
    end = note.rfind(b"\n\n")
    if end < 0:
        raise Bad("no signature")
    text, signed = note[:end + 1], False
    for line in note[end + 2:].decode().splitlines():
        if not line.startswith("\u2014 "):
            raise Bad("not a signature line")
        who, sig = line[2:].split(" ")
        raw = base64.b64decode(sig, validate=True)
        if who == name and raw[:4] == ident:
            try:
                public.verify(raw[4:], text)
            except InvalidSignature:
                raise Bad("the signature is wrong") from None
            signed = True
    if not signed:
        raise Bad("not signed by this key")
    lines = text.decode().split("\n")
    if lines[0] != name:
        raise Bad("another log: " + lines[0])
    return int(lines[1]), base64.b64decode(lines[2], validate=True)


def tile_path(index):
    parts = ["%03d" % (index % 1000)]
    while index >= 1000:
        index //= 1000
        parts.insert(0, "x%03d" % (index % 1000))
    return "/".join(parts)


def read_tile(top, kind, index, width):
    path = os.path.join(top, "tile", kind, tile_path(index))
    names = [path] if width == 256 else [path + ".p/%d" % width, path]
    for name in names:
        if os.path.exists(name):
            with open(name, "rb") as f:
                return f.read()
    raise Bad("missing: " + names[0])


def entries(data):
    at = 0
    while at < len(data):
        (n,) = struct.unpack_from(">H", data, at)
        if at + 2 + n > len(data):
            raise Bad("entries are cut off")
        yield data[at + 2:at + 2 + n]
        at += 2 + n


def fold(hashes):
    """the root of any number of hashes of one level"""
    while len(hashes) > 1:
        up = [node_hash(hashes[i], hashes[i + 1])
              for i in range(0, len(hashes) - 1, 2)]
        hashes = up + hashes[len(hashes) & ~1:]
    return hashes[0]


def check_log(top, key):
    with open(os.path.join(top, "checkpoint"), "rb") as f:
        size, root = read_checkpoint(f.read(), key)
    hashes = []
    for index in range((size + 255) // 256):
        width = min(256, size - index * 256)
        tile = read_tile(top, "0", index, width)
        for i, entry in enumerate(entries(
                read_tile(top, "entries", index, width))):
            if i == width:
                break
            h = leaf_hash(entry)
            if tile[32 * i:32 * i + 32] != h:
                raise Bad("leaf %d is not what its hash says"
                          % (index * 256 + i))
            hashes.append(h)
    if len(hashes) != size:
        raise Bad("%d leaves of %d" % (len(hashes), size))
    level, below = 0, hashes
    while len(below) >= 256:
        level += 1
        above = [fold(below[i:i + 256])
                 for i in range(0, len(below) // 256 * 256, 256)]
        for index in range((len(above) + 255) // 256):
            part = above[index * 256:index * 256 + 256]
            if read_tile(top, str(level), index, len(part))[
                    :32 * len(part)] != b"".join(part):
                raise Bad("tile %d/%d is not what is below it"
                          % (level, index))
        below = above
    got = fold(hashes) if hashes else hashlib.sha256().digest()
    if got != root:
        raise Bad("the leaves give another root than the signed one")
    print("ok %d leaves %s" % (size, base64.b64encode(root).decode()))


def read_proof(name, key):
    with open(name, "rb") as f:
        data = f.read()
    head, _, note = data.partition(b"\n\n")
    lines = head.decode().split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1":
        raise Bad("not a tlog-proof")
    leaf = None
    at = 1
    if lines[at].startswith("extra "):
        leaf = base64.b64decode(lines[at][6:], validate=True)
        at += 1
    index = int(lines[at].removeprefix("index "))
    path = [base64.b64decode(x, validate=True) for x in lines[at + 1:]]
    size, root = read_checkpoint(note, key)
    if leaf is None or index >= size:
        raise Bad("no leaf")
    fn, sn, h = index, size - 1, leaf_hash(leaf)
    for p in path:                          # RFC 9162, 2.1.3.2
        if sn == 0:
            raise Bad("the path is too long")
        if fn & 1 or fn == sn:
            h = node_hash(p, h)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            h = node_hash(h, p)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or h != root:
        raise Bad("the leaf is not in the signed tree")
    return index, size, leaf


def check_proof(name, key):
    index, size, leaf = read_proof(name, key)
    print("ok leaf %d of %d" % (index, size))
    print(leaf.decode())


def check_private(leaf, salt, name):
    want = json.loads(leaf).get("x")
    with open(name, "rb") as f:
        got = hashlib.sha256(bytes.fromhex(salt) + f.read()).digest()
    if want != base64.b64encode(got).decode():
        raise Bad("not the private part of this leaf")
    print("ok")


def manifest(folder):
    """what MANIFEST lists, each file as it says, and no other file"""
    names = set()
    with open(os.path.join(folder, "MANIFEST"), encoding="utf-8") as f:
        for line in f:
            want, _, name = line.rstrip("\n").partition("  ")
            if not name or name.startswith("/") or ".." in name.split("/"):
                raise Bad("not a name: " + name)
            with open(os.path.join(folder, name), "rb") as g:
                if hashlib.sha256(g.read()).hexdigest() != want:
                    raise Bad(name + " is not what MANIFEST says")
            names.add(name)
    for at, _, files in os.walk(folder):
        for f in files:
            name = os.path.relpath(os.path.join(at, f), folder)
            if name not in names and name != "MANIFEST":
                raise Bad(name + " is not in MANIFEST")
    return sorted(names)


def check_evidence(folder, given):
    names, keys, proofs, private = manifest(folder), {}, 0, 0
    files = [given] if given else [os.path.join(folder, n) for n in names
                                   if n.endswith("/vkey")]
    for n in files:
        with open(n, encoding="utf-8") as f:
            key = read_key(f.read())
            keys[key[0]] = key
    for n in (n for n in names if n.endswith(".tlog-proof")):
        with open(os.path.join(folder, n), "rb") as f:
            origin = f.read().partition(b"\n\n")[2].split(b"\n")[0].decode()
        if origin not in keys:
            raise Bad("no key of " + origin)
        try:
            leaf = json.loads(read_proof(os.path.join(folder, n),
                                         keys[origin])[2])
        except Bad as e:
            raise Bad("%s: %s" % (n, e)) from None
        proofs += 1
        base = n[:-len(".tlog-proof")]
        if base + ".json" in names:
            with open(os.path.join(folder, base + ".json"),
                      encoding="utf-8") as f:
                said = json.load(f)
            for k in ("id", "time", "slot", "action", "fingerprint", "item"):
                if leaf["e"].get(k, "") != said.get(k, ""):
                    raise Bad("%s.json: %s is not what the leaf says"
                              % (base, k))
        if base + ".private" in names:
            with open(os.path.join(folder, base + ".private"), "rb") as f:
                text = f.read()
            with open(os.path.join(folder, base + ".salt"),
                      encoding="utf-8") as f:
                salt = bytes.fromhex(f.read())
            if base64.b64encode(hashlib.sha256(salt + text).digest()) \
                    .decode() != leaf.get("x"):
                raise Bad(base + ".private is not of this leaf")
            private += 1
    if proofs == 0:
        raise Bad("no proof")
    print("ok %d files, %d proofs, %d private parts" % (len(names), proofs,
                                                        private))


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.
                                RawDescriptionHelpFormatter)
    p.add_argument("what", choices=["log", "proof", "private",
                                     "evidence"])
    p.add_argument("args", nargs="+")
    p.add_argument("--key")
    a = p.parse_args()
    try:
        if a.what == "private":
            check_private(*a.args)
            return 0
        if a.what == "evidence":
            check_evidence(a.args[0], a.key)
            return 0
        name = a.key or os.path.join(
            a.args[0] if a.what == "log" else os.path.dirname(a.args[0]),
            "vkey")
        with open(name, encoding="utf-8") as f:
            key = read_key(f.read())
        (check_log if a.what == "log" else check_proof)(a.args[0], key)
        return 0
    except (Bad, OSError, ValueError, UnicodeDecodeError) as e:
        print("bad: %s" % e, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
