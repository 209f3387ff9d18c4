"""How far a long task is, for people who wait for it."""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self, TextIO

REFRESH_S: Final = 0.1
_WIDTH: Final = 78


class Progress:
    """On a terminal a line that is written over and over; elsewhere a line for what is done."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = sys.stderr if out is None else out
        self._alive = self._out.isatty()
        self._shown_s: float | None = None

    def of(self, what: str) -> Callable[[int, int], None]:
        """Where somebody tells how much of `what` is done, and of how much; 0: not known."""

        def watch(done: int, total: int) -> None:
            now_s = time.monotonic()
            recent = self._shown_s is not None and now_s - self._shown_s < REFRESH_S
            if self._alive and not recent:
                self._shown_s = now_s
                share = f" of {total:,} ({100 * done // total} %)" if total else ""
                self._write(f"\r{f'{what}: {done:,}{share}':{_WIDTH}}"[: _WIDTH + 1])

        return watch

    def done(self, sentence: str) -> None:
        """Something is finished: what, in a line of its own."""
        self._wipe()
        self._write(f"{sentence}\n")

    def _wipe(self) -> None:
        if self._shown_s is not None:
            self._write(f"\r{'':{_WIDTH}}\r")
            self._shown_s = None

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._wipe()
