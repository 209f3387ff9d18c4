"""Clients that have connected and said no {hi}: all of them share one timer.

Source: specification 01, DEFECT-07.
"""

import asyncio
from typing import TYPE_CHECKING, Final

from chinwag.engine.topic import Topic

if TYPE_CHECKING:
    from chinwag.engine.session import Session

SWEEP_S: Final = 1.0  # at least, however many deadlines there are


class Greetings:
    """Who has to say {hi}, and until when."""

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._due: dict[Session, float] = {}  # times of the event loop, the next one first
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._due)

    def expect(self, session: "Session") -> None:
        """Let the client go if it does not say {hi} in time."""
        self._due[session] = asyncio.get_running_loop().time() + self._within_s
        if self._timer is None:
            self._timer = Topic.later(self._within_s, self._sweep)

    def forget(self, session: "Session") -> None:
        """The client has said {hi}, or is gone."""
        self._due.pop(session, None)

    def _sweep(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        late = [session for session, due in self._due.items() if due <= now]
        for session in late:
            del self._due[session]
            session.dismiss()
        if self._due:
            wait_s = next(iter(self._due.values())) - now
            self._timer = Topic.later(max(wait_s, SWEEP_S), self._sweep)
