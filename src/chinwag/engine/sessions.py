"""Live sessions by user: to throw somebody out everywhere, or everybody at shutdown."""

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chinwag.engine.session import Session


class Sessions:
    """All sessions of this server, in the order in which they came."""

    def __init__(self) -> None:
        self._all: dict[Session, None] = {}
        self._by_user: defaultdict[str, dict[Session, None]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._all)

    def open(self, session: "Session") -> None:
        """A client has connected."""
        self._all[session] = None

    def add(self, session: "Session") -> None:
        """A session has been authenticated; it may have ended while it waited for that."""
        if session not in self._all:
            return
        self._by_user[session.uid][session] = None

    def remove(self, session: "Session") -> None:
        """A session has ended."""
        self._all.pop(session, None)
        own = self._by_user.get(session.uid)
        if own is not None:
            own.pop(session, None)
            if not own:
                del self._by_user[session.uid]

    def of(self, uid: str) -> "set[Session]":
        """The live sessions of `uid`."""
        return set(self._by_user.get(uid, ()))

    def evict(self, uid: str, *, keep: "Session | None" = None) -> None:
        """Throw `uid` out of all sessions but `keep`."""
        for session in list(self._by_user.get(uid, ())):
            if session is not keep:
                session.evict()

    def shut_down(self) -> None:
        """Tell every client that the server goes down."""
        for session in list(self._all):
            session.shutdown()
