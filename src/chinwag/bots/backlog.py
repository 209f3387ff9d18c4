"""Which messages of a topic are still to be handled: none is skipped, none comes twice.

Pure: knows no time and no connection.
"""

from typing import Final, NamedTuple

from chinwag.bots.packets import Data

HELD_MAX: Final = 64  # messages that are kept; what is more is asked for again
WINDOW: Final = 50  # messages that are asked for at once; servers give 100 at most


class Window(NamedTuple):
    """Messages to ask the server for: since ≤ seq < before."""

    since: int
    before: int


class Backlog:
    """The messages of one topic behind `handled`."""

    def __init__(self, handled: int) -> None:
        self.handled = handled
        self.newest = handled
        self._held: dict[int, Data | None] = {}  # None: nothing is to be handled there
        self._asked = 0  # what is not here below this number does not exist

    @property
    def empty(self) -> bool:
        """Whether everything is handled."""
        return self.handled >= self.newest

    def hear(self, data: Data) -> None:
        """A message has come, live or asked for."""
        self._hold(data.seq, data)

    def skip(self, seq: int) -> None:
        """The message `seq` is the bot's own."""
        self._hold(seq, None)

    def announce(self, seq: int) -> None:
        """The server says that there is a message `seq`."""
        self.newest = max(self.newest, seq)

    def _hold(self, seq: int, data: Data | None) -> None:
        self.announce(seq)
        if seq > self.handled:
            self._held.setdefault(seq, data)
            if len(self._held) > HELD_MAX:  # the last ones go: they can be asked for later
                del self._held[max(self._held)]

    def next(self) -> Data | Window | None:
        """The next message; or what to ask for, because it is not here; None: all are handled.

        After asking, call `fetched` with what was asked for.
        """
        while not self.empty:
            seq = self.handled + 1
            if (data := self._held.get(seq)) is not None:
                return data
            if seq not in self._held and seq >= self._asked:
                before = min(self._held, default=self.newest + 1)
                return Window(seq, min(before, seq + WINDOW))
            self.done(seq)
        return None

    def fetched(self, window: Window) -> None:
        """The server has sent what there is of `window`; the rest has been deleted."""
        self._asked = max(self._asked, window.before)

    def done(self, seq: int) -> None:
        """The message `seq` is handled."""
        self._held.pop(seq, None)
        self.handled = max(self.handled, seq)
