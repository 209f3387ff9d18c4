"""The one decoder and the one encoder: bytes to packets and back, timestamps.

`decode` takes what stock clients send on a fast path and only what it cannot read, or what has
upper-case keys, through a slow one that folds keys, drops nulls and mends broken text.
Source: specification 01, paragraph 2.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import get_args, get_origin

import msgspec
from msgspec import Raw, Struct

from chinwag.wire.messages import ClientMessage, Packet, ServerMessage

_DECODER = msgspec.json.Decoder(ClientMessage)
_ENCODER = msgspec.json.Encoder()
_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_FREE = msgspec.json.Decoder()
_UPPER_KEY = re.compile(rb'"[A-Za-z]*[A-Z][A-Za-z]*"\s*:')
_LONE_SURROGATE = re.compile(
    r"(?<!\\)((?:\\\\)*)"
    r"(?:(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
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
    envelope = None if _UPPER_KEY.search(raw) else _strict(raw)
    if envelope is None:
        envelope = _lenient(raw)
    return Decoded(envelope, envelope.packet())


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
        members = _object(text)
    except (ValueError, RecursionError):
        raise Malformed from None
    try:
        return _DECODER.decode(_ENCODER.encode(_fold(members, ClientMessage)))
    except (ValueError, RecursionError):
        raise _named(members) from None


def _mend(match: re.Match[str]) -> str:
    return match[1] + (match[2] or "\\ufffd")


def _object(text: bytes) -> dict[str, Raw]:
    """The members of the JSON object `text` with keys in lower case; nulls are dropped."""
    return {k.lower(): v for k, v in _OBJECT.decode(text).items() if bytes(v) != _NULL}


def _fold(members: dict[str, Raw], shape: type[Struct]) -> dict[str, object]:
    """`members` with the keys of all nested objects that `shape` knows in lower case."""
    fields = {f.encode_name: f.type for f in msgspec.structs.fields(shape)}
    return {k: _folded(v, fields[k]) if k in fields else v for k, v in members.items()}


def _folded(value: Raw, kind: object) -> object:
    nested, listed = _struct_in(kind)
    text = bytes(value).lstrip()
    if nested is None:
        return value
    if not listed:
        return _fold(_object(value), nested) if text[:1] == b"{" else value
    if text[:1] != b"[":
        return value
    items = msgspec.json.decode(value, type=list[Raw])
    return [_fold(_object(item), nested) if bytes(item)[:1] == b"{" else item for item in items]


def _struct_in(kind: object) -> tuple[type[Struct] | None, bool]:
    """The Struct that a field of type `kind` holds, and whether it holds a list of them."""
    for option in (kind, *get_args(kind)):
        if isinstance(option, type) and issubclass(option, Struct):
            return option, get_origin(kind) is list
        if get_origin(option) is list:
            return _struct_in(get_args(option)[0])[0], True
    return None, False


def _named(members: dict[str, Raw]) -> Malformed:
    """The error for an unreadable packet, with its id and topic if it has them (DEFECT-15)."""
    for kind, value in members.items():
        if kind == "extra" or not bytes(value).startswith(b"{"):
            continue
        inner = _object(value)
        ident, topic = (_text(inner.get(key)) for key in ("id", "topic"))
        return Malformed(ident, topic if ident else "")
    return Malformed()


def _text(value: Raw | None) -> str:
    found = None if value is None else _FREE.decode(value)
    return found if isinstance(found, str) else ""


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
    return f"{_second(ms // 1000)}{ms % 1000:03d}Z"


@lru_cache(maxsize=4096)
def _second(at_s: int) -> str:
    """All but the fraction of a timestamp: the same for everything that happens in a second."""
    return (_EPOCH + timedelta(seconds=at_s)).strftime("%Y-%m-%dT%H:%M:%S.")


def instant_ms(at: datetime) -> int:
    """Milliseconds since 1970 of `at`, rounded down."""
    return (at - _EPOCH) // timedelta(milliseconds=1)
