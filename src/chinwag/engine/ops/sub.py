"""{sub}: attach, subscribe, create.

Source: specification 02, paragraph 5.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chinwag.core import card, creation, ids, membership, merge, modes
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.membership import Change, Wish
from chinwag.core.modes import J
from chinwag.core.state import Member, State, TopicState
from chinwag.engine.ops import announce, attach, enlist, get, subscription
from chinwag.ports_hooks import Action
from chinwag.store import subs, topics, users
from chinwag.store.db import Duplicate
from chinwag.wire import ctrl
from chinwag.wire.messages import Sub

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.topic import Topic


@dataclass(slots=True)
class Joined:
    """What a {sub} has come to."""

    change: Change
    created: bool = False  # the topic itself is new
    peer: Member | None = None  # the other party's new subscription


async def run(topic: "Topic", state: TopicState | None, request: "Request") -> None:
    """Serve one {sub}."""
    if request.unattached:
        await enlist.run(topic, state, request)
        return
    client, packet = request.client, request.packet
    assert isinstance(packet, Sub)
    if client.closed:
        return
    if client in topic.attached:
        raise Refused(ctrl.ALREADY_SUBSCRIBED)
    joined = await _join(topic, state, request)
    state = topic.state
    assert state is not None
    member = joined.change.member
    _check_outcome(topic, joined, request)
    entered = bool(member.want & J) and not client.closed  # it may have left in the meantime
    if entered:
        _enter(topic, state, request, member)
    _reply(topic, request, joined)
    if joined.change.reported:
        announce.own(topic, request, joined.change, created=joined.created)
        announce.new(topic, request, joined)
    if entered and topic.kind is not Kind.ME:
        await attach.announce(topic, state, client)
    if packet.get is not None:
        view = ids.view(topic.name, request.uid, member.reader)
        await get.sections(topic, state, request, packet.get, view)
    if client in topic.attached and topic.kind is Kind.ME:  # who is online comes behind the list
        await attach.announce(topic, state, client)


def _check_outcome(topic: "Topic", joined: Joined, request: "Request") -> None:
    """Whoever bans himself is detached everywhere; a banned one is refused (C3, C4)."""
    member = joined.change.member
    if not member.want & J:
        attach.shut_out(topic, member.uid)
    elif not member.given & J:
        if joined.change.changed:
            announce.own(topic, request, joined.change)
        raise Refused(ctrl.PERMISSION_DENIED)


def _enter(topic: "Topic", state: TopicState, request: "Request", member: Member) -> None:
    counted = not request.client.background
    attachment = topic.attachment(request.uid, reader=member.reader, counted=counted)
    attachment.active_ms = request.at_ms
    if member.reader:  # known while attached only (D30)
        state.members[member.uid] = member
    attach.attach(topic, state, request.client, attachment)


def _reply(topic: "Topic", request: "Request", joined: Joined) -> None:
    member = joined.change.member
    view = ids.view(topic.name, request.uid, member.reader)
    params: dict[str, object] = {}
    if joined.change.reported:
        params["acs"] = membership.acs(member)
    if joined.created and view != request.sent:
        params["tmpname"] = request.sent
    request.reply(ctrl.OK, params, topic=view)


# --- the ways in ----------------------------------------------------------------------------


async def _join(topic: "Topic", state: TopicState | None, request: "Request") -> Joined:
    """The subscription behind the attachment, stored and taken into the topic's state.

    What is wrong with the topic is told before what is wrong with the wish (02, paragraph 5.1).
    """
    packet = request.packet
    assert isinstance(packet, Sub)
    note = _private(packet)
    wish = Wish(request.uid, request.level, private=note, now_ms=request.at_ms)
    if ids.is_new(request.sent):
        return await _create_group(topic, request, wish)
    if topic.kind is Kind.P2P:
        return await _join_p2p(topic, state, request, wish)
    if topic.kind is Kind.SLF and state is None:
        return await _create_slf(topic, request, wish)
    if state is None:
        raise Refused(_MISSING.get(topic.kind, ctrl.TOPIC_NOT_FOUND))
    if request.sent.startswith("chn") and not state.is_channel:
        raise Refused(ctrl.NOT_FOUND)
    wish = _with_mode(wish, packet)
    if request.sent.startswith("chn"):
        return await _join_as_reader(topic, state, wish)
    if state.is_channel:
        return await _join_channel(topic, state, wish)
    return await _join_existing(topic, state, wish)


_MISSING = {Kind.ME: ctrl.USER_NOT_FOUND, Kind.FND: ctrl.NOT_FOUND}


def _private(packet: Sub) -> bytes | None:
    """The private data sent along; None: none; CLEARED: there shall be none."""
    desc = packet.set.desc if packet.set else None
    if desc is None or not merge.present(desc.private):
        return None
    return merge.given(bytes(desc.private)) or membership.CLEARED


def _with_mode(wish: Wish, packet: Sub) -> Wish:
    return replace(wish, mode=membership.asked(packet.set.sub if packet.set else None))


async def _join_existing(topic: "Topic", state: TopicState, wish: Wish) -> Joined:
    member = state.members.get(wish.uid)
    limits = topic.services.limits
    if member is not None and not member.reader:
        change = membership.decide_own(state, topic.kind, member, wish, limits)
        await subscription.store_own(topic, state, change, private=wish.private)
        return Joined(change)
    record = await topic.services.db.read(subs.record, topic.name, wish.uid)
    stored = None if record is None else record[0]
    change = membership.decide_join(state, topic.kind, wish, stored, limits)
    await subscription.store_new(topic, state, change)
    return Joined(change)


async def _join_channel(topic: "Topic", state: TopicState, wish: Wish) -> Joined:
    """By the group's name: as a member, else as the reader that one is (T21)."""
    member = state.members.get(wish.uid)
    try:
        joined = await _join_existing(topic, state, wish)
    except Refused:
        if not topic.loaded:  # it is no more
            raise
        known = member or await topic.services.db.read(subs.get, ids.chn_of(topic.name), wish.uid)
        if known is None or (member is not None and not member.reader):
            raise
        return await _join_as_reader(topic, state, wish)
    if member is not None and member.reader:
        attach.evict(topic, wish.uid, unsub=True)  # what was a reader is a member now (T22)
    return joined


async def _join_as_reader(topic: "Topic", state: TopicState, wish: Wish) -> Joined:
    member = state.members.get(wish.uid)
    if member is not None and not member.reader:
        raise Refused(ctrl.USE_OTHER, {"topic": topic.name})
    stored = member or await topic.services.db.read(subs.get, ids.chn_of(topic.name), wish.uid)
    change = membership.decide_reader(state, wish, stored)
    await subscription.store_reader(topic, state, change, private=wish.private)
    change.fresh = change.fresh or member is None  # the reply tells who returns what he may
    return Joined(change)


async def _create_group(topic: "Topic", request: "Request", wish: Wish) -> Joined:
    packet = request.packet
    assert isinstance(packet, Sub)
    state = creation.group(topic.name, packet, wish, topic.services.limits)
    return await _created(topic, request, state, wish)


async def _created(topic: "Topic", request: "Request", state: TopicState, wish: Wish) -> Joined:
    try:
        alias_ns = topic.services.limits.alias_ns
        pictures = card.pictures(state.public, request.files)
        if not await topic.services.db.run(topics.begin, state, pictures, alias_ns):
            raise Refused(ctrl.USER_NOT_FOUND)  # deleted meanwhile
    except Duplicate:  # only an alias can be taken: names are drawn at random (T25)
        raise Refused(ctrl.MALFORMED) from None
    topic.adopt(state)
    topic.services.hooks.topic(Action.CREATE, topic.name, state)
    member = state.members[wish.uid]
    return Joined(Change(member, old_want=0, old_given=0, fresh=True), created=True)


async def _create_slf(topic: "Topic", request: "Request", wish: Wish) -> Joined:
    packet = request.packet
    assert isinstance(packet, Sub)
    wish = _with_mode(wish, packet)
    state = creation.slf(topic.name, packet, wish, topic.services.limits)
    owner = replace(state.members[wish.uid], given=modes.FULL)
    stored = replace(state, auth=modes.NONE, members={wish.uid: owner})
    joined = await _created(topic, request, stored, wish)
    topic.adopt(state)  # the grant is stored in full but counts as JRWDO
    joined.change.member = state.members[wish.uid]
    joined.created = False
    return joined


async def _join_p2p(
    topic: "Topic", state: TopicState | None, request: "Request", wish: Wish
) -> Joined:
    if state is None:
        return await _create_p2p(topic, request, wish)
    assert isinstance(request.packet, Sub)
    wish = _with_mode(wish, request.packet)
    peer = state.members.get(ids.peer_of(topic.name, wish.uid))
    mine = state.members.get(wish.uid)
    if mine is None or mine.gone:
        change = membership.decide_join(state, topic.kind, wish, mine, topic.services.limits)
        await subscription.store_new(topic, state, change)
        joined = Joined(change)
    else:
        joined = await _join_existing(topic, state, wish)
    if peer is None or (peer.gone and peer.want & J):
        topic.departed_peer = ids.peer_of(topic.name, wish.uid)
    return joined


async def _create_p2p(topic: "Topic", request: "Request", wish: Wish) -> Joined:
    packet = request.packet
    assert isinstance(packet, Sub)
    peer_uid = ids.peer_of(topic.name, wish.uid)
    found = await topic.services.db.read(users.many, [wish.uid, peer_uid])
    if len(found) < 2:  # noqa: PLR2004 - a conversation has two parties
        raise Refused(ctrl.USER_NOT_FOUND)
    if found[peer_uid].state is not State.OK:
        raise Refused(ctrl.PERMISSION_DENIED)
    parties = found[wish.uid], found[peer_uid]
    wish = _with_mode(wish, packet)
    state = creation.p2p(topic.name, packet, wish, parties, topic.services.limits)
    joined = await _created(topic, request, state, wish)
    joined.peer = state.members[peer_uid]
    return joined
