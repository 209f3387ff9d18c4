"""WebSocket frames, server side, without any I/O.

Source: RFC 6455; specification 01, paragraph 3.1.
"""

import struct
from collections.abc import Iterator
from typing import Final

from websockets.speedups import apply_mask

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

NORMAL: Final = 1000
GOING_AWAY: Final = 1001
PROTOCOL_ERROR: Final = 1002
BAD_DATA: Final = 1007
POLICY: Final = 1008
TOO_BIG: Final = 1009
TRY_LATER: Final = 1013

_CONTROL_MAX: Final = 125
_FIN: Final = 0x80
_MASKED: Final = 0x80
_CODES_OPEN: Final = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015), *range(3000, 5000)})


class Violation(Exception):
    """The client broke the protocol: close with `code`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


Event = tuple[int, bytes]
"""What arrived: TEXT or BINARY with a whole message, PING, PONG, or CLOSE with its payload."""


def frame(opcode: int, payload: bytes) -> bytes:
    """One unfragmented frame."""
    size = len(payload)
    if size <= _CONTROL_MAX:
        return bytes((_FIN | opcode, size)) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", _FIN | opcode, 126, size) + payload
    return struct.pack("!BBQ", _FIN | opcode, 127, size) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    """A Close frame."""
    fitting = reason.encode()[: _CONTROL_MAX - 2].decode(errors="ignore")
    return frame(CLOSE, struct.pack("!H", code) + fitting.encode())


def close_code(payload: bytes) -> int:
    """The code of a client's Close, NORMAL if it gives none. Raises Violation."""
    if not payload:
        return NORMAL
    if len(payload) == 1:
        raise Violation(PROTOCOL_ERROR, "bad close")
    code = int.from_bytes(payload[:2], "big")
    if code not in _CODES_OPEN:
        raise Violation(PROTOCOL_ERROR, "bad close code")
    try:
        str(payload[2:], "utf-8")
    except UnicodeDecodeError:
        raise Violation(BAD_DATA, "bad close reason") from None
    return code


class Parser:
    """Takes bytes, gives whole messages and control frames; memory is bounded by `size_max`."""

    __slots__ = ("_buffer", "_kind", "_message", "size_max")

    def __init__(self, size_max: int) -> None:
        self.size_max = size_max
        self._buffer = b""
        self._message: bytearray | None = None  # what is there of a fragmented one
        self._kind = 0

    def feed(self, data: bytes) -> Iterator[Event]:
        """What `data` completes, one after the other. Raises Violation behind what came before it.

        Everything must be taken before more is fed.
        """
        buffer = self._buffer + data if self._buffer else data
        at = 0
        while (head := self._head(buffer, at)) is not None:
            start, size = head
            if len(buffer) < start + size:
                break
            event = self._frame(buffer, at, start, size)
            at = start + size
            if event is not None:
                yield event
        self._buffer = buffer[at:]

    def _head(self, buffer: bytes, at: int) -> tuple[int, int] | None:
        """Where the payload of the frame at `at` begins, and its size; None: not there yet."""
        if len(buffer) < at + 2:
            return None
        first, second = buffer[at], buffer[at + 1]
        self._check(first, second)
        size, start = second & 0x7F, at + 2
        if size > _CONTROL_MAX:
            width = 2 if size == _CONTROL_MAX + 1 else 8
            if len(buffer) < start + width:
                return None
            size = int.from_bytes(buffer[start : start + width], "big")
            start += width
        if first & 0xF < CLOSE and len(self._message or b"") + size > self.size_max:
            raise Violation(TOO_BIG, "")
        return start + 4, size

    def _check(self, first: int, second: int) -> None:
        opcode = first & 0xF
        if first & 0x70:
            raise Violation(PROTOCOL_ERROR, "reserved bits set")
        if not second & _MASKED:
            raise Violation(PROTOCOL_ERROR, "frame is not masked")
        if opcode in (CLOSE, PING, PONG):
            if not first & _FIN or second & 0x7F > _CONTROL_MAX:
                raise Violation(PROTOCOL_ERROR, "bad control frame")
        elif opcode == CONTINUATION:
            if self._message is None:
                raise Violation(PROTOCOL_ERROR, "nothing to continue")
        elif opcode not in (TEXT, BINARY):
            raise Violation(PROTOCOL_ERROR, "unknown opcode")
        elif self._message is not None:
            raise Violation(PROTOCOL_ERROR, "message is not finished")

    def _frame(self, buffer: bytes, at: int, start: int, size: int) -> Event | None:
        first = buffer[at]
        payload = apply_mask(buffer[start : start + size], buffer[start - 4 : start])
        opcode = first & 0xF
        if opcode >= CLOSE:
            return opcode, payload
        if first & _FIN and opcode != CONTINUATION:
            return opcode, payload
        return self._fragment(opcode, payload, last=bool(first & _FIN))

    def _fragment(self, opcode: int, payload: bytes, *, last: bool) -> Event | None:
        if self._message is None:
            self._message, self._kind = bytearray(), opcode
        self._message += payload
        if not last:
            return None
        whole = bytes(self._message)
        self._message = None
        return self._kind, whole
