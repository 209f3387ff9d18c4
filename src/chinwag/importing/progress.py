"""How far a long task has come: a line that changes on a terminal, one line a step elsewhere."""

import time
from typing import Final, TextIO

EVERY_S: Final = 0.2
_WIDTH: Final = 20


class Progress:
    """Tells of one step after the other."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._live = out.isatty()
        self._name, self._total, self._count = "", 0, 0
        self._begun = self._told = time.monotonic()

    def begin(self, name: str, total: int, count: int = 0) -> None:
        """A step has begun; `count` of `total` are there already."""
        self._name, self._total, self._count = name, total, count
        self._begun = self._told = time.monotonic()
        self._first = count

    def advance(self, count: int) -> None:
        """So many more are there."""
        self._count += count
        now = time.monotonic()
        if self._live and now - self._told >= EVERY_S:
            self._told = now
            self._out.write("\r" + self.line())
            self._out.flush()

    def end(self) -> None:
        """The step is done."""
        self._out.write(("\r" if self._live else "") + self.line() + "\n")
        self._out.flush()

    def line(self) -> str:
        """What is told now."""
        share = min(self._count / self._total, 1.0) if self._total else 1.0
        bar = ("#" * int(share * _WIDTH)).ljust(_WIDTH, ".")
        passed = max(time.monotonic() - self._begun, 0.001)
        rate = (self._count - self._first) / passed
        return (
            f"{self._name:14} [{bar}] {self._count:>11,} of {self._total:>11,} {share:>5.0%} "
            f"{rate:>9,.0f}/s"
        )
