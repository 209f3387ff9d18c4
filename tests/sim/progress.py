"""How far it is: one line that changes on a terminal, a line now and then in a log."""

import time
from collections.abc import Callable
from typing import TextIO

LOG_S = 10.0  # between two lines in a log
LINE_S = 0.5  # between two changes of the line on a terminal
_CLEAR = "\r\x1b[K"


class Progress:
    """Counts what is done and tells it."""

    def __init__(
        self, out: TextIO, total: int, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._out, self._total, self._now_s = out, total, now_s
        self._line = out.isatty()
        self._began_s = self._told_s = now_s()
        self.done = 0
        self.failed: list[int] = []

    def count(self, failed: int | None = None) -> None:
        """One more is done; `failed`: which one it was, if it failed."""
        self.done += 1
        if failed is not None:
            self.failed.append(failed)
        if self._now_s() - self._told_s >= (LINE_S if self._line else LOG_S):
            self._told_s = self._now_s()
            self._tell()

    def say(self, text: str) -> None:
        """Print lines between those that tell how far it is."""
        print(_CLEAR * self._line + text, file=self._out, flush=True)

    def _tell(self) -> None:
        rest_s = (self._now_s() - self._began_s) * (self._total - self.done) / self.done
        far = f"{self.done} of {self._total} seeds, {len(self.failed)} failed"
        far = f"{far}, about {clock(rest_s)} left"
        if self._line:
            print(_CLEAR + far, end="", file=self._out, flush=True)
        else:
            print(far, file=self._out, flush=True)


def clock(seconds: float) -> str:
    """A time as people read it."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
