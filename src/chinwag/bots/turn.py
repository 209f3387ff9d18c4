"""One turn of a bot: what a handler sends and remembers while it serves one event.

What is sent bears a key made of the event and a number, so that a turn that is repeated after a
crash sends nothing a second time; what is remembered is kept together with the mark of the event.
"""

import secrets
from collections.abc import Callable
from contextvars import ContextVar

from chinwag.bots.state import State
from chinwag.bots.storage import Change


class Turn:
    """What belongs to the event `key`; the same event has the same key when it comes again."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._said = 0
        self.states: dict[str, State] = {}
        self.extra: list[Change] = []  # what else is kept with the mark
        self.after: list[Callable[[], None]] = []  # what else follows when all is kept
        self.unread: tuple[str, int] | None = None  # topic and seq of what is being served

    def once(self) -> str:
        """The key of the next thing that is sent."""
        self._said += 1
        return f"{self._key}:{self._said}"

    def see(self) -> tuple[str, int] | None:
        """What is to be marked as read now: once, and before the first answer."""
        unread, self.unread = self.unread, None
        return unread

    def changes(self) -> list[Change]:
        """All that must be kept. Raises TypeError where something is no JSON."""
        return [*self.extra, *(c for state in self.states.values() for c in state.changes())]

    def done(self) -> None:
        """All is kept."""
        for follow in self.after:
            follow()

    def revert(self) -> None:
        """The handler has failed: nothing it wanted to remember is kept."""
        self.extra.clear()
        self.after.clear()
        for state in self.states.values():
            state.revert()


current: ContextVar[Turn | None] = ContextVar("turn", default=None)


def once() -> str:
    """A key for something that is sent now: of the current turn, else a fresh one."""
    turn = current.get()
    return turn.once() if turn is not None else secrets.token_urlsafe(12)
