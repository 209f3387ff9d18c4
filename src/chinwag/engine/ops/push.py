"""Devices are told what has happened in a topic: messages, new subscriptions, what was read.

Source: specification 03, paragraph 8.2.
"""

from typing import TYPE_CHECKING, Final

from chinwag.core import notify
from chinwag.core.state import Draft, Member, TopicState
from chinwag.store import pushes

RETRY_S: Final = 5.0  # from one attempt to make up for messages to the next

if TYPE_CHECKING:
    from chinwag.engine.hub import Hub
    from chinwag.engine.topic import Topic


def message(topic: "Topic", draft: Draft, *, late: bool = False) -> None:
    """There is a message; `late`: some may have read it by now."""
    sent = topic.hub.pushes
    if sent.on and topic.state is not None:
        sent.note(notify.message(topic.state, topic.kind, draft, sent.reaches, late=late))


def read(topic: "Topic", member: Member, seq: int, at_ms: int) -> None:
    """Somebody has read the messages up to `seq`: the other devices of that user may know."""
    sent = topic.hub.pushes
    if sent.on and sent.reaches(member.uid):
        sent.note(notify.read(topic.name, member.uid, seq, at_ms, reader=member.reader))


def subscribed(topic: "Topic", uid: str, *, by: str) -> None:
    """`uid` has become a member because of somebody else."""
    sent, state = topic.hub.pushes, topic.state
    member = None if state is None else state.members.get(uid)
    if sent.on and sent.reaches(uid) and member is not None and not member.gone:
        now_ms = topic.services.clock.now_ms()
        sent.note(notify.subscribed(topic.name, [uid], member, by, now_ms))


def joined(topic: "Topic", member: Member) -> None:
    """Somebody has joined a group."""
    sent = topic.hub.pushes
    if sent.on and topic.state is not None:
        now_ms = topic.services.clock.now_ms()
        sent.note(notify.joined(topic.state, member, now_ms, sent.reaches))


def channel_gone(topic: "Topic", readers: list[str]) -> None:
    """A channel is no more."""
    sent = topic.hub.pushes
    uids = [uid for uid in readers if sent.reaches(uid)]
    if sent.on and uids:
        sent.note(notify.channel_gone(topic.name, uids, topic.services.clock.now_ms()))


# --- after a crash --------------------------------------------------------------------------


async def make_up(hub: "Hub") -> None:
    """Let devices be told of messages that an earlier run of the server did not get to (D13)."""
    await hub.pushes.open()
    for name in hub.pushes.behind:
        _see_to(hub, name)


def _see_to(hub: "Hub", name: str) -> None:
    """Make up for the messages of a topic, as often as it takes."""
    if name in hub.pushes.behind and not hub.stopping:
        topic = hub.topic(name)
        topic.do("pushes", _make_up)
        topic.later(RETRY_S, _see_to, hub, name)


async def _make_up(topic: "Topic", state: TopicState | None) -> None:
    sent = topic.hub.pushes
    which = sent.behind.get(topic.name)
    if which is None:
        return
    if state is not None:
        db, since_ms = topic.services.db, sent.since_ms()
        for found in await db.read(pushes.missed, topic.name, which, since_ms):
            message(topic, Draft(topic.name, *found, marks=False), late=True)
    del sent.behind[topic.name]
