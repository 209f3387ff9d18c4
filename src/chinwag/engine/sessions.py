"""Live sessions by user: to throw somebody out everywhere, or everybody at shutdown."""

from collections import defaultdict, deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from chinwag.engine.session import Session

EVICTIONS_MAX: Final = 1000  # that are remembered for log-ins that are under way


class Sessions:
    """All sessions of this server, in the order in which they came."""

    def __init__(self) -> None:
        self._all: dict[Session, None] = {}
        self._by_user: defaultdict[str, dict[Session, None]] = defaultdict(dict)
        self._evictions = 0
        self._evicted: deque[str] = deque(maxlen=EVICTIONS_MAX)

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
        """Throw `uid` out of all sessions but `keep`; log-ins under way come to nothing."""
        self._evictions += 1
        self._evicted.append(uid)
        for session in list(self._by_user.get(uid, ())):
            if session is not keep:
                session.evict()

    @property
    def moment(self) -> int:
        """How often anybody has been thrown out, for `evicted_since`."""
        return self._evictions

    def evicted_since(self, moment: int, uid: str) -> bool:
        """Whether `uid` may have been thrown out after `moment`."""
        recent = self._evictions - moment
        return recent > EVICTIONS_MAX or uid in list(self._evicted)[len(self._evicted) - recent :]

    def shut_down(self) -> None:
        """Tell every client that the server goes down."""
        for session in list(self._all):
            session.shutdown()
