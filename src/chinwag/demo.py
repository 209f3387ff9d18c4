"""Sample people, groups, a channel and conversations, to look at and to try things with."""

from typing import Final, NamedTuple

import msgspec

from chinwag.accounts import Desk
from chinwag.core import ids, modes
from chinwag.core.state import AuthRecord, Draft, Member, TopicState, User
from chinwag.engine.services import Services
from chinwag.store import auth, messages, subs, topics, users
from chinwag.store.db import Tx

_PEOPLE: Final = {
    "alice": "Alice Johnson",
    "brian": "Brian Smith",
    "carol": "Carol Xmas",
    "dave": "Dave Goliathsson",
    "wang": "王小明",
}
_MINUTE_MS: Final = 60_000
_STRONG: Final = {"txt": "Friday at noon it is", "fmt": [{"at": 0, "len": 6, "tp": "ST"}]}

Line = tuple[str, object]  # who says it, and what: text or Drafty


class _Group(NamedTuple):
    """A group or channel: the first of `people` owns it."""

    name: str
    people: tuple[str, ...]
    lines: tuple[Line, ...]
    readers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


_GROUPS: Final = (
    _Group(
        "Lunch",
        ("alice", "brian", "carol", "wang"),
        (
            ("alice", "Where shall we eat this week?"),
            ("wang", "面馆! The noodle place round the corner."),
            ("brian", "Fine with me."),
            ("alice", _STRONG),
        ),
        tags=("lunch", "food"),
    ),
    _Group(
        "Project Kite",
        ("brian", "alice", "dave"),
        (
            ("brian", "The first build flies. Notes are in the usual place."),
            ("dave", "It pulls to the left in strong wind."),
            ("alice", "I will have a look tomorrow."),
        ),
        tags=("kite",),
    ),
)
_CHANNEL: Final = _Group(
    "Town Crier",
    ("carol",),
    (("carol", "Hear ye: this is a channel. Many read, few write."),),
    readers=("alice", "brian"),
    tags=("news", "towncrier"),
)
_PAIRS: Final[tuple[tuple[str, str, tuple[Line, ...]], ...]] = (
    (
        "alice",
        "brian",
        (
            ("alice", "Hi Brian, is this thing on?"),
            ("brian", "Loud and clear."),
            ("alice", "Then let us invite the others."),
        ),
    ),
    ("alice", "carol", (("carol", "Do you still have my umbrella?"),)),
)


def _password(login: str) -> str:
    return f"{login}123"


async def make_demo(services: Services) -> str:
    """Make the samples unless they are there; the log-ins in words. Raises CannotStart."""
    first = next(iter(_PEOPLE))
    if await services.db.read(auth.by_unique, "basic", first) is None:
        desk = Desk(services)
        people = {
            login: await desk.prepared(login, name, _password(login))
            for login, name in _PEOPLE.items()
        }
        await services.db.run(_Maker(services, people).make)
    pairs = ", ".join(f"{login} / {_password(login)}" for login in _PEOPLE)
    return f"Demo log-ins (name / password): {pairs}"


class _Maker:
    """Fills a database; all of it in one transaction."""

    def __init__(self, services: Services, people: dict[str, tuple[User, AuthRecord]]) -> None:
        self._services = services
        self._people = people
        self._now_ms = services.clock.now_ms() - 60 * _MINUTE_MS
        names = [ids.grp_name(services.entropy.number()) for _ in (*_GROUPS, _CHANNEL)]
        self._groups = list(zip(names, (*_GROUPS, _CHANNEL), strict=True))

    def make(self, tx: Tx) -> None:
        """Store people, groups, the channel and conversations."""
        for user, record in self._people.values():
            users.create(tx, user, private=None, auth=record, now_ms=self._now_ms)
        for name, group in self._groups:
            self._make_group(tx, name, group)
        for one, two, lines in _PAIRS:
            self._make_pair(tx, one, two, lines)

    def _uid(self, login: str) -> str:
        return self._people[login][0].uid

    def _state(self, name: str) -> TopicState:
        return TopicState(name, self._now_ms, self._now_ms, self._now_ms)

    def _make_group(self, tx: Tx, name: str, group: _Group) -> None:
        state = self._state(name)
        state.public = msgspec.json.encode({"fn": group.name})
        state.tags = sorted(group.tags)
        state.is_channel = bool(group.readers)
        state.auth = modes.CHNWRITE if group.readers else modes.PUBLIC
        state.owner = self._uid(group.people[0])
        for login in group.people:
            mode = modes.FULL if login == group.people[0] else modes.PUBLIC
            state.members[self._uid(login)] = Member(self._uid(login), mode, mode)
        topics.create(tx, state)
        for login in group.readers:
            reader = Member(self._uid(login), modes.READER, modes.READER)
            subs.put(tx, ids.chn_of(name), reader, self._now_ms)
        self._say(tx, name, group.lines)

    def _make_pair(self, tx: Tx, one: str, two: str, lines: tuple[Line, ...]) -> None:
        state = self._state(ids.p2p_name(self._uid(one), self._uid(two)))
        mode = modes.cp2p(self._services.limits.p2p_delete)
        for login in (one, two):
            state.members[self._uid(login)] = Member(self._uid(login), mode, mode)
        topics.create(tx, state)
        self._say(tx, state.name, lines)

    def _say(self, tx: Tx, topic: str, lines: tuple[Line, ...]) -> None:
        drafts = [
            Draft(
                topic=topic,
                seq=seq,
                sender=self._uid(login),
                ts_ms=self._now_ms + seq * _MINUTE_MS,
                head=None if isinstance(said, str) else b'{"mime":"text/x-drafty"}',
                content=msgspec.json.encode(said),
                marks=True,
            )
            for seq, (login, said) in enumerate(lines, 1)
        ]
        messages.append(tx, drafts)
