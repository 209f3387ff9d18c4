"""Subscriptions into the store and into the state of their topic.

Source: specification 02, paragraphs 5.8 and 7.4.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chinwag.core import ids, membership
from chinwag.core.errors import Refused
from chinwag.core.membership import Change
from chinwag.core.modes import J
from chinwag.core.presence import GONE
from chinwag.core.state import Member, TopicState
from chinwag.engine import deliver
from chinwag.engine.deliver import Event
from chinwag.engine.ops import announce, attach, call
from chinwag.ports_hooks import Action
from chinwag.store import subs
from chinwag.store.db import Unavailable
from chinwag.wire import ctrl

if TYPE_CHECKING:
    from chinwag.engine.topic import Topic


@contextmanager
def doubting(state: TopicState, *uids: str) -> Iterator[None]:
    """While the rights of `uids` are being changed: where the store does not say how that ended.

    What is known of the topic may be shown all the same, but not to them.
    """
    try:
        yield
    except Unavailable:
        for uid in uids:
            if uid in state.members:
                state.members[uid].doubted = True
        raise


async def store_new(topic: "Topic", state: TopicState, change: Change) -> None:
    """Make a new full subscription durable and take it into `state`."""
    member, services = change.member, topic.services
    before = state.members.get(member.uid)
    member.created_ms = member.updated_ms = services.clock.now_ms()
    with doubting(state, member.uid):
        promoted = await _join(topic, topic.name, member)
    if promoted:
        state.readers_count -= 1  # a reader was promoted (T22): the other contact is no more
        deliver.to_user(topic, member.uid, Event(what=GONE), command="rem", reader=True)
    member.private = member.private or None  # only the store knew of an old one to be cleared
    state.members[member.uid] = member
    if before is not None and before.reader:  # the subscription of a reader has ended
        attach.evict(topic, member.uid, unsub=True)
    services.hooks.member(Action.CREATE, topic.name, member)


async def _join(topic: "Topic", name: str, member: Member) -> bool:
    """Store a new subscription; whether it replaces that of a reader. Raises Refused."""
    promoted = await topic.services.db.run(subs.join, name, member, member.created_ms)
    _check(topic, promoted is not None)
    return bool(promoted)


async def store_own(
    topic: "Topic", state: TopicState, change: Change, *, private: bytes | None = None
) -> None:
    """Make a change of modes, ownership or private data durable and take it into `state`."""
    member = change.member
    if not member.eff & J and topic.call is not None:
        await call.part_user(topic, state, member.uid)
        before = state.members[member.uid]
        member.read, member.recv = before.read, before.recv  # the caller has read the end
    services, noted = topic.services, private is not None
    now_ms = services.clock.now_ms()
    if change.transfer:
        others = membership.after_transfer(state, member)
        run, name = services.db.run, topic.name
        with doubting(state, member.uid, *(other.uid for other in others)):
            _check(topic, await run(subs.transfer, name, member, others, now_ms, private=noted))
        _apply_transfer(topic, state, change, others, now_ms)
    else:
        with doubting(state, member.uid):
            await _revise(topic, topic.name, change, now_ms, noted=noted)
    if change.changed or noted:
        member.updated_ms = now_ms
    state.members[member.uid] = member
    if change.changed:
        services.hooks.change(topic.name, change)


async def _revise(topic: "Topic", name: str, change: Change, now_ms: int, *, noted: bool) -> None:
    """Make new modes and a new private note durable, both or neither. Raises Refused."""
    if change.changed or noted:
        stored = await topic.services.db.run(
            subs.revise, name, change.member, now_ms, modes=change.changed, private=noted
        )
        _check(topic, stored)


def _check(topic: "Topic", stored: bool) -> None:
    """See that somebody's account has not ended something of which the topic is yet to hear."""
    if not stored:
        topic.forget_state()
        raise Refused(ctrl.TOPIC_NOT_FOUND)


async def store_reader(
    topic: "Topic", state: TopicState, change: Change, *, private: bytes | None = None
) -> None:
    """Make the subscription of a channel reader durable (T22)."""
    member, hooks = change.member, topic.services.hooks
    name, now_ms = ids.chn_of(topic.name), topic.services.clock.now_ms()
    if change.fresh:
        member.created_ms = member.updated_ms = now_ms
        await _join(topic, name, member)
        member.private = member.private or None
        state.readers_count += 1
        hooks.member(Action.CREATE, topic.name, member)
        return
    with doubting(state, member.uid):
        await _revise(topic, name, change, now_ms, noted=private is not None)
    if change.changed or private is not None:
        member.updated_ms = now_ms
    if member.uid in state.members:
        state.members[member.uid] = member
    hooks.change(topic.name, change)


def _apply_transfer(
    topic: "Topic", state: TopicState, change: Change, others: list[Member], now_ms: int
) -> None:
    """The new owner is in office; the old one is told what was lost (E42)."""
    state.owner = change.member.uid
    for loser in others:
        before = state.members[loser.uid]
        loss = Change(loser, old_want=before.want, old_given=before.given)
        loser.updated_ms = now_ms
        state.members[loser.uid] = loser
        topic.services.hooks.change(topic.name, loss)
        announce.changed(topic, loss, actor=change.member.uid, skip=None)
