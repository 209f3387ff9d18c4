"""Packets nobody in good faith would send, and some that somebody would.

They are drawn from the schema of the protocol, so that a new field is attacked from its first day.
"""

import base64
import json
import string
from random import Random
from typing import Any

import msgspec
from msgspec import inspect

from chinwag.wire.messages import ClientMessage

WORDS = [
    "desc",
    "sub",
    "data",
    "del",
    "tags",
    "cred",
    "aux",
    "msg",
    "topic",
    "user",
    "read",
    "recv",
    "kp",
    "kpa",
    "kpv",
    "call",
    "upd",
    "on",
    "off",
]
WHATS = ("desc sub data del", "cred tags aux", *WORDS)
SCHEMES = ("basic", "token", "anonymous", "code", "reset", "rest", "BASIC", "")
EVENTS = ("accept", "answer", "hang-up", "ice-candidate", "invite", "offer", "ringing", "")
HEADS = ("mime", "replace", "reply", "forwarded", "webrtc", "sender", "hashtags", "mentions")
TEXTS = (
    "",
    " ",
    "\u2421",
    "\0",
    "\ud800",
    "é" * 40,
    "x" * 5000,
    "N",
    "usr",
    "grp",
    "p2p",
    "\u202e",
)
NUMBERS = (-1, 0, 1, 2, 3, 5, 64, 1024, 2**31 - 1, 2**31, 2**53, 2**63, 2**64, -(2**63))
INSTANTS = ("2026-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "now")


class Pools:
    """Names and files worth trying; attackers add what they come across."""

    def __init__(self) -> None:
        self.topics = ["me", "fnd", "sys", "slf", "new1", "nch2", "newA"]
        self.uids = ["usrAAAAAAAAAAA"]
        self.urls = ["/v0/file/s/AAAAAAAAAAAAAAAAAAAAAA"]

    def learn(self, pool: list[str], name: str) -> None:
        """Remember `name`, and forget something else when there is too much."""
        if name not in pool:
            pool.append(name)
        if len(pool) > 200:
            del pool[20]


class Maker:
    """Draws packets; the same random numbers give the same packets."""

    def __init__(self, rng: Random, pools: Pools, mark: str) -> None:
        self.rng = rng
        self.pools = pools
        self.mark = mark  # stands in every private value, to be recognised where it does not belong
        self.count = 0

    def message(self) -> bytes:
        """One frame."""
        kind = self.rng.random()
        if kind < 0.05:
            return self.rng.randbytes(self.rng.choice((0, 1, 5, 60, 3000)))
        text = encoded(self.packet())
        return text if kind < 0.8 else self.mutated(text)

    def packet(self) -> dict[str, Any]:
        """A packet in the shape of the schema, mostly."""
        shape = inspect.type_info(ClientMessage)
        assert isinstance(shape, inspect.StructType)
        kinds = [f for f in shape.fields if f.encode_name != "extra"]
        chosen = self.rng.choice(kinds)
        packet = {chosen.encode_name: self.value(chosen.type, chosen.encode_name)}
        if self.rng.random() < 0.15:
            other = self.rng.choice(shape.fields)
            packet[other.encode_name] = self.value(other.type, other.encode_name)
        return packet

    # --- values by type -------------------------------------------------------------------

    def value(self, kind: inspect.Type, name: str, depth: int = 0) -> Any:
        """Something for a field called `name`: mostly fit, sometimes hostile."""
        if self.rng.random() < 0.04:
            return self.hostile()
        match kind:
            case inspect.UnionType(types=types):
                real = [t for t in types if not isinstance(t, inspect.NoneType)]
                return self.value(self.rng.choice(real), name, depth)
            case inspect.StructType(fields=fields):
                keep = 0.75 if depth == 0 else 0.5
                return {
                    f.encode_name: self.value(f.type, f.encode_name, depth + 1)
                    for f in fields
                    if f.encode_name in ("topic", "id", "ver") or self.rng.random() < keep
                }
            case inspect.ListType(item_type=item):
                return [self.value(item, name, depth + 1) for _ in range(self.rng.randrange(4))]
            case inspect.DictType(value_type=inner):
                keys = self.rng.sample(HEADS, self.rng.randrange(4))
                return {key: self.value(inner, key, depth + 1) for key in keys}
            case _:
                return self.leaf(kind, name)

    def leaf(self, kind: inspect.Type, name: str) -> Any:
        """A value without parts."""
        match kind:
            case inspect.BoolType():
                return self.rng.random() < 0.5
            case inspect.IntType():
                return (
                    self.rng.choice(NUMBERS) if self.rng.random() < 0.3 else self.rng.randrange(8)
                )
            case inspect.BytesType():
                return self.secret()
            case inspect.StrType():
                return self.text(name)
            case inspect.DateTimeType():
                return self.rng.choice(INSTANTS)
            case _:
                return self.free(name)

    def text(self, name: str) -> str:
        """A text for the field `name`."""
        rng = self.rng
        if name == "id":
            self.count += 1
            return f"{self.mark[:4]}{self.count}" if rng.random() < 0.9 else rng.choice(TEXTS)
        if rng.random() < 0.1:
            return rng.choice(TEXTS)
        known = {
            "topic": self.pools.topics,
            "user": [*self.pools.uids, "new", "newX"],
            "obo": self.pools.uids,
            "attachments": self.pools.urls,
            "what": WHATS,
            "scheme": SCHEMES,
            "tmpscheme": SCHEMES,
            "event": EVENTS,
            "mode": ("JRWPASDO", "N", "JRWPS", "+J-R", "jrw", "X"),
            "auth": ("JRWPASD", "N", "JRWPASDO", "X"),
            "anon": ("N", "JRW", "X"),
            "ver": ("0.25", "0.22.1", "0.1", "999999.9.9", "v0.25"),
            "meth": ("email", "tel", "x"),
            "val": ("a@example.com", "+12025550123", "x"),
            "resp": ("123456", "000000"),
            "tags": ("alias:abc", "basic:root", "email:a@example.com", "tag", "\u2421"),
            "authlevel": ("root", "auth", "anon", "ROOT"),
            "status": ("ok", "susp", "del"),
        }.get(name)
        return rng.choice(known) if known else rng.choice(WORDS)

    def secret(self) -> str:
        """Something in place of a password or token, in base64."""
        rng = self.rng
        name = "".join(rng.choices(string.ascii_lowercase, k=8))
        raw = rng.choice((b"", b":", rng.randbytes(50), f"{name}:secret99".encode(), b"\xff:\xff"))
        return base64.b64encode(raw).decode() if rng.random() < 0.9 else "*not base64*"

    def free(self, name: str) -> Any:
        """A free-form value; private ones bear the author's mark."""
        rng = self.rng
        if name == "private":
            return {"comment": f"{self.mark} secret", "arch": rng.random() < 0.5}
        choices: list[Any] = [
            "\u2421",
            {"fn": "Somebody", "note": rng.choice(TEXTS)},
            {"txt": "bold", "fmt": [{"at": rng.choice(NUMBERS), "len": 4, "tp": "ST"}]},
            ":" + str(rng.randrange(9)),
            rng.choice(WORDS),
            f"{rng.choice(WORDS)},{rng.choice(WORDS)}",
            rng.choice(NUMBERS),
            [[]] * 3,
        ]
        return rng.choice(choices)

    def hostile(self) -> Any:
        """Something of any type."""
        rng = self.rng
        nested: Any = 1
        for _ in range(rng.choice((3, 60, 2000, 9990, 12_000))):
            nested = [nested]
        many = {str(i): i for i in range(200)}
        return rng.choice((None, True, 1e308, rng.choice(TEXTS), rng.choice(NUMBERS), nested, many))

    # --- bytes -------------------------------------------------------------------------------

    def mutated(self, text: bytes) -> bytes:
        """`text` with some damage."""
        rng = self.rng
        raw = bytearray(text)
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(raw) + 1)
            match rng.randrange(6):
                case 0:
                    raw[at : at + 1] = rng.randbytes(1)
                case 1:
                    del raw[at:]
                case 2:
                    raw[at:at] = raw[: rng.randrange(len(raw) + 1)]
                case 3:
                    raw[at : at + rng.randrange(9)] = b""
                case 4:
                    raw[-1:] = b"," + raw[1:]  # every packet twice: objects are merged
                case _:
                    raw[at:at] = rng.choice((b"\xff", b"null", b'"\\ud83d"', b"}", b"1e999", b"\n"))
        return bytes(raw[:200_000])


def encoded(packet: Any) -> bytes:
    """JSON as hostile clients write it: lone surrogates and huge numbers included."""
    try:
        return msgspec.json.encode(packet)
    except (UnicodeEncodeError, OverflowError, RecursionError, ValueError):
        pass
    try:
        return json.dumps(packet).encode()
    except RecursionError:
        return b"[" * 100_000
