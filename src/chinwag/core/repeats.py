"""Messages that come again: a client that lost the answer sends its message once more.

A repeat is a message of the same author to the same topic with the same id, head and content
within a bounded time. Somebody who says the same twice uses two ids and is heard twice.

Only a program that has one id for everything may say the same anew: in a conversation, as an answer
to what somebody else has said, at once, and where its first message was answered on the same
connection. Whatever is not surely that is a repeat.
Source: specification 03, DEFECT D01.
"""

from collections import OrderedDict
from hashlib import blake2b
from typing import Final, NamedTuple

from chinwag.wire import codec
from chinwag.wire.messages import Pub

ONCE: Final = "x-once"  # head key: whatever bears the same value is the same message
ONCE_MS: Final = 86_400_000
ANEW_MS: Final = 2000  # nobody has waited in vain yet: stock clients give up after 5 seconds
RECENT_MAX: Final = 16_384  # messages of one topic that are remembered, however busy it is


class Known(NamedTuple):
    """A message that was accepted."""

    seq: int
    ts_ms: int


class Said(NamedTuple):
    """What one session said last in a topic, and was answered."""

    digest: int | None
    author: str
    ts_ms: int


class Shown(NamedTuple):
    """A message that everybody in a topic was given at `ts_ms`."""

    author: str
    ts_ms: int


def digest(author: str, pub: Pub) -> int | None:
    """What tells `pub` of `author` from any other one in its topic; None: it may not be told.

    Fits a signed 64-bit column.
    """
    if is_once(pub):
        said = codec.encode_value((author, pub.head[ONCE]))  # type: ignore[index]  # it is there
    elif pub.id:
        said = codec.encode_value((author, pub.id, pub.head, pub.content))
    else:
        return None
    return int.from_bytes(blake2b(said, digest_size=8).digest(), "big", signed=True)


def is_once(pub: Pub) -> bool:
    """Whether the client itself names what makes this message the same."""
    return pub.head is not None and ONCE in pub.head


def is_anew(said: Said | None, digest: int | None, newest: Shown | None, now_ms: int) -> bool:
    """Whether a session that speaks now repeats on purpose what it `said`.

    That was answered; `newest`, the newest message of its topic, is somebody else's and was shown
    to the session before it spoke; and it is too early for having waited in vain. What the session
    said in between, or could not have heard, makes it a repeat. None: it was shown nothing.
    """
    return (
        said is not None
        and newest is not None
        and said.digest == digest
        and newest.author != said.author
        and newest.ts_ms <= now_ms < said.ts_ms + ANEW_MS
    )


class Recent:
    """What was accepted in one topic within the last `window_ms`, oldest first.

    At most `most` messages are remembered.
    """

    __slots__ = ("_known", "_most", "_window_ms")

    def __init__(self, window_ms: int, most: int = RECENT_MAX) -> None:
        self._known: OrderedDict[int, Known] = OrderedDict()
        self._window_ms = window_ms
        self._most = most

    def __len__(self) -> int:
        return len(self._known)

    def find(self, digest: int, now_ms: int) -> Known | None:
        """The message with this digest, unless it was too long ago."""
        known = self._known.get(digest)
        return None if known is None or self._is_old(known, now_ms) else known

    def note(self, digest: int, known: Known) -> None:
        """A message was accepted; what is too old or too much is forgotten."""
        if not self._window_ms:
            return
        self._known[digest] = known
        self._known.move_to_end(digest)
        while len(self._known) > self._most or self._is_old(self._oldest(), known.ts_ms):
            self._known.popitem(last=False)

    def _oldest(self) -> Known:
        return next(iter(self._known.values()))

    def _is_old(self, known: Known, now_ms: int) -> bool:
        return known.ts_ms <= now_ms - self._window_ms
