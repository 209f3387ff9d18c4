"""WebSocket frames. Source: RFC 6455; specification 01, paragraph 3.1."""

import pytest

from chinwag.transports import frames
from chinwag.transports.frames import (
    BAD_DATA,
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PROTOCOL_ERROR,
    TEXT,
    TOO_BIG,
    Event,
    Parser,
    Violation,
    close_code,
)

FIN = 0x80
MASK = b"\x01\x02\x03\x04"


def sent(opcode: int, payload: bytes = b"", *, first: int = FIN) -> bytes:
    """A short frame as a client writes it."""
    masked = bytes(b ^ MASK[i % 4] for i, b in enumerate(payload))
    return bytes((first | opcode, 0x80 | len(payload))) + MASK + masked


def heard(*parts: bytes, size_max: int = 100) -> list[Event]:
    """What a parser makes of data that arrive in `parts`."""
    parser = Parser(size_max)
    return [event for part in parts for event in parser.feed(part)]


def violation(data: bytes) -> int:
    """The code with which `data` closes the connection."""
    with pytest.raises(Violation) as caught:
        heard(data)
    return caught.value.code


def test_text_and_binary_are_messages() -> None:
    """One stock client sends binary frames."""
    data = sent(TEXT, b"1") + sent(BINARY, b"{}")
    assert heard(data) == [(TEXT, b"1"), (BINARY, b"{}")]


def test_a_message_in_fragments_with_a_ping_between() -> None:
    parts = [
        sent(TEXT, b"\xe2", first=0),
        sent(PING, b"?"),
        sent(CONTINUATION, b"", first=0),
        sent(CONTINUATION, b"\x90\xa1"),
    ]
    assert heard(*parts) == [(PING, b"?"), (TEXT, "\u2421".encode())]


def test_bytes_one_by_one() -> None:
    data = sent(TEXT, b"abc") + sent(CLOSE, b"\x03\xe8")
    parts = [data[n : n + 1] for n in range(len(data))]
    assert heard(*parts) == [(TEXT, b"abc"), (CLOSE, b"\x03\xe8")]


def test_lengths_of_two_and_eight_bytes() -> None:
    long = b"\x81\xfe\x00\x7e" + MASK + bytes(126)
    longer = b"\x81\xff" + (126).to_bytes(8, "big") + MASK + bytes(126)
    assert [len(p) for _, p in heard(long, longer, size_max=126)] == [126, 126]


@pytest.mark.parametrize(
    "data",
    [
        b"\x81\x01x",
        sent(TEXT, first=FIN | 0x40),
        sent(0x3),
        sent(0xB),
        sent(CONTINUATION),
        sent(TEXT, first=0) + sent(TEXT),
        sent(PING, first=0),
        b"\x89\xfe\x00\x7e",
    ],
    ids=[
        "unmasked",
        "reserved",
        "opcode",
        "control",
        "orphan",
        "unfinished",
        "fragmented-ping",
        "long-ping",
    ],
)
def test_violations(data: bytes) -> None:
    assert violation(data) == PROTOCOL_ERROR


def test_what_came_before_a_violation_is_heard() -> None:
    parser = Parser(100)
    events = parser.feed(sent(TEXT, b"1") + b"\x81\x00")
    assert next(events) == (TEXT, b"1")
    with pytest.raises(Violation):
        next(events)


def test_the_largest_message() -> None:
    """The limit is inclusive, counts all fragments, and a head is enough to pass it."""
    assert len(heard(sent(TEXT, bytes(60), first=0), sent(CONTINUATION, bytes(40)))) == 1
    assert violation(sent(TEXT, bytes(60), first=0) + sent(CONTINUATION, bytes(41))[:6]) == TOO_BIG
    assert violation(b"\x81\xff" + (2**63).to_bytes(8, "big")) == TOO_BIG
    assert heard(sent(PING, bytes(125)), size_max=10) == [(PING, bytes(125))]


def test_frames_of_the_server() -> None:
    assert frames.frame(TEXT, b"0") == b"\x81\x010"
    assert frames.frame(TEXT, bytes(126))[:4] == b"\x81\x7e\x00\x7e"
    assert frames.frame(TEXT, bytes(65536))[:10] == b"\x81\x7f" + (65536).to_bytes(8, "big")
    assert frames.close_frame(TOO_BIG) == b"\x88\x02\x03\xf1"
    assert frames.close_frame(1008, "\u00e9" * 99)[:2] == b"\x88\x7c"


@pytest.mark.parametrize(
    ("payload", "code"),
    [(b"", 1000), (b"\x03\xe8", 1000), (b"\x03\xf3bye", 1011), (b"\x0f\xa0", 4000)],
)
def test_goodbyes_of_clients(payload: bytes, code: int) -> None:
    assert close_code(payload) == code


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"\x03", PROTOCOL_ERROR),
        (b"\x03\xed", PROTOCOL_ERROR),
        (b"\x00\x00", PROTOCOL_ERROR),
        (b"\x13\x88", PROTOCOL_ERROR),
        (b"\x03\xe8\xff", BAD_DATA),
    ],
)
def test_goodbyes_that_are_wrong(payload: bytes, code: int) -> None:
    """Codes that nobody may send, and a reason that is no text."""
    with pytest.raises(Violation) as caught:
        close_code(payload)
    assert caught.value.code == code
