"""Live sessions: how many there may be, and those of one user, to throw them out everywhere."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from chinwag.core.pace import Pace
from chinwag.core.rates import Rates
from chinwag.engine.greetings import Greetings
from chinwag.engine.guard import origin_of

if TYPE_CHECKING:
    from chinwag.engine.session import Session

EVICTIONS_MAX: Final = 1000  # that are remembered for log-ins that are under way
SESSIONS_MAX: Final = 100_000


class Sessions:
    """All sessions of this server, in the order in which they came.

    Strangers are those on which nobody has logged in.
    """

    def __init__(self, rates: Rates | None = None, sessions_max: int = SESSIONS_MAX) -> None:
        self.rates = rates or Rates()
        self._sessions_max = sessions_max
        self._all: dict[Session, str] = {}  # each with its origin
        self._strangers: dict[Session, None] = {}
        self._from: Counter[str] = Counter()  # sessions by origin
        self._strangers_from: Counter[str] = Counter()
        self._by_user: defaultdict[str, dict[Session, None]] = defaultdict(dict)
        self._changing: Counter[str] = Counter()
        self._evictions = 0
        self._evicted: deque[str] = deque(maxlen=EVICTIONS_MAX)
        self._paces: dict[str, Pace] = {}  # by user, as long as there is a session
        self.greetings = Greetings(self.rates.greeting_s)

    def __len__(self) -> int:
        return len(self._all)

    def admits(self, address: str) -> bool:
        """Whether there is room for one more client from `address`."""
        if len(self._all) >= self._sessions_max:
            return False
        origin, rates = origin_of(address), self.rates
        return not origin or (
            self._from[origin] < rates.address_connections_max
            and self._strangers_from[origin] < rates.address_strangers_max
        )

    def open(self, session: "Session") -> None:
        """A client has connected."""
        origin = origin_of(session.peer.remote_addr)
        self._all[session] = origin
        self._strangers[session] = None
        self._from[origin] += 1
        self._strangers_from[origin] += 1
        if len(self._strangers) > self.rates.strangers_max:
            oldest = next(iter(self._strangers))
            self._no_stranger(oldest)
            oldest.dismiss()

    def add(self, session: "Session") -> Pace | None:
        """A session has been authenticated; the pace it shares with all others of its user.

        None: it has ended while it waited for that.
        """
        if session not in self._all:
            return None
        self._no_stranger(session)
        self._by_user[session.uid][session] = None
        if session.uid not in self._paces:
            self._paces[session.uid] = Pace(self.rates, self.rates.account_times)
        return self._paces[session.uid]

    def remove(self, session: "Session") -> None:
        """A session has ended."""
        self.greetings.forget(session)
        self._no_stranger(session)
        origin = self._all.pop(session, None)
        if origin is not None:
            _take_one(self._from, origin)
        own = self._by_user.get(session.uid)
        if own is not None:
            own.pop(session, None)
            if not own:
                del self._by_user[session.uid]
                self._paces.pop(session.uid, None)

    def _no_stranger(self, session: "Session") -> None:
        if session in self._strangers:
            del self._strangers[session]
            _take_one(self._strangers_from, self._all[session])

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

    def evict_token(self, uid: str, token: str) -> None:
        """Throw a bot out of the sessions that have the token `token`, likewise."""
        self._evictions += 1
        self._evicted.append(uid)
        for session in list(self._by_user.get(uid, ())):
            if session.scope is not None and session.scope.token == token:
                session.evict()

    @contextmanager
    def changing(self, uid: str) -> Iterator[None]:
        """While `uid` changes nobody logs in: their tokens would outlive those that end."""
        self._changing[uid] += 1
        try:
            yield
        finally:
            _take_one(self._changing, uid)

    @property
    def moment(self) -> int:
        """How often anybody has been thrown out, for `evicted_since`."""
        return self._evictions

    def evicted_since(self, moment: int, uid: str) -> bool:
        """Whether `uid` may have been thrown out after `moment`, or is about to be."""
        if uid in self._changing:
            return True
        recent = self._evictions - moment
        return recent > EVICTIONS_MAX or uid in list(self._evicted)[len(self._evicted) - recent :]

    def shut_down(self) -> None:
        """Tell every client that the server goes down."""
        for session in list(self._all):
            session.shutdown()


def _take_one(counter: Counter[str], key: str) -> None:
    """One less; what is at nothing takes no room."""
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
