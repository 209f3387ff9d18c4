"""The codec against whatever arrives. Source: specification 01, paragraphs 2 and 5."""

import contextlib
import json
import random
from datetime import UTC, datetime, timedelta, timezone
from types import UnionType
from typing import Any, get_args, get_origin

import msgspec
from hypothesis import assume, example, given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec import Raw, Struct

from chinwag.wire import codec
from chinwag.wire.codec import Malformed
from chinwag.wire.messages import ClientMessage, Instant

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INSTANTS_MS = st.integers(-62135596800000, 253402300799999)  # the years 1 to 9999
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)
WORDS = st.sampled_from(["", "me", "new", "grpX", "desc sub", "basic", "\u2421", "JRWPS", "auth"])
PLAIN: dict[object, SearchStrategy[Any]] = {
    str: st.text(max_size=8) | WORDS,
    bool: st.booleans(),
    bytes: st.sampled_from(["", "YWxpY2U=", "YWxp\r\nY2U="]),
    Instant: INSTANTS_MS.map(codec.stamp),
    Raw: JSON,
    type(None): st.none(),
}
Message = dict[str, Any]


def value_of(kind: Any) -> SearchStrategy[Any]:
    """JSON values that a field of type `kind` takes."""
    origin, options = get_origin(kind), get_args(kind)
    if origin is list:
        return st.lists(value_of(options[0]), max_size=3)
    if origin is dict:
        return st.dictionaries(st.text(max_size=5), JSON, max_size=3)
    if origin is UnionType:
        return st.one_of(*(value_of(option) for option in options))
    if kind in PLAIN:
        return PLAIN[kind]
    return packet_of(kind) if isinstance(kind, type) else st.integers(-(2**63), 2**63 - 1)


def packet_of(shape: type[Struct]) -> SearchStrategy[Message]:
    """Objects with some of the members of `shape`."""
    fields = {f.encode_name: value_of(f.type) for f in msgspec.structs.fields(shape)}
    return st.fixed_dictionaries({}, optional=fields)


PACKETS = {f.encode_name: value_of(f.type) for f in msgspec.structs.fields(ClientMessage)}
MESSAGES = st.lists(st.sampled_from(sorted(PACKETS)), min_size=1, max_size=2, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: PACKETS[name] for name in names})
)


def heard(raw: bytes) -> Message | None:
    """What the codec makes of `raw`; None: it is malformed."""
    try:
        decoded = codec.decode(raw)
    except Malformed as error:
        assert error.id or not error.topic  # noqa: PT017 - any other error is a failure, too
        return None
    kind = None if decoded.packet is None else type(decoded.packet).__name__.lower()
    return {"packet": kind, **plain(decoded.envelope)}


def plain(value: Any) -> Any:
    """Python's own types for what was read; all of it is text and JSON, fit to be passed on."""
    if isinstance(value, Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        return {name: plain(item) for name, item in fields.items()}
    if isinstance(value, Raw):
        return json.loads(str(bytes(value), "utf-8")) if bytes(value) else "absent"
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, str):
        value.encode()
    return [plain(item) for item in value] if isinstance(value, list) else value


@given(st.binary())
@example(b"")
@example(b'{"hi":{"id":"\xff"}}')
@example(b'{"hi":{"id":"1"},"hi":{"ver":2},"hi":[{}]}')
@example(b'{"hi":{"id":{"id":{}}},"hi":{"id":{}}}')
@example(b'{"pub":{"content":"\xed\xa0\x80"}}')
@example(b'{"pub":{"content":"\\ud800"}}')
def test_no_bytes_break_the_decoder(raw: bytes) -> None:
    heard(raw)


@given(MESSAGES, st.booleans())
def test_every_well_formed_message_is_read(message: Message, ascii_only: bool) -> None:
    """QUIRK-11: the first packet of the envelope counts."""
    found = heard(json.dumps(message, ensure_ascii=ascii_only).encode())
    packets = [name for name in PACKETS if name != "extra" and message.get(name) is not None]
    assert found is not None
    assert found["packet"] == (packets[0] if packets else None)


@given(MESSAGES, st.randoms(use_true_random=False))
def test_upper_case_keys_make_no_difference(message: Message, dice: random.Random) -> None:
    """QUIRK-04: keys that the protocol knows may be in any letter case."""
    loud = json.dumps(shouted(ClientMessage, message, dice)).encode()
    assert heard(loud) == heard(json.dumps(message).encode())


def shouted(kind: Any, value: Any, dice: random.Random) -> Any:
    """`value` with some letters of the keys that `kind` knows in upper case."""
    for option in (kind, *get_args(kind)):
        if get_origin(option) is list and isinstance(value, list):
            return [shouted(get_args(option)[0], item, dice) for item in value]
        if isinstance(option, type) and issubclass(option, Struct) and isinstance(value, dict):
            kinds = {f.encode_name: f.type for f in msgspec.structs.fields(option)}
            return {shout(k, dice): shouted(kinds[k], item, dice) for k, item in value.items()}
    return value


def shout(key: str, dice: random.Random) -> str:
    """`key` with some letters in upper case."""
    return "".join(dice.choice([letter, letter.upper()]) for letter in key)


@given(MESSAGES, st.data())
def test_no_mutation_breaks_the_decoder(message: Message, data: st.DataObject) -> None:
    """Cut, doubled, overwritten and inserted pieces of messages that were whole."""
    raw = json.dumps(message, ensure_ascii=data.draw(st.booleans())).encode()
    noise = st.binary(max_size=4) | st.sampled_from(
        [b'"', b"\\", b"\\u", b"\\ud800", b"null", b"{", b"}", b"[", b"]", b":", b",", b"1e999"]
    )
    for _ in range(data.draw(st.integers(1, 4))):
        at, end = sorted((data.draw(st.integers(0, len(raw))), data.draw(st.integers(0, len(raw)))))
        piece = data.draw(noise | st.just(raw[at:end]))
        raw = raw[:at] + piece + raw[data.draw(st.sampled_from([at, end])) :]
    heard(raw)


PLACES = [
    "%s",
    '{"hi":%s}',
    '{"HI":%s}',
    '{"hi":{"id":%s}}',
    '{"hi":{"Id":"7","ver":1,"x":%s}}',
    '{"su":{"id":"7","topic":%s,"set":1}}',
    '{"pu":{"id":"7","Content":%s}}',
    '{"pu":{"head":{"a":%s}}}',
    '{"acc":{"cred":[{"Params":%s}]}}',
    '{"extra":%s,"hi":{}}',
]


@given(MESSAGES, st.randoms(use_true_random=False))
def test_an_object_may_come_in_pieces(message: Message, dice: random.Random) -> None:
    """Paragraph 2.2: objects with the same key are merged, at every level the protocol knows."""
    torn = encode_torn(ClientMessage, message, dice)
    assert heard(torn.encode()) == heard(json.dumps(message).encode())


def encode_torn(kind: Any, value: Any, dice: random.Random) -> str:
    """JSON of `value` in which objects that `kind` knows come in up to three pieces."""
    shape = next((o for o in (kind, *get_args(kind)) if is_shape(o)), None)
    if shape is None or not isinstance(value, dict):
        return json.dumps(value)
    kinds = {f.encode_name: f.type for f in msgspec.structs.fields(shape)}
    members = [
        f"{json.dumps(key)}:{encode_torn(kinds[key], piece, dice)}"
        for key, item in value.items()
        for piece in pieces(kinds[key], item, dice)
    ]
    return "{" + ",".join(members) + "}"


def is_shape(kind: Any) -> bool:
    """Whether `kind` is an object that the protocol knows."""
    return isinstance(kind, type) and issubclass(kind, Struct)


def pieces(kind: Any, value: Any, dice: random.Random) -> list[Any]:
    """`value`, or objects that make it up when they are merged."""
    if not isinstance(value, dict) or not any(is_shape(o) for o in (kind, *get_args(kind))):
        return [value]
    parts: list[Message] = [{} for _ in range(dice.randint(1, 3))]
    for key, item in value.items():
        dice.choice(parts)[key] = item
    return parts


@given(st.sampled_from(PLACES), st.sampled_from(["[]", '{"a":}']), st.integers(300, 11_000))
def test_no_depth_breaks_the_decoder(place: str, pair: str, depth: int) -> None:
    """Beyond what a message may have, deep nesting is malformed."""
    nested = pair[:-1] * depth + "1" + pair[-1] * depth
    with contextlib.suppress(Malformed):
        codec.decode(place.replace("%s", nested).encode())


@given(INSTANTS_MS)
def test_stamps_are_read_again(ms: int) -> None:
    """Whole milliseconds survive the way to a client and back."""
    stamp = codec.stamp(ms)
    assert len(stamp) == len("2026-11-23T07:08:24.100Z")
    assert read_instant(stamp) == ms


@given(INSTANTS_MS, st.integers(0, 999), st.integers(-1439, 1439), st.sampled_from(".,"))
def test_instants_of_all_zones(ms: int, micros: int, minutes: int, point: str) -> None:
    """Paragraph 2.4: rounded down to milliseconds, whatever the zone."""
    assume(-62135000000000 < ms < 253402000000000)
    zone = timezone(timedelta(minutes=minutes))
    at = (EPOCH + timedelta(milliseconds=ms, microseconds=micros)).astimezone(zone)
    assert read_instant(at.isoformat(timespec="microseconds").replace(".", point)) == ms


def read_instant(text: str) -> Any:
    """What the codec makes of a point in time."""
    found = heard(f'{{"get":{{"desc":{{"ims":"{text}"}}}}}}'.encode())
    return found and found["get"]["desc"]["ims"]
