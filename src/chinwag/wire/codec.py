"""The one decoder and the one encoder: bytes to packets and back, timestamps.

`decode` takes what stock clients send on a fast path and only what it cannot read, or what has
upper-case keys or escaped surrogates, through a slow one that folds keys, drops nulls and mends
broken text.
Source: specification 01, paragraph 2.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import get_args, get_origin

import msgspec
from msgspec import Raw, Struct

from chinwag.wire.messages import ClientMessage, Instant, Packet, ServerMessage

_ENCODER = msgspec.json.Encoder()
_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_FREE = msgspec.json.Decoder()
# Possessive, so that no text takes more than one pass.
_UPPER_KEY = re.compile(rb'"[a-z]*+[A-Z][A-Za-z]*+"\s*+:')
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_LONE_SURROGATE = re.compile(
    r"(?<!\\)((?:\\\\)*)"
    r"(?:(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
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
    odd = _UPPER_KEY.search(raw) or (b"\\u" in raw and _SURROGATE.search(raw))
    envelope = (None if odd else _strict(raw)) or _lenient(raw)
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
        raise Malformed(*_names(members)) from None


def _mend(match: re.Match[str]) -> str:
    return match[1] + (match[2] or "\\ufffd")


def _object(text: bytes | Raw) -> dict[str, Raw]:
    """The members of the JSON object `text` with keys in lower case."""
    return {k.lower(): v for k, v in _OBJECT.decode(text).items()}


def _fold(members: dict[str, Raw], shape: type[Struct]) -> dict[str, object]:
    """`members` with all keys that `shape` knows in lower case, and without nulls for absent."""
    kinds = {f.encode_name: f.type for f in msgspec.structs.fields(shape)}
    return {
        key: _folded(value, kinds.get(key))
        for key, value in members.items()
        if bytes(value) != _NULL or kinds.get(key) is Raw
    }


def _folded(value: Raw, kind: object) -> object:
    text = bytes(value)
    if kind is bytes and text[:1] == b'"':
        return _FREE.decode(text).translate(_LINE_ENDS)
    nested, listed = _struct_in(kind)
    if nested is None or text[:1] != (b"[" if listed else b"{"):
        return value
    if not listed:
        return _fold(_object(value), nested)
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


def _names(members: dict[str, Raw]) -> tuple[str, str]:
    """The id and topic of an unreadable packet, if it has them (DEFECT-15)."""
    for kind in ClientMessage.__struct_encode_fields__:
        value = members.get(kind)
        if kind != "extra" and value is not None and bytes(value).startswith(b"{"):
            inner = _object(value)
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
