"""Subscriptions and topics end: leaving for good, removing somebody, deleting a topic.

Source: specification 02, paragraphs 6, 11.2, 11.3 and 13.
"""

from typing import TYPE_CHECKING

from chinwag.core import describe, ids, membership, rights
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.presence import GONE, MEET
from chinwag.core.state import Member, TopicState
from chinwag.engine import deliver
from chinwag.engine.deliver import Event
from chinwag.engine.ops import announce, attach, call, push, subscription
from chinwag.ports_hooks import Action
from chinwag.store import subs, topics
from chinwag.wire import ctrl
from chinwag.wire.messages import Del

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.topic import Topic


async def unsubscribe(topic: "Topic", state: TopicState, request: "Request") -> None:
    """The acting user gives up the subscription for good; replies."""
    member = membership.decide_unsubscribe(state, state.members.get(request.uid))
    if member.reader:
        await _unsubscribe_reader(topic, state, request)
        return
    await call.part_user(topic, state, member.uid)
    with subscription.doubting(state, member.uid):
        await topic.services.db.run(subs.remove, topic.name, member.uid, request.at_ms)
    _drop(topic, state, member, request.at_ms)
    request.reply(ctrl.OK)
    announce.departure(topic, request, member, actor=request.uid)
    attach.evict(topic, member.uid, unsub=True, skip=request.client)
    if topic.kind is Kind.P2P and _deserted(state):
        await _erase(topic, hard=True)
        _close(topic, request)


async def _unsubscribe_reader(topic: "Topic", state: TopicState, request: "Request") -> None:
    """A channel reader gives the channel up, attached or not: only own sessions learn of it."""
    name = ids.chn_of(topic.name)
    with subscription.doubting(state, request.uid):
        removed = await topic.services.db.run(subs.remove, name, request.uid, request.at_ms)
    if not removed:
        raise Refused(ctrl.NO_ACTION)
    state.readers_count -= 1
    request.reply(ctrl.OK)
    reader = Member(request.uid, 0, 0, reader=True)
    topic.services.hooks.member(Action.DELETE, topic.name, reader)
    event = Event(what=GONE)
    deliver.to_user(topic, request.uid, event, command="rem", skip=request.client, reader=True)
    attach.evict(topic, request.uid, unsub=True, skip=request.client)


def _drop(topic: "Topic", state: TopicState, member: Member, at_ms: int) -> None:
    """Take a departed member out of `state`; a conversation remembers the modes."""
    topic.services.hooks.member(Action.DELETE, topic.name, member)
    topic.hub.marks.drop(topic.name, member.uid)
    if topic.kind is Kind.P2P:
        member.gone = True
        member.read = member.recv = member.clear = 0
        member.updated_ms = at_ms
    else:
        del state.members[member.uid]


def _deserted(state: TopicState, but: str = "") -> bool:
    """Whether nobody is left of a conversation, or nobody but `but`."""
    return all(m.gone or m.uid == but for m in state.members.values())


async def eject(topic: "Topic", state: TopicState, request: "Request") -> None:
    """Serve {del what="sub"} of an attached session."""
    packet = request.packet
    assert isinstance(packet, Del)
    if request.sent.startswith("chn"):
        raise Refused(ctrl.PERMISSION_DENIED if state.is_channel else ctrl.NOT_FOUND)
    actor = describe.live_member(state, request.uid)
    uid = ids.canonical_uid(packet.user) or ""
    target = rights.decide_eject(state, topic.kind, actor, uid)
    given = rights.grant_after_eject(target)
    with subscription.doubting(state, uid):
        await topic.services.db.run(subs.remove, topic.name, uid, request.at_ms, given=given)
    _drop(topic, state, target, request.at_ms)
    request.reply(ctrl.OK)
    announce.departure(topic, request, target, actor=request.uid)
    attach.evict(topic, uid, unsub=True)


# --- topics ---------------------------------------------------------------------------------


async def delete_topic(topic: "Topic", state: TopicState | None, request: "Request") -> None:
    """Serve {del what="topic"}, of whoever."""
    if topic.kind in (Kind.ME, Kind.FND):
        raise Refused(ctrl.PERMISSION_DENIED)  # T29, DEFECT-35
    if state is None:
        raise Refused(ctrl.NO_ACTION)
    if request.sent.startswith("chn") and not state.is_channel:
        raise Refused(ctrl.NOT_FOUND)
    member = describe.live_member(state, request.uid)
    if state.owner == request.uid:
        await _delete_owned(topic, request)
    elif member is not None and topic.kind is Kind.P2P and _deserted(state, but=request.uid):
        await _erase(topic, hard=True)  # the last of the two; nobody else is concerned (T03)
        deliver.to_user(topic, request.uid, Event(what=MEET), command="rem")  # shown to nobody
        request.reply(ctrl.OK)
        _close(topic, request)
    elif member is not None:
        await unsubscribe(topic, state, request)
    elif state.is_channel:
        await _unsubscribe_reader(topic, state, request)
    else:
        raise Refused(ctrl.NO_ACTION)


async def _delete_owned(topic: "Topic", request: "Request") -> None:
    """Everybody who was subscribed is told, the asking session only where it was at work."""
    packet = request.packet
    assert isinstance(packet, Del)
    skip = None if topic.awake else request.client
    everybody = await _erase(topic, hard=packet.hard or topic.kind is Kind.SLF)
    request.reply(ctrl.OK)
    push.channel_gone(topic, [uid for uid, reader in everybody if reader])
    for uid, reader in everybody:
        event = Event(what=GONE)
        deliver.to_user(topic, uid, event, command="rem", skip=skip, reader=reader)
    _close(topic, request)


async def _erase(topic: "Topic", *, hard: bool) -> list[tuple[str, bool]]:
    """Delete the topic in the store; who was subscribed, and whether as a reader."""
    services = topic.services
    now_ms, name = services.clock.now_ms(), topic.name
    assert topic.state is not None
    with subscription.doubting(topic.state, *topic.state.members):
        everybody = await services.db.run(topics.delete, name, hard=hard, now_ms=now_ms)
    services.hooks.topic(Action.DELETE, topic.name, topic.state if topic.awake else None)
    return everybody


def _close(topic: "Topic", request: "Request") -> None:
    """Detach everybody from a deleted topic; all but the asking session are told (T33)."""
    attach.evict_all(topic, told=True, skip=request.client)
    topic.forget_state()
    topic.announced = False
