"""The conversion tables against whatever arrives. Source: specification 06, paragraph 3."""

import contextlib
import json
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec import Raw, Struct

from chinwag.wire import protobuf, protobuf_plugins
from chinwag.wire.codec import Malformed
from chinwag.wire.messages import Acc
from chinwag.wire.pbx import model_pb2 as pb

NOW_MS = 1_767_600_000_123
LATEST_MS = 253_402_300_799_000  # the year 9999
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)
TEXTS = st.text(max_size=8) | st.sampled_from(
    ["", "me", "usrA", "grpA", "basic", "token", "\u2421"]
)
GARBAGE = st.binary(max_size=12) | st.sampled_from(
    [b"{broken", b'"a"b"', b"[" * 200, b"\xe2\x90\xa1"]
)
VALUES = JSON.map(lambda value: json.dumps(value).encode())
SCALARS: dict[int, SearchStrategy[Any]] = {
    FieldDescriptor.TYPE_STRING: TEXTS,
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_INT64: st.integers(-(2**63), 2**63 - 1) | st.integers(0, LATEST_MS),
    FieldDescriptor.TYPE_ENUM: st.integers(-2, 40),  # known ones and others
}


def field_of(field: Any, contents: SearchStrategy[bytes]) -> SearchStrategy[Any]:
    """Values for a field, as constructors take them."""
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return st.dictionaries(st.text(max_size=5), contents, max_size=3)
    one: SearchStrategy[Any]
    if field.message_type is not None:
        one = fields_of(field.message_type, contents)
    elif field.type == FieldDescriptor.TYPE_BYTES:
        one = contents
    else:
        one = SCALARS[field.type]
    return st.lists(one, max_size=3) if field.is_repeated else one


def fields_of(shape: Descriptor, contents: SearchStrategy[bytes]) -> SearchStrategy[dict[str, Any]]:
    """Some of the fields of a message; its `bytes` are taken from `contents`."""
    fields = {field.name: field_of(field, contents) for field in shape.fields}
    return st.fixed_dictionaries({}, optional=fields)


def message_of(shape: type[Message], contents: SearchStrategy[bytes]) -> SearchStrategy[Any]:
    """Messages of type `shape`, at most one of those that exclude one another."""
    oneof = shape.DESCRIPTOR.oneofs_by_name["Message"].fields
    others = [f for f in shape.DESCRIPTOR.fields if f.containing_oneof is None]
    extra = st.fixed_dictionaries({}, optional={f.name: field_of(f, contents) for f in others})
    kinds = st.one_of(*(st.fixed_dictionaries({f.name: field_of(f, contents)}) for f in oneof))
    return st.builds(lambda kind, more: shape(**kind, **more), kinds, extra)


SAID = message_of(pb.ClientMsg, VALUES)
GARBLED = message_of(pb.ClientMsg, GARBAGE)
ANSWERS = message_of(pb.ServerMsg, VALUES)


@given(st.binary(max_size=200))
@example(b"\xff" * 10)
@example(b"\x32\x80\x80\x80\x80\x08")  # a length beyond the end
def test_bytes_are_a_packet_or_malformed(raw: bytes) -> None:
    with contextlib.suppress(Malformed):
        protobuf.decode(raw)


def refused(raw: bytes) -> str:
    """The id of the request that is malformed; empty: none is, or it has none."""
    try:
        protobuf.decode(raw)
    except Malformed as malformed:
        return malformed.id
    return ""


@given(GARBLED)
def test_garbage_in_bytes_is_refused_with_the_id(sent: pb.ClientMsg) -> None:
    """DEFECT 06-08: it is never taken for nothing, and never ends anything."""
    body = getattr(sent, sent.WhichOneof("Message") or "hi")
    assert refused(sent.SerializeToString()) in ("", getattr(body, "id", ""))


@given(st.data(), SAID)
def test_what_is_cut_or_changed_on_the_way_is_survived(data: st.DataObject, sent: Any) -> None:
    raw = bytearray(sent.SerializeToString())
    if raw:
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] = data.draw(st.integers(0, 255))
        del raw[data.draw(st.integers(at, len(raw))) :]
    with contextlib.suppress(Malformed):
        protobuf.decode(bytes(raw))


@given(SAID)
def test_what_a_client_says_is_the_same_for_a_plugin_and_back(sent: pb.ClientMsg) -> None:
    """06 §3.6: to a plug-in, and back as its replacement; a ROOT level is not told (QUIRK)."""
    try:
        decoded = protobuf.decode(sent.SerializeToString())
    except Malformed:
        return
    if decoded.packet is None:
        return
    if isinstance(decoded.packet, Acc) and decoded.packet.authlevel == "root":
        decoded.packet.authlevel = ""
    again = protobuf_plugins.request(decoded.packet, decoded.envelope.extra)
    if again is not None:
        assert meant(protobuf.decode(again.SerializeToString()).packet) == meant(decoded.packet)


def meant(value: object) -> Any:
    """What a packet means, however its JSON is written."""
    match value:
        case Struct():
            return {name: meant(getattr(value, name)) for name in value.__struct_fields__}
        case list():
            return [meant(each) for each in value]
        case Raw():
            return json.loads(bytes(value) or b"null")
        case _:
            return value


@given(ANSWERS)
def test_what_a_plugin_answers_is_the_same_in_json_and_back(answer: pb.ServerMsg) -> None:
    """06 §3.6: an answer becomes JSON, and the protobuf of that the same JSON again."""
    try:
        body = protobuf_plugins.response(answer, NOW_MS)
    except ValueError:  # no JSON, or news of an unknown kind: the plug-in has failed
        return
    if body is None:
        return
    packed = pb.ServerMsg.FromString(protobuf.encode(body))
    again = protobuf_plugins.response(packed, NOW_MS)
    assert again is not None
    assert told(again) == told(body)


def told(body: bytes) -> Any:
    """What a packet says; what is null is not said."""
    return said(json.loads(body))


def said(value: Any) -> Any:
    """`value` without what is null."""
    if isinstance(value, dict):
        return {name: said(each) for name, each in value.items() if each is not None}
    return [said(each) for each in value] if isinstance(value, list) else value
