"""Changes of subscriptions: storing them, announcing them, granting, removing, giving up.

Source: specification 02, paragraphs 6, 7, 11.2, 11.3 and 13; specification 03, paragraph 7.5.
"""

from typing import TYPE_CHECKING

from chinwag.core import ids, membership, modes
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.membership import Change, Wish
from chinwag.core.modes import J
from chinwag.core.presence import ACS, GONE, OFF
from chinwag.core.state import Member, State, TopicState
from chinwag.engine import deliver
from chinwag.engine.deliver import Event
from chinwag.engine.ops import announce, attach, call
from chinwag.store import subs, topics, users
from chinwag.wire import ctrl
from chinwag.wire.messages import Del, SetSub

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.topic import Topic

# --- storing --------------------------------------------------------------------------------


async def store_new(topic: "Topic", state: TopicState, change: Change) -> None:
    """Make a new full subscription durable and take it into `state`."""
    member, services = change.member, topic.services
    member.created_ms = member.updated_ms = services.clock.now_ms()
    if await services.db.run(subs.join, topic.name, member, member.created_ms):
        state.readers_count -= 1  # a reader was promoted (T22)
    state.members[member.uid] = member


async def store_own(
    topic: "Topic", state: TopicState, change: Change, *, private: bytes | None = None
) -> None:
    """Make a change of modes, ownership or private data durable and take it into `state`."""
    member = change.member
    if not member.eff & J and topic.call is not None:
        await call.part_user(topic, state, member.uid)
        before = state.members[member.uid]
        member.read, member.recv = before.read, before.recv  # the caller has read the end
    services = topic.services
    now_ms = services.clock.now_ms()
    if change.transfer:
        others = membership.after_transfer(state, member)
        await services.db.run(subs.transfer, topic.name, member, others, now_ms)
        _apply_transfer(topic, state, change, others, now_ms)
    elif change.changed:
        await services.db.run(
            subs.set_modes, topic.name, member.uid, member.want, member.given, now_ms
        )
    if private is not None:
        await services.db.run(subs.set_private, topic.name, member.uid, member.private, now_ms)
    if change.changed or private is not None:
        member.updated_ms = now_ms
    state.members[member.uid] = member


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
        announce.changed(topic, loss, actor=change.member.uid, skip=None)


# --- {set sub} ------------------------------------------------------------------------------


async def change(topic: "Topic", state: TopicState, request: "Request", part: SetSub) -> None:
    """Serve the `sub` part of a {set} from an attached session.

    Source: specification 02, paragraph 7.
    """
    uid = _target(part, request)
    if uid == request.uid:
        await _change_own(topic, state, request, part.mode)
    else:
        await _change_other(topic, state, request, uid, part.mode)


def _target(part: SetSub, request: "Request") -> str:
    if not part.user:
        return request.uid
    uid = ids.canonical_uid(part.user)
    if uid is None:
        raise Refused(ctrl.MALFORMED)
    return uid


async def _change_own(
    topic: "Topic", state: TopicState, request: "Request", mode_text: str
) -> None:
    mode = membership.requested(mode_text)
    member = state.members.get(request.uid)
    if member is None or member.gone:
        raise Refused(ctrl.PERMISSION_DENIED)
    wish = Wish(request.uid, request.level, mode, now_ms=request.at_ms)
    if mode == modes.UNSET:
        raise Refused(ctrl.NOT_MODIFIED)
    if member.reader:
        await _change_reader(topic, state, request, member, wish)
        return
    own = membership.decide_own(state, topic.kind, member, wish, topic.services.limits)
    if not own.changed:
        raise Refused(ctrl.NOT_MODIFIED)
    await store_own(topic, state, own)
    announce.changed(topic, own, actor=request.uid, skip=request.client)
    if not own.member.want & J:
        attach.evict(topic, request.uid, unsub=False)
    request.reply(ctrl.OK, {"acs": membership.acs(own.member)})


async def _change_reader(
    topic: "Topic", state: TopicState, request: "Request", member: Member, wish: Wish
) -> None:
    own = membership.decide_reader(wish, member)
    if not own.changed:
        raise Refused(ctrl.NOT_MODIFIED)
    modes_now = (own.member.want, own.member.given)
    await topic.services.db.run(
        subs.set_modes, ids.chn_of(topic.name), member.uid, *modes_now, request.at_ms
    )
    member.want, member.given, member.updated_ms = *modes_now, request.at_ms
    event = Event(what=ACS, dacs=membership.dacs(own))
    deliver.to_user(topic, member.uid, event, skip=request.client, reader=True)
    request.reply(ctrl.OK, {"acs": membership.acs(member)})


async def change_detached(
    topic: "Topic",
    state: TopicState | None,
    request: "Request",
    mode: str,
    private: bytes | None,
) -> None:
    """Serve a {set} of the own subscription from a session that is not attached.

    `private`: the merged value to store, None: unchanged. The live topic takes part, so memory and
    store agree (T20). Source: specification 02, paragraph 10.4.
    """
    asked = membership.requested(mode)
    name, member = await _own_record(topic, state, request)
    if member is None:
        raise Refused(ctrl.NOT_FOUND)
    if asked != modes.UNSET and (asked ^ member.want) & modes.O:
        raise Refused(ctrl.PERMISSION_DENIED)
    wish = Wish(request.uid, request.level, asked, private, request.at_ms)
    own = _decide_detached(topic, state, member, wish)
    if not own.changed and private is None:
        raise Refused(ctrl.NOT_MODIFIED)
    await _store_detached(topic, state, name, own, private)
    if own.changed and not member.reader:
        announce.changed(topic, own, actor=request.uid, skip=request.client)
    request.reply(ctrl.OK, {"acs": membership.acs(own.member)} if own.changed else None)


async def _own_record(
    topic: "Topic", state: TopicState | None, request: "Request"
) -> tuple[str, Member | None]:
    """The name under which the user's live subscription is stored, and the subscription."""
    full = None if state is None else state.members.get(request.uid)
    if full is not None and not full.reader:
        return topic.name, None if full.gone else full
    if state is not None and state.is_channel:
        name = ids.chn_of(topic.name)
        record = await topic.services.db.read(subs.get, name, request.uid)
        if record is not None:
            record.reader = True
        return name, record
    return topic.name, None


def _decide_detached(
    topic: "Topic", state: TopicState | None, member: Member, wish: Wish
) -> Change:
    if member.reader:
        return membership.decide_reader(wish, member)
    assert state is not None
    if wish.mode == modes.UNSET:  # only the private note: no welcome back for the self-banned
        changed = membership.with_private(member, wish.private)
        return Change(changed, old_want=member.want, old_given=member.given)
    return membership.decide_own(state, topic.kind, member, wish, topic.services.limits)


async def _store_detached(
    topic: "Topic", state: TopicState | None, name: str, own: Change, private: bytes | None
) -> None:
    if state is not None and not own.member.reader:
        await store_own(topic, state, own, private=private)
        return
    db, now_ms = topic.services.db, topic.services.clock.now_ms()
    member = own.member
    if own.changed:
        await db.run(subs.set_modes, name, member.uid, member.want, member.given, now_ms)
    if private is not None:
        await db.run(subs.set_private, name, member.uid, private, now_ms)
    cached = None if state is None else state.members.get(member.uid)
    if cached is not None:
        cached.want, cached.given, cached.private = member.want, member.given, member.private
        cached.updated_ms = now_ms


async def _change_other(
    topic: "Topic", state: TopicState, request: "Request", uid: str, mode_text: str
) -> None:
    limits = topic.services.limits
    actor = topic.member(request.client)
    if request.sent.startswith("chn"):
        raise Refused(ctrl.PERMISSION_DENIED)
    mode = membership.decide_mode_for_other(state, topic.kind, actor, mode_text, limits)
    if topic.kind is Kind.P2P and uid != ids.peer_of(topic.name, request.uid):
        raise Refused(ctrl.PERMISSION_DENIED)  # T04
    target = state.members.get(uid)
    if target is not None and not target.gone and not target.reader:
        granted = membership.decide_grant(state, target, mode)
        await store_own(topic, state, granted)
        _after_grant(topic, request, granted)
    else:
        await _invite(topic, state, request, uid, mode)


def _after_grant(topic: "Topic", request: "Request", granted: Change) -> None:
    target = granted.member
    request.reply(ctrl.OK, {"acs": membership.acs(target), "user": target.uid})
    announce_banned = bool(granted.old_given & J) and not target.given & J
    if announce_banned:
        _announce_ban(topic, request, granted)
    else:
        announce.changed(topic, granted, actor=request.uid, skip=request.client)


def _announce_ban(topic: "Topic", request: "Request", granted: Change) -> None:
    """A banned member is told on the topic, then thrown out, and told again on `me`."""
    uid = granted.member.uid
    was_online = granted.member.online > 0
    dacs = membership.dacs(granted)
    event = Event(what=ACS, src=uid, act=request.uid, dacs=dacs)
    deliver.on_topic(topic, event, need=modes.SHARER, excl=uid, skip=request.client)
    if announce.asks_for_more(granted):
        elsewhere = Event(what=ACS, act=request.uid, tgt=uid, dacs=dacs)
        deliver.to_members(topic, elsewhere, excl=uid, skip=request.client, detached=True)
    deliver.to_target(topic, uid, Event(what=ACS, dacs=dacs))
    attach.evict(topic, uid, unsub=False)
    announce.mute(topic, granted)
    own = Event(what=ACS, act=request.uid, dacs=dacs)
    deliver.to_user(topic, uid, own, skip=request.client, detached=True)
    if was_online and topic.kind is Kind.GRP:
        deliver.on_topic(topic, Event(what=OFF, src=uid), need=modes.R, excl=uid)  # D19


async def _invite(
    topic: "Topic", state: TopicState, request: "Request", uid: str, mode: int
) -> None:
    """Add somebody who is no member. Source: specification 02, paragraph 7.2."""
    services = topic.services
    record = await services.db.read(subs.record, topic.name, uid)
    stored = None if record is None else record[0]
    invited = await services.db.read(users.get, uid)
    if invited is None:
        raise Refused(ctrl.USER_NOT_FOUND)
    if invited.state is not State.OK:
        raise Refused(ctrl.PERMISSION_DENIED)
    new = membership.decide_invite(
        state,
        topic.kind,
        uid,
        mode,
        stored=stored,
        wants=invited.auth,
        limits=services.limits,
        now_ms=request.at_ms,
    )
    promoted = uid in state.members and state.members[uid].reader
    await store_new(topic, state, new)
    if promoted:
        attach.evict(topic, uid, unsub=False)
    request.reply(ctrl.OK, {"acs": membership.acs(new.member), "user": uid})
    announce.changed(topic, new, actor=request.uid, skip=request.client)


# --- leaving and removing -------------------------------------------------------------------


async def unsubscribe(topic: "Topic", state: TopicState, request: "Request") -> None:
    """The acting user gives up the subscription for good; replies.

    Source: specification 02, paragraphs 6 and 13.
    """
    member = membership.decide_unsubscribe(state, state.members.get(request.uid))
    if member.reader:
        await _unsubscribe_reader(topic, state, request, member)
        return
    await call.part_user(topic, state, member.uid)
    await topic.services.db.run(subs.remove, topic.name, member.uid, request.at_ms)
    _drop(topic, state, member, request.at_ms)
    request.reply(ctrl.OK)
    announce.departure(topic, request, member, actor=request.uid)
    attach.evict(topic, member.uid, unsub=True, skip=request.client)
    if topic.kind is Kind.P2P and all(m.gone for m in state.members.values()):
        await _erase(topic)


async def _unsubscribe_reader(
    topic: "Topic", state: TopicState, request: "Request", member: Member
) -> None:
    name = ids.chn_of(topic.name)
    await topic.services.db.run(subs.remove, name, member.uid, request.at_ms)
    state.readers_count -= 1
    request.reply(ctrl.OK)
    event = Event(what=GONE)
    deliver.to_user(topic, member.uid, event, command="rem", skip=request.client, reader=True)
    attach.evict(topic, member.uid, unsub=True, skip=request.client)


def _drop(topic: "Topic", state: TopicState, member: Member, at_ms: int) -> None:
    """Take a departed member out of `state`; a conversation remembers the modes."""
    if topic.kind is Kind.P2P:
        member.gone = True
        member.read = member.recv = member.clear = 0
        member.updated_ms = at_ms
    else:
        del state.members[member.uid]


async def eject(topic: "Topic", state: TopicState | None, request: "Request") -> None:
    """Serve {del what="sub"}. Source: specification 02, paragraph 11.2."""
    packet = request.packet
    assert isinstance(packet, Del)
    if state is None or request.client not in topic.attached:
        raise Refused(ctrl.ATTACH_FIRST)
    if request.sent.startswith("chn"):
        raise Refused(ctrl.PERMISSION_DENIED if state.is_channel else ctrl.NOT_FOUND)
    actor = topic.member(request.client)
    uid = ids.canonical_uid(packet.user) or ""
    target = membership.decide_eject(state, topic.kind, actor, uid)
    given = membership.grant_after_eject(state, target)
    await topic.services.db.run(subs.remove, topic.name, uid, request.at_ms, given=given)
    _drop(topic, state, target, request.at_ms)
    request.reply(ctrl.OK)
    announce.departure(topic, request, target, actor=request.uid)
    attach.evict(topic, uid, unsub=True)


async def delete_topic(topic: "Topic", state: TopicState | None, request: "Request") -> None:
    """Serve {del what="topic"}. Source: specification 02, paragraph 11.3."""
    if topic.kind in (Kind.ME, Kind.FND):
        raise Refused(ctrl.PERMISSION_DENIED)  # T29, DEFECT-35
    if state is None:
        raise Refused(ctrl.NO_ACTION)
    if request.sent.startswith("chn") and not state.is_channel:
        raise Refused(ctrl.NOT_FOUND)
    member = state.members.get(request.uid)
    if state.owner == request.uid:
        await _delete_owned(topic, state, request)
    elif member is not None and not member.gone:
        await unsubscribe(topic, state, request)
    elif state.is_channel:
        await _leave_channel(topic, state, request)
    else:
        raise Refused(ctrl.NO_ACTION)


async def _leave_channel(topic: "Topic", state: TopicState, request: "Request") -> None:
    """A reader who is not attached gives the channel up."""
    name = ids.chn_of(topic.name)
    if not await topic.services.db.run(subs.remove, name, request.uid, request.at_ms):
        raise Refused(ctrl.NO_ACTION)
    state.readers_count -= 1
    request.reply(ctrl.OK)
    event = Event(what=GONE)
    deliver.to_user(topic, request.uid, event, command="rem", skip=request.client, reader=True)


async def _delete_owned(topic: "Topic", state: TopicState, request: "Request") -> None:
    packet = request.packet
    assert isinstance(packet, Del)
    hard = packet.hard or topic.kind is Kind.SLF
    skip = None if topic.awake else request.client
    everybody = await _erase(topic, hard=hard)
    request.reply(ctrl.OK)
    for uid, reader in everybody:
        event = Event(what=GONE)
        deliver.to_user(topic, uid, event, command="rem", skip=skip, reader=reader)


async def _erase(topic: "Topic", *, hard: bool = True) -> list[tuple[str, bool]]:
    """Delete the topic and detach everybody; who was subscribed, and whether as a reader."""
    services = topic.services
    now_ms = services.clock.now_ms()
    everybody = await services.db.run(topics.delete, topic.name, hard=hard, now_ms=now_ms)
    attach.evict_all(topic, told=False)
    topic.forget_state()
    topic.announced = False
    return everybody


# --- a peer who had left --------------------------------------------------------------------


async def revive_peer(topic: "Topic", state: TopicState) -> None:
    """Bring back the party who had left, now that the other one writes again (T06).

    The old modes count; events are those of a new conversation.
    """
    uid, topic.departed_peer = topic.departed_peer, None
    peer = state.members.get(uid or "")
    if uid is None or (peer is not None and not peer.gone):
        return
    opener = ids.peer_of(topic.name, uid)
    invited = await topic.services.db.read(users.get, uid)
    if invited is None or invited.state is not State.OK:
        return
    now_ms = topic.services.clock.now_ms()
    kept = peer or Member(uid, 0, 0)
    if peer is None:
        mode = membership.masked_p2p(invited.auth, topic.services.limits)
        kept = Member(uid, mode, mode)
    back = Member(
        uid, kept.want, kept.given, private=kept.private, created_ms=now_ms, updated_ms=now_ms
    )
    await store_new(topic, state, Change(back, old_want=0, old_given=0, fresh=True))
    announce.introduce(topic, opener, back)
