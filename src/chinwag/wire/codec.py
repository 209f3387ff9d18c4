"""The one decoder and the one encoder: bytes to packets and back, timestamps.

`decode` takes what stock clients send on a fast path and only what it cannot read, or what has
upper-case keys, escaped surrogates or the same object twice, through a slow one that folds and
merges keys, drops nulls and mends broken text.
Source: specification 01, paragraph 2.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from itertools import accumulate
from typing import Final, get_args, get_origin

import msgspec
from msgspec import Raw, Struct

from chinwag.wire.messages import ClientMessage, Instant, Packet, ServerMessage

NESTING_MAX: Final = 10_000  # levels of one message; specification 01, paragraph 2.2
# msgspec counts levels against the limit of Python's own calls. Each takes some 350 bytes of the
# stack, of which there are 8 MB: a much higher limit would let deep nesting end the process.
sys.setrecursionlimit(NESTING_MAX + 2000)

_ENCODER = msgspec.json.Encoder()
_FREE = msgspec.json.Decoder()
# Possessive, so that no text takes more than one pass.
_UPPER_KEY = re.compile(rb'"[a-z]*+[A-Z][A-Za-z]*+"\s*+:')
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_LONE_SURROGATE = re.compile(
    r"(?<!\\)((?:\\\\)*)"
    r"(?:(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKETS = b"[]{}"
_NO_BRACKETS = bytes(set(range(256)) - set(_BRACKETS))
_STEPS = {ord(bracket): 1 if bracket in "[{" else -1 for bracket in "[]{}"}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_LINE_ENDS = {ord("\r"): None, ord("\n"): None}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NULL = b"null"


class Malformed(Exception):
    """A message that cannot be read. `id` and `topic` are what could be read of it all the same."""

    def __init__(self, id: str = "", topic: str = "") -> None:
        super().__init__("malformed")
        self.id = id
        self.topic = topic


class Decoded(Struct):
    """A readable message: its envelope and the packet in it that counts, if there is one."""

    envelope: ClientMessage
    packet: Packet | None


def decode(raw: bytes) -> Decoded:
    """The message in `raw`. Raises Malformed.

    An id is reported with the error where one can be read (DEFECT-15).
    Source: specification 01, paragraphs 2.2 and 5.
    """
    if too_deep(raw):
        raise Malformed
    envelope = (None if _odd(raw) else _strict(raw)) or _lenient(raw)
    return Decoded(envelope, envelope.packet())


def _odd(raw: bytes) -> bool:
    """Whether `raw` may have what the fast path would read wrongly."""
    return bool(
        _UPPER_KEY.search(raw)
        or (b"\\u" in raw and _SURROGATE.search(raw))
        or (raw.count(b"{") > 2 and _repeats(_OBJECT_KEY.findall(raw)))  # noqa: PLR2004 - one packet
    )


def _repeats(names: list[bytes]) -> bool:
    return len(set(names)) < len(names)


def too_deep(raw: bytes) -> bool:
    """Whether the JSON text `raw` has more levels than a message may have."""
    if raw.count(b"[") + raw.count(b"{") <= NESTING_MAX:
        return False
    brackets = _STRING.sub(b"", raw).translate(None, _NO_BRACKETS)
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > NESTING_MAX


def _strict(raw: bytes) -> ClientMessage | None:
    try:
        str(raw, "utf-8")  # raw values are passed on unread: they must be text
        return _DECODER.decode(raw)
    except (ValueError, RecursionError):
        return None


def _lenient(raw: bytes) -> ClientMessage:
    """Like `_strict`, but mends the text, folds keys and drops nulls. Raises Malformed."""
    text = _LONE_SURROGATE.sub(_mend, raw.decode("utf-8", "replace")).encode()
    try:
        members = list(_members(text))
    except (ValueError, RecursionError):
        raise Malformed from None
    try:
        return _DECODER.decode(_ENCODER.encode(_fold(members, ClientMessage, {})))
    except (ValueError, RecursionError):
        raise Malformed(*_names(dict(members))) from None


def _mend(match: re.Match[str]) -> str:
    return match[1] + (match[2] or "\\ufffd")


class _Key:
    """A key that equals no other, so that an object can have it twice."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def _key(_kind: type, text: str) -> _Key:
    return _Key(text)


_OBJECT = msgspec.json.Decoder(dict[_Key, Raw], dec_hook=_key)


def _members(text: bytes | Raw) -> Iterator[tuple[str, Raw]]:
    """The members of the JSON object `text` in their order, keys in lower case."""
    for key, value in _OBJECT.decode(text).items():
        yield key.text.lower(), value


def _fold(
    members: Iterable[tuple[str, Raw]], shape: type[Struct], into: dict[str, object]
) -> dict[str, object]:
    """`into`, with `members` in it: of two with one key the last one wins.

    Two objects are merged if `shape` knows the key. Null takes back what came before it.
    """
    kinds = _kinds(shape)
    for key, value in members:
        kind = kinds.get(key)
        if bytes(value) == _NULL and kind is not Raw:
            into.pop(key, None)
        else:
            into[key] = _folded(value, kind, into.get(key))
    return into


@cache
def _kinds(shape: type[Struct]) -> dict[str, object]:
    """The types of the fields of `shape`, by their names in JSON."""
    return {field.encode_name: field.type for field in msgspec.structs.fields(shape)}


def _folded(value: Raw, kind: object, before: object) -> object:
    """`value` of a field of type `kind`, of which `before` has been read already."""
    text = bytes(value)
    if kind is bytes and text[:1] == b'"':
        return _FREE.decode(text).translate(_LINE_ENDS)
    nested, listed = _struct_in(kind)
    if nested is None or text[:1] != (b"[" if listed else b"{"):
        return value
    if not listed:
        return _fold(_members(value), nested, before if isinstance(before, dict) else {})
    items = msgspec.json.decode(value, type=list[Raw])
    return [
        _fold(_members(item), nested, {}) if bytes(item)[:1] == b"{" else item for item in items
    ]


@cache
def _struct_in(kind: object) -> tuple[type[Struct] | None, bool]:
    """The Struct that a field of type `kind` holds, and whether it holds a list of them."""
    for option in (kind, *get_args(kind)):
        if isinstance(option, type) and issubclass(option, Struct):
            return option, get_origin(kind) is list
        if get_origin(option) is list:
            return _struct_in(get_args(option)[0])[0], True
    return None, False


def _object_keys(shape: type[Struct]) -> set[str]:
    """Every key at which objects stand that the protocol knows."""
    found: set[str] = set()
    for key, kind in _kinds(shape).items():
        nested, listed = _struct_in(kind)
        if nested is not None:
            found |= _object_keys(nested) | (set() if listed else {key})
    return found


_OBJECT_KEY = re.compile(
    rb'"(%s)"\s*+:\s*+\{' % b"|".join(sorted(key.encode() for key in _object_keys(ClientMessage)))
)


def _names(members: dict[str, Raw]) -> tuple[str, str]:
    """The id and topic of an unreadable packet, if it has them (DEFECT-15)."""
    for kind in ClientMessage.__struct_encode_fields__:
        value = members.get(kind)
        if kind != "extra" and value is not None and bytes(value).startswith(b"{"):
            inner = dict(_members(value))
            ident, topic = (_text(inner.get(key)) for key in ("id", "topic"))
            return ident, topic if ident else ""
    return "", ""


def _text(value: Raw | None) -> str:
    """A text, or nothing if `value` is none."""
    return _FREE.decode(value) if value is not None and bytes(value).startswith(b'"') else ""


def _instant(kind: type, value: object) -> Instant:
    """What RFC 3339 says, with a point or a comma before the fraction. Raises ValueError."""
    if kind is not Instant or not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise ValueError("no instant")
    at = datetime.fromisoformat(value.replace(",", "."))
    return Instant((at - _EPOCH) // timedelta(milliseconds=1))


_DECODER = msgspec.json.Decoder(ClientMessage, dec_hook=_instant)


def encode(message: ServerMessage) -> bytes:
    """The JSON text of `message`."""
    return _ENCODER.encode(message)


def encode_value(value: object) -> bytes:
    """The JSON text of any value made of JSON types, Raw and Structs."""
    return _ENCODER.encode(value)


def stamp(ms: int) -> str:
    """RFC 3339, UTC, always three digits of a second (DEFECT-29).

    Source: specification 01, paragraph 2.4.
    """
    return f"{_second(ms // 1000)}.{ms % 1000:03d}Z"


@lru_cache(maxsize=4096)
def _second(at_s: int) -> str:
    """All but the fraction of a timestamp: the same for everything that happens in a second."""
    return (_EPOCH + timedelta(seconds=at_s)).isoformat()[:19]
