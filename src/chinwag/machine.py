"""The machine: its clock and randomness as the server asks for them, and what it may use of it."""

import contextlib
import ctypes
import logging
import resource
import secrets
import time
from datetime import UTC, datetime
from typing import Final

from chinwag.config import CannotStart
from chinwag.ports import Clock
from chinwag.store import checkup
from chinwag.store.db import Db, StoreError

SET_MS: Final = 1_735_689_600_000  # 2025: before it there was no release
STEP_MS: Final = 1000  # what is less is the steering of a clock, and not somebody who sets it
_M_ARENA_MAX: Final = -8  # of mallopt, in the C library of GNU
BEHIND_MS: Final = 5000  # by which the clocks of several machines may differ

log = logging.getLogger(__name__)


class SystemClock:
    """The machine's clock; it never goes backwards.

    If somebody sets the machine's clock back, this one goes on from where it was, until the other
    has been set right or has caught up: it neither jumps nor stands still.
    """

    def __init__(self) -> None:
        self._last_ms = self._ahead_ms = 0
        self._wall_ms, self._ran_ms = _wall_ms(), _ran_ms()

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC, rounded."""
        wall_ms, ran_ms = _wall_ms(), _ran_ms()
        set_by_ms = (wall_ms - self._wall_ms) - (ran_ms - self._ran_ms)
        if abs(set_by_ms) > STEP_MS:
            self._step(set_by_ms)
        self._wall_ms, self._ran_ms = wall_ms, ran_ms
        self._last_ms = max(self._last_ms, wall_ms + self._ahead_ms)
        return self._last_ms

    def _step(self, set_by_ms: int) -> None:
        """Somebody has set the machine's clock."""
        self._ahead_ms = max(0, self._ahead_ms - set_by_ms)
        if set_by_ms < 0:
            log.warning("clock_set_back", extra={"seconds": -set_by_ms // 1000})


def _wall_ms() -> int:
    return (time.time_ns() + 500_000) // 1_000_000


def _ran_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class SystemEntropy:
    """The system's random numbers."""

    def number(self) -> int:
        """A fresh unsigned 64-bit number, never 0."""
        return secrets.randbits(64) or self.number()

    def token(self) -> str:
        """A fresh URL-safe text of 128 random bits."""
        return secrets.token_urlsafe(16)


def check_clock(clock: Clock) -> None:
    """See that somebody has set the machine's clock. Raises CannotStart."""
    now_ms = clock.now_ms()
    if now_ms < SET_MS:
        day = datetime.fromtimestamp(now_ms / 1000, UTC).date()
        raise CannotStart(
            f"The clock of this machine says {day}: "
            "set it right, as with `timedatectl set-ntp true`, and start again."
        )


async def compare_clock(clock: Clock, db: Db) -> None:
    """Say so if the clock is behind what the database holds."""
    try:
        behind_ms = await db.read(checkup.newest_ms) - clock.now_ms()
    except StoreError:  # then there is more to worry about
        return
    if behind_ms > BEHIND_MS:
        log.warning("clock_behind", extra={"seconds": behind_ms // 1000})


def use_one_heap() -> None:
    """Have all threads take memory from one place; call it before there are threads.

    Otherwise each has an arena of its own, and keeps what it once needed: 19 MiB for a thread that
    hashes passwords. The threads here rarely allocate at the same time. Only the C library of GNU
    does it like that, and has the call.
    """
    choose = getattr(ctypes.CDLL(None), "mallopt", None)
    if choose is not None:
        choose(_M_ARENA_MAX, 1)


def open_more_files() -> None:
    """Let the process have as many connections and files open as the system allows at most.

    What it allows at first is often 1,024, for the sake of programs that cannot deal with more.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # some systems allow less than they say
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
