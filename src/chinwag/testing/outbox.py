"""The way to one client, kept in memory."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from chinwag.ports import Frame

LIMIT_BYTES: Final = 1 << 20


class MemoryOutbox:
    """An Outbox with the manners of a real connection; whoever plays the client takes from it."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self.changed: Callable[[], None] | None = None  # called when there is something to react to
        self._waiting: deque[bytes] = deque()
        self.size_bytes = 0  # of what waits
        self.closing = False  # nothing more is taken; the connection ends behind what waits
        self.gone = False  # the connection is no more
        self.overflowed = False  # the client did not read what it got
        self.held = False  # the client is not read from

    def put(self, frame: Frame) -> bool:
        """Queue `frame`; False: the client is gone or too slow."""
        if self.closing or self.gone:
            return False
        self._waiting.append(frame.body)
        self.size_bytes += len(frame.body)
        if self.size_bytes > self._limit_bytes:
            self.overflowed = True
            self.lose()
            return False
        self._tell()
        return True

    def put_all(self, frames: Sequence[Frame]) -> bool:
        """Queue `frames`, likewise."""
        return all(map(self.put, frames))

    def close(self) -> None:
        """Take nothing more; the connection ends when everything has been read."""
        self.closing = True
        self._tell()

    def hold(self, on: bool) -> None:
        """Stop reading from the client, or go on."""
        self.held = on
        self._tell()

    def take(self) -> list[bytes]:
        """What waits for the client."""
        taken = list(self._waiting)
        self._waiting.clear()
        self.size_bytes = 0
        return taken

    def lose(self) -> None:
        """The connection is no more, and what waits with it."""
        self.gone = True
        self.take()
        self._tell()

    def _tell(self) -> None:
        if self.changed is not None:
            self.changed()
