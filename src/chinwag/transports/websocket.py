"""One WebSocket connection on the raw transport, and what all connections share.

Output is collected per connection and written once per loop turn; pings and deadlines come from
one sweep for all connections; a client that does not read is closed.
Source: specification 01, paragraphs 3.1 and 4.3; DEFECTs 13, 16 and 17.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from chinwag.ports import Frame, Frames, Receiver
from chinwag.transports import frames
from chinwag.transports.frames import Event, Parser, Violation

log = logging.getLogger(__name__)

SWEEP_S: Final = 1.0
CLOSE_GRACE_S: Final = 2.0
_PING: Final = frames.frame(frames.PING, b"")


class Wheel:
    """What the connections of one listener share: flushing, pings, deadlines."""

    def __init__(self, *, size_max: int, backlog_max: int, ping_s: float, dead_s: float) -> None:
        self.size_max = size_max  # bytes of one message
        self.backlog_max = backlog_max  # unsent bytes of one connection
        self.ping_s = ping_s
        self.dead_s = dead_s
        self.connections: set[WebSocket] = set()
        self.stopping = False  # the server goes away: sessions end because of that
        self.loop = asyncio.get_running_loop()
        self._dirty: list[WebSocket] = []
        self._sweeper = self.loop.call_later(SWEEP_S, self._sweep)
        self._empty: asyncio.Event | None = None  # set when the last connection is gone

    def forget(self, connection: "WebSocket") -> None:
        """`connection` is no more."""
        self.connections.discard(connection)
        if self._empty is not None and not self.connections:
            self._empty.set()

    def flush_soon(self, connection: "WebSocket") -> None:
        """Write what `connection` has collected at the end of this loop turn."""
        if not self._dirty:
            self.loop.call_soon(self._flush)
        self._dirty.append(connection)

    def _flush(self) -> None:
        dirty, self._dirty = self._dirty, []
        for connection in dirty:
            connection.flush()

    def _sweep(self) -> None:
        now = self.loop.time()
        for connection in list(self.connections):
            connection.tick(now)
        self._sweeper = self.loop.call_later(SWEEP_S, self._sweep)

    def stop(self) -> None:
        """No more pings."""
        self._sweeper.cancel()

    async def depart(self, deadline_s: float) -> None:
        """Say goodbye to everybody; who has not answered after `deadline_s` is dropped."""
        for connection in list(self.connections):
            connection.go_away()
        if self.connections:
            self._empty = asyncio.Event()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), deadline_s)
        for connection in list(self.connections):
            connection.drop()
        await asyncio.sleep(0)  # let everybody learn of it
        self.stop()


class WebSocket(asyncio.Protocol):
    """One client's connection; an Outbox for its session."""

    __slots__ = (
        "_closing_at",
        "_collected",
        "_events",
        "_heard_at",
        "_held",
        "_late",
        "_ping_at",
        "_size",
        "_transport",
        "_wheel",
        "parser",
        "receiver",
    )

    def __init__(self, transport: asyncio.Transport, wheel: Wheel) -> None:
        self._transport: asyncio.Transport | None = transport
        self._wheel = wheel
        self.parser = Parser(wheel.size_max)
        self.receiver: Receiver | None = None
        self._collected: list[bytes] = []
        self._size = 0  # bytes collected
        self._heard_at = wheel.loop.time()
        self._ping_at = self._heard_at + wheel.ping_s
        self._closing_at = 0.0  # when Close was sent; 0: the connection is open
        self._held = False  # nothing is taken from the client for now
        self._events: Iterator[Event] | None = None  # what has arrived and is not taken yet
        self._late = b""  # bytes that came although nothing should
        transport.set_write_buffer_limits(high=wheel.backlog_max)
        wheel.connections.add(self)

    # --- Outbox ----------------------------------------------------------------------------

    def put(self, frame: Frame) -> bool:
        """Queue `frame`; False: the client is gone or too slow."""
        return self.put_all(Frames((frame,)))

    def put_all(self, messages: Frames) -> bool:
        """Queue `messages` in their order, likewise."""
        if self._transport is None or self._closing_at:
            return False
        self._collect(*(messages.framed or _framed(messages)))
        if self._size > self._wheel.backlog_max:
            self._too_slow()
            return False
        return True

    def pause_writing(self) -> None:
        """The system does not take any more: too much lies unsent."""
        self._too_slow()

    def _too_slow(self) -> None:
        log.info("slow_client_closed")
        self._abort(frames.TRY_LATER)

    def close(self) -> None:
        """Send what is queued and a Close frame, then drop the connection (DEFECT-17)."""
        self._send_close(frames.GOING_AWAY if self._wheel.stopping else frames.POLICY)

    def go_away(self) -> None:
        """Close because the server stops."""
        self._send_close(frames.GOING_AWAY)

    def drop(self) -> None:
        """End the connection without another word."""
        if self._transport is not None:
            self._transport.abort()

    def hold(self, on: bool) -> None:
        """Stop reading from the client, or go on with what has arrived already."""
        self._held = on
        if self._transport is None or self._transport.is_closing():
            return
        if on:
            self._transport.pause_reading()
        else:
            self._wheel.loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if self._held or self._transport is None:
            return
        if self._events is not None:
            self._take_all(self._events)
        if self._late and not self._held:
            late, self._late = self._late, b""
            self.data_received(late)
        if not (self._held or self._transport is None or self._transport.is_closing()):
            self._transport.resume_reading()

    def _collect(self, parts: list[bytes], size: int) -> None:
        if not self._collected:
            self._wheel.flush_soon(self)
        self._collected += parts
        self._size += size

    def flush(self) -> None:
        """Write what has been collected."""
        collected = self._collected
        if self._transport is not None and collected:
            data = collected[0] if len(collected) == 1 else b"".join(collected)
            collected.clear()
            self._size = 0
            self._transport.write(data)

    def _control(self, frame: bytes) -> None:
        """Queue a frame that is no message, however much lies unsent."""
        self._collect([frame], len(frame))

    def _send_close(self, code: int, reason: str = "") -> None:
        if self._transport is None or self._closing_at:
            return
        self._control(frames.close_frame(code, reason))
        self._closing_at = self._wheel.loop.time()

    def _abort(self, code: int) -> None:
        """Drop a client that does not read; what it has not read is lost, it will resynchronise."""
        self._send_close(code)
        self.flush()
        self.drop()

    # --- asyncio.Protocol ------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Take bytes from the client; any of them show that it lives (DEFECT-16)."""
        self._heard_at = self._wheel.loop.time()
        if self._events is None:
            self._take_all(self.parser.feed(data))
        else:
            self._late += data

    def _take_all(self, events: Iterator[Event]) -> None:
        """Take what has arrived, as far as the session wants it."""
        self._events = events
        try:
            for kind, payload in events:
                self._take(kind, payload)
                if self._held:
                    return
            self._events = None
        except Violation as violation:
            self._events = None
            self._send_close(violation.code, violation.reason)
            self._finish()

    def _take(self, kind: int, payload: bytes) -> None:
        if kind in (frames.TEXT, frames.BINARY):
            if self.receiver is not None and not self._closing_at:
                self.receiver.feed(payload)
        elif kind == frames.PING:
            self._control(frames.frame(frames.PONG, payload))
        elif kind == frames.CLOSE:
            self._send_close(frames.close_code(payload))
            self._finish()

    def _finish(self) -> None:
        """Both sides have said goodbye."""
        self.flush()
        if self._transport is not None:
            self._transport.close()

    def tick(self, now: float) -> None:
        """Ping, or drop a client that has been silent or slow to say goodbye."""
        if self._transport is None:
            return
        if self._held:
            self._heard_at = now  # nobody listens
        overdue = self._closing_at and now - self._closing_at > CLOSE_GRACE_S
        if overdue or now - self._heard_at > self._wheel.dead_s:
            self.drop()
        elif now >= self._ping_at:
            self._ping_at = now + self._wheel.ping_s
            self._control(_PING)

    def eof_received(self) -> bool:
        """The client has closed its side: close ours too."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is no more."""
        self._transport = None
        self._collected = []
        self._events = None
        self._late = b""
        self._wheel.forget(self)
        receiver, self.receiver = self.receiver, None
        if receiver is not None:
            receiver.gone()


def _framed(messages: Frames) -> tuple[list[bytes], int]:
    """`messages` as they go over the wire, made once, and their size."""
    parts = [message.framed or _frame(message) for message in messages]
    messages.framed = parts, sum(map(len, parts))
    return messages.framed


def _frame(message: Frame) -> bytes:
    message.framed = frames.frame(frames.TEXT, message.body)
    return message.framed
