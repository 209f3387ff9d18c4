"""The WebSocket parser beside two others. Source: RFC 6455; specification 01, paragraph 3.1."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from websockets.exceptions import ProtocolError
from websockets.frames import CTRL_OPCODES, Close, Frame
from websockets.protocol import OPEN, Protocol, Side
from wsproto.frame_protocol import FrameProtocol, Opcode, ParseFailed

from chinwag.transports import frames
from chinwag.transports.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Event,
    Parser,
    Violation,
    close_code,
)

SIZE_MAX = 70_000
SMALL_MAX = 200

Heard = tuple[list[Event], int]
"""Whole messages and control frames, and the code with which it ended; 0: it goes on."""


@dataclass(frozen=True)
class Sent:
    """One frame as a client writes it."""

    first: int  # FIN, reserved bits, opcode
    payload: bytes
    mask: bytes | None = b"\x01\x80\xff\x00"

    def __bytes__(self) -> bytes:
        size = len(self.payload)
        short = min(size, 126 if size < 1 << 16 else 127) if size > 125 else size
        head = bytes((self.first, short | (0x80 if self.mask else 0)))
        if short > 125:
            head += size.to_bytes(2 if short == 126 else 8, "big")
        if self.mask is None:
            return head + self.payload
        masked = bytes(b ^ self.mask[i % 4] for i, b in enumerate(self.payload))
        return head + self.mask + masked


# --- what clients send ----------------------------------------------------------------------

MASKS = st.binary(min_size=4, max_size=4)
SHORT = st.binary(max_size=30)
CONTROL = st.builds(Sent, st.sampled_from([0x80 | PING, 0x80 | PONG]), SHORT, MASKS)
LONG = st.sampled_from([125, 126, 127, 65535, 65536]).map(lambda size: b"x" * size)


@st.composite
def messages(draw: st.DrawFn) -> list[Sent]:
    """One message in up to four fragments, with control frames between them."""
    kind = draw(st.sampled_from([TEXT, BINARY]))
    payload = draw(st.text(max_size=20)).encode() if kind == TEXT else draw(SHORT | LONG)
    cuts = sorted(draw(st.lists(st.integers(0, len(payload)), max_size=3)))
    pieces = [payload[a:b] for a, b in zip([0, *cuts], [*cuts, len(payload)], strict=True)]
    sent: list[Sent] = []
    for number, piece in enumerate(pieces):
        opcode = kind if number == 0 else CONTINUATION
        fin = 0x80 if number == len(pieces) - 1 else 0
        sent += [Sent(fin | opcode, piece, draw(MASKS)), *draw(st.lists(CONTROL, max_size=1))]
    return sent


CODES = st.integers(0, 65535) | st.integers(995, 1020) | st.sampled_from([2999, 3000, 4999, 5000])
CLOSES = st.one_of(
    st.binary(max_size=1),
    st.builds(
        lambda code, reason: code.to_bytes(2, "big") + reason.encode(), CODES, st.text(max_size=20)
    ),
    st.builds(lambda reason: b"\x03\xe8" + reason, st.binary(max_size=5)),
).map(lambda payload: Sent(0x80 | CLOSE, payload))
ASCII = st.text("xyz", max_size=9).map(str.encode)
BROKEN = st.one_of(
    st.builds(Sent, st.integers(0, 255), ASCII, MASKS),  # any opcode, reserved bits, fragments
    st.builds(Sent, st.just(0x80 | TEXT), ASCII, st.none()),
    st.builds(Sent, st.sampled_from([0x80 | PING, 0x80 | CLOSE]), st.just(b"x" * 126), MASKS),
)
CONVERSATIONS = st.builds(
    lambda whole, last: [sent for message in whole for sent in message] + last,
    st.lists(messages(), max_size=4),
    st.lists(CLOSES | BROKEN, max_size=1),
)


def chunks(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    """`data` as it may arrive."""
    at = 0
    for size in sizes:
        yield data[at : at + size]
        at += size
    yield data[at:]


# --- three readers --------------------------------------------------------------------------


def ours(parts: Iterator[bytes], size_max: int = SIZE_MAX) -> Heard:
    """What Chinwag hears."""
    events: list[Event] = []
    try:
        for kind, payload in chain.from_iterable(map(Parser(size_max).feed, parts)):
            if kind == CLOSE:
                return events, close_code(payload)
            events.append((kind, payload))
    except Violation as violation:
        return events, violation.code
    return events, 0


def wsproto(data: bytes) -> Heard:
    """What wsproto hears."""
    protocol = FrameProtocol(client=False, extensions=[])
    protocol.receive_bytes(data)
    events: list[Event] = []
    parts: list[Any] = []
    try:
        for frame in protocol.received_frames():
            if frame.opcode is Opcode.CLOSE:
                code = int(frame.payload[0])
                return events, 1000 if code == 1005 else code
            if frame.opcode.iscontrol():
                assert isinstance(frame.payload, bytes)
                events.append((int(frame.opcode), frame.payload))
                continue
            parts.append(frame.payload)
            if frame.message_finished:
                payload = parts[0][:0].join(parts)
                events.append(
                    (int(frame.opcode), payload.encode() if payload[:0] == "" else payload)
                )
                parts.clear()
    except ParseFailed as failure:
        return events, int(failure.code)
    return events, 0


def websockets(data: bytes) -> Heard:
    """What websockets hears."""
    protocol = Protocol(Side.SERVER, state=OPEN, max_size=None)
    protocol.receive_data(data)
    events: list[Event] = []
    kind, parts = 0, b""
    for frame in protocol.events_received():
        assert isinstance(frame, Frame)
        if frame.opcode == CLOSE:
            continue
        if frame.opcode in CTRL_OPCODES:
            events.append((int(frame.opcode), bytes(frame.data)))
            continue
        kind = kind if frame.opcode == CONTINUATION else int(frame.opcode)
        parts += frame.data
        if frame.fin:
            events.append((kind, parts))
            parts = b""
    sent = protocol.close_sent
    code = 0 if sent is None else int(sent.code)
    return events, 1000 if code == 1005 else code


# --- properties -----------------------------------------------------------------------------


@given(CONVERSATIONS, st.lists(st.integers(1, 40), max_size=30))
def test_we_hear_what_others_hear(sent: list[Sent], sizes: list[int]) -> None:
    """Fragments, control frames between them, masks, lengths, closes and broken frames."""
    data = b"".join(map(bytes, sent))
    heard = ours(chunks(data, sizes))
    assert heard == websockets(data)
    assert heard == wsproto(data)


@given(st.binary(max_size=60), st.lists(st.integers(1, 9), max_size=9))
@example(b"\x81\x80", [])
def test_whatever_arrives_is_taken_or_a_violation(data: bytes, sizes: list[int]) -> None:
    """Nothing else is raised, what was whole before is heard, and nobody else is more lenient."""
    events, code = ours(chunks(data, sizes))
    others, their_code = websockets(data)
    assert events == others[: len(events)]
    if their_code:
        assert code == their_code


@given(messages(), st.integers(0, SMALL_MAX), st.lists(st.integers(1, 40), max_size=9))
def test_a_message_is_bounded_as_a_whole(sent: list[Sent], room: int, sizes: list[int]) -> None:
    """`max_message_size` is inclusive and counts all fragments; control frames do not count."""
    size = sum(len(s.payload) for s in sent if s.first & 0xF < CLOSE)
    events, code = ours(chunks(b"".join(map(bytes, sent)), sizes), size_max=room)
    assert code == (frames.TOO_BIG if size > room else 0)
    assert len(events) == sum(s.first & 0xF >= CLOSE for s in sent) + 1 or code


@given(st.integers(SMALL_MAX + 1, 2**63 - 1), st.booleans())
def test_too_much_is_refused_before_it_arrives(size: int, begun: bool) -> None:
    """A head is enough: nobody makes the server keep more than one message of the largest size."""
    start = bytes(Sent(TEXT, b"")) if begun else b""
    opcode = CONTINUATION if begun else TEXT
    head = bytes((0x80 | opcode, 0x80 | 127)) + size.to_bytes(8, "big")
    assert ours(iter([start + head]), SMALL_MAX) == ([], frames.TOO_BIG)


@given(st.binary(max_size=130) | st.integers(0, 70_000).map(bytes), st.sampled_from([TEXT, PONG]))
def test_others_hear_what_we_send(payload: bytes, opcode: int) -> None:
    """Frames of the server are whole, without a mask, and of minimal length."""
    if opcode == PONG:
        payload = payload[:125]
    data = frames.frame(opcode, payload)
    client = Protocol(Side.CLIENT, state=OPEN, max_size=None)
    client.receive_data(data)
    (event,) = client.events_received()
    assert isinstance(event, Frame)
    assert (event.opcode, bytes(event.data), event.fin) == (opcode, payload, True)
    decoder = FrameProtocol(client=True, extensions=[])
    decoder.receive_bytes(frames.frame(BINARY if opcode == TEXT else opcode, payload))
    (heard,) = decoder.received_frames()
    assert heard.payload == payload


@given(st.sampled_from([1000, 1001, 1002, 1007, 1008, 1009, 1013]), st.text(max_size=200))
def test_others_understand_our_goodbye(code: int, reason: str) -> None:
    """A reason that is too long is cut between two letters."""
    data = frames.close_frame(code, reason)
    client = Protocol(Side.CLIENT, state=OPEN)
    client.receive_data(data)
    assert client.close_rcvd is not None
    assert client.close_rcvd.code == code
    assert reason.startswith(client.close_rcvd.reason)
    assert len(data) <= 127


@given(st.binary(max_size=125))
@example(b"\x03")
@example(b"\x03\xe8\xff")
def test_codes_of_clients(payload: bytes) -> None:
    """The same codes are legal for us as for others."""
    try:
        expected: int | None = Close.parse(payload).code if payload else 1000
    except (ProtocolError, UnicodeDecodeError):
        expected = None
    try:
        found: int | None = close_code(payload)
    except Violation:
        found = None
    assert found == expected


def test_broken_text_is_a_message_all_the_same() -> None:
    """Specification 01, paragraph 2.2: invalid UTF-8 is mended by the codec, not refused."""
    for payload in (b"\xff", b"\xe2\x90", b"\xed\xa0\x80"):
        assert ours(iter([bytes(Sent(0x80 | TEXT, payload))])) == ([(TEXT, payload)], 0)
