"""What must hold inside the server whenever a topic has nothing to do."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec, TypeVar

from chinwag.core import ids
from chinwag.core.ids import Kind
from chinwag.core.modes import J, R
from chinwag.core.state import TopicState
from chinwag.engine import load
from chinwag.engine.hub import Hub
from chinwag.engine.request import Request
from chinwag.engine.session import Session
from chinwag.engine.topic import Topic
from chinwag.store import subs
from chinwag.store.db import Tx
from chinwag.testing.db import Disk
from sim.plan import Bounds
from sim.server import Server
from sim.witness import Witness
from stage import differences

OWN = (Kind.ME, Kind.FND, Kind.SLF)
P = ParamSpec("P")
T = TypeVar("T")


class _AtOnce:
    """A Db that reads without waiting."""

    def __init__(self, disk: Disk) -> None:
        self._tx = disk.tx

    async def read(
        self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The result of `fn`."""
        try:
            return fn(self._tx, *args, **kwargs)
        finally:
            self._tx.rollback()


def _now(coro: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing."""
    try:
        coro.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("it waits")


def topics(server: Server, disk: Disk, witness: Witness) -> list[str]:
    """What is wrong with topics that have nothing to do."""
    db: Any = _AtOnce(disk)
    found: list[str] = []
    for topic in server.hub.topics.values():
        if not topic._running:
            found += _alive(topic)
            if (
                topic.loaded
                and topic.state is not None
                and not witness.ends(_people(topic, topic.state))
            ):
                fresh = _now(load.state(db, topic.name, topic.kind))
                load.put_in(fresh, topic.hub.marks.of_topic(topic.name))
                found += _memory(topic, topic.state, fresh, disk)
                found += _attached(topic, topic.state, witness)
    return found


def _people(topic: Topic, state: TopicState) -> set[str]:
    """Who is concerned by a topic."""
    pair = ids.p2p_pair(topic.name) or ()
    own = [ids.owner_uid(topic.name)] if topic.kind in OWN else []
    return {*state.members, *(a.uid for a in topic.attached.values()), *pair, *own}


def _memory(topic: Topic, known: TopicState, fresh: TopicState | None, disk: Disk) -> list[str]:
    """Where memory and store differ."""
    if fresh is None:
        return [f"{topic.name} is known but not stored"]
    strangers = [a.uid for a in topic.attached.values() if a.uid not in known.members]
    if strangers:
        return [f"{strangers} are attached to {topic.name} and not known"]
    for uid, member in known.members.items():
        stored = subs.get(disk.tx, ids.chn_of(topic.name), uid) if member.reader else None
        if stored is not None:
            fresh.members[uid] = replace(stored, reader=True)
    for attachment in topic.attached.values():
        if attachment.uid in fresh.members:
            fresh.members[attachment.uid].online += attachment.counted
    disk.tx.rollback()
    _forgive(topic.kind, known, fresh)
    return differences(_plain(known), _plain(fresh), topic.name)


def _attached(topic: Topic, state: TopicState, witness: Witness) -> list[str]:
    """Who is attached may be, and knows of the newest message."""
    found = []
    for client, attachment in topic.attached.items():
        member = state.members.get(attachment.uid)
        if member is None or not member.eff & J or member.reader != attachment.reader:
            found.append(f"{attachment.uid} may not be attached to {topic.name}")
            continue
        name = ids.chn_of(topic.name) if attachment.reader else topic.name
        sub = witness.ledger.sub(name, attachment.uid)
        if sub is None or not sub.eff & R or not isinstance(client, Session):
            continue
        if witness.untold(client, topic, sub, state.seq):
            found.append(f"{attachment.uid} has missed {state.seq} of {topic.name}")
    return found


def _forgive(kind: Kind, known: TopicState, fresh: TopicState) -> None:
    """What is meant to differ."""
    if kind is Kind.SLF:  # the grant is stored in full but counts as JRWDO
        fresh.auth = known.auth
        for uid, member in fresh.members.items():
            member.given = known.members[uid].given
    if kind is Kind.FND:  # what `me` changes does not concern it
        fresh.updated_ms = fresh.touched_ms = known.updated_ms


def _plain(state: TopicState) -> dict[str, Any]:
    fields = {name: getattr(state, name) for name in TopicState.__slots__}
    fields["members"] = {
        uid: {name: getattr(m, name) for name in m.__slots__} for uid, m in state.members.items()
    }
    return fields


def _alive(topic: Topic) -> list[str]:
    """Who is attached knows it, and a topic without anybody goes to sleep."""
    found = [
        f"{topic.name} keeps a session that does not know it"
        for client in topic.attached
        if client.closed or topic.name not in client.attached
    ]
    kept = topic.hub.topics.get(topic.name) is topic
    if not topic.attached and (topic._timer is None or not kept):
        found.append(f"{topic.name} will never go to sleep")
    return found


def sessions(server: Server) -> list[str]:
    """What is wrong with what sessions believe to be attached to."""
    found = []
    for session in server.sessions._all:
        for name in session.attached:
            topic = server.hub.topics.get(name)
            if topic is None or (not topic._running and session not in topic.attached):
                found.append(f"a session believes to be attached to {name}")
    return found


def queues(hub: Hub, bounds: Bounds) -> list[str]:
    """Which mailboxes are longer than they may be."""
    found = []
    for topic in hub.topics.values():
        if len(topic._mailbox) <= bounds.mailbox:
            continue
        requests = sum(1 for item in topic._mailbox if isinstance(item, Request))
        if requests > bounds.mailbox:
            found.append(f"{requests} requests wait for {topic.name}")
        if len(topic._mailbox) - requests > max(bounds.news, 100):
            found.append(f"{len(topic._mailbox)} news wait for {topic.name}")
    return found


class Reader:
    """A session whose queues are looked at after every message."""

    def __init__(self, session: Session, bounds: Bounds, broken: Callable[[str], None]) -> None:
        self._session, self._bounds, self._broken = session, bounds, broken

    def feed(self, message: bytes) -> None:
        """Take one message."""
        self._session.feed(message)
        for what in queues(self._session.hub, self._bounds):
            self._broken(what)
        waiting = len(self._session._waiting or ())
        if waiting > self._bounds.waiting:
            self._broken(f"{waiting} messages wait for a log-in")

    def gone(self) -> None:
        """The connection is no more."""
        self._session.gone()
