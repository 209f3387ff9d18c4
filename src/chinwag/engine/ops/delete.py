"""{del}: messages and credentials here, topics and subscriptions with the members.

Source: specification 02, paragraph 11; specification 03, paragraphs 4.3 and 7.5.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from chinwag.core import describe, erase, ranges
from chinwag.core.erase import Erasure
from chinwag.core.errors import Refused
from chinwag.core.modes import P, R
from chinwag.core.state import TopicState
from chinwag.engine import deliver
from chinwag.engine.deliver import Event
from chinwag.engine.ops import creds, departure
from chinwag.store import messages
from chinwag.store.db import Conflict
from chinwag.wire import ctrl
from chinwag.wire.messages import Del

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.topic import Topic

DEL = "del"


async def run(topic: "Topic", state: TopicState | None, request: "Request") -> None:
    """Serve one {del}."""
    packet = request.packet
    assert isinstance(packet, Del)
    if packet.what == "topic":
        await departure.delete_topic(topic, state, request)
        return
    if packet.what not in ("", "msg", "sub", "cred"):
        raise Refused(ctrl.MALFORMED)
    if state is None or request.client not in topic.attached:
        raise Refused(ctrl.ATTACH_FIRST)
    match packet.what:
        case "sub":
            await departure.eject(topic, state, request)
        case "cred":
            await creds.remove(topic, state, request)
        case _:
            await _messages(topic, state, request)


async def _messages(topic: "Topic", state: TopicState, request: "Request") -> None:
    packet = request.packet
    assert isinstance(packet, Del)
    if request.sent.startswith("chn"):
        raise Refused(ctrl.NOT_ALLOWED)
    services = topic.services
    member = describe.live_member(state, request.uid)
    erasure = erase.decide(state, member, packet, services.limits, services.clock.now_ms())
    try:
        done = await _store(topic, erasure)
    except Conflict:
        topic.forget_state()
        if await topic.ensure() is None:  # it has ended with somebody's account
            raise Refused(ctrl.TOPIC_NOT_FOUND) from None
        raise
    if not done.ranges:  # nothing is left to delete: no new id, no news (T18)
        request.reply(ctrl.OK, {DEL: state.clear})
        return
    erase.apply(state, done)
    request.reply(ctrl.OK, {DEL: done.id})
    _announce(topic, state, request, done)


async def _store(topic: "Topic", erasure: Erasure) -> Erasure:
    """The erasure as it was done: only what could be deleted."""
    db, name = topic.services.db, topic.name
    if not erasure.ranges:  # a range may name 0 alone
        return erasure
    if not erasure.hard:
        await db.run(messages.hide, name, erasure.uid, erasure.ranges, del_id=erasure.id)
        return erasure
    deleted = await db.run(
        messages.erase,
        name,
        erasure.ranges,
        del_id=erasure.id,
        younger_than_ms=erasure.since_ms,
    )
    return replace(erasure, ranges=deleted)


def _announce(topic: "Topic", state: TopicState, request: "Request", done: Erasure) -> None:
    """Tell everybody who may read, or the author's other devices (E3 to E6)."""
    delseq = tuple(ranges.to_wire(done.ranges))
    here = Event(what=DEL, src=done.uid, clear=done.id, delseq=delseq)
    if done.hard:
        elsewhere = Event(what=DEL, clear=done.id, act=done.uid)
        deliver.on_topic(topic, here, need=R, skip=request.client, readers=True)
        deliver.to_members(topic, elsewhere, need=R, skip=request.client, detached=True)
    elif state.members[done.uid].eff & P:
        own = Event(what=DEL, clear=done.id)
        deliver.on_topic(topic, here, single=done.uid, skip=request.client)
        deliver.to_user(topic, done.uid, own, skip=request.client, detached=True)
