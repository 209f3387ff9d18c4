"""{set sub}: the own wish, other people's rights, invitations; and a peer who comes back.

Source: specification 02, paragraph 7; specification 03, paragraph 7.5.
"""

from typing import TYPE_CHECKING

from chinwag.core import describe, ids, membership, modes, rights
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.membership import Change, Wish
from chinwag.core.modes import J, P
from chinwag.core.presence import ACS, ASK
from chinwag.core.rights import Guest
from chinwag.core.state import Member, State, TopicState
from chinwag.engine import deliver
from chinwag.engine.deliver import Event
from chinwag.engine.ops import announce, attach, push, subscription
from chinwag.store import subs, users
from chinwag.wire import ctrl
from chinwag.wire.messages import SetSub

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.topic import Topic

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
    member = describe.live_member(state, request.uid)
    if member is None:
        raise Refused(ctrl.PERMISSION_DENIED)
    if mode == modes.UNSET:
        raise Refused(ctrl.NOT_MODIFIED)
    wish = Wish(request.uid, request.level, mode, now_ms=request.at_ms)
    own = membership.decide_own(state, topic.kind, member, wish, topic.services.limits)
    if not own.changed:
        raise Refused(ctrl.NOT_MODIFIED)
    await take(topic, state, request, own)
    request.reply(ctrl.OK, {"acs": membership.acs(own.member)})


async def take(
    topic: "Topic",
    state: TopicState,
    request: "Request",
    own: Change,
    *,
    private: bytes | None = None,
) -> None:
    """Store what the acting user has changed of the own subscription, and tell who may know."""
    if own.member.reader:
        await subscription.store_reader(topic, state, own, private=private)
        announce.reader(topic, own, skip=request.client)
        return
    await subscription.store_own(topic, state, own, private=private)
    if own.changed:
        announce.changed(topic, own, actor=request.uid, skip=request.client)
    if own.changed and not own.member.want & J:
        attach.shut_out(topic, request.uid)


async def _change_other(
    topic: "Topic", state: TopicState, request: "Request", uid: str, mode_text: str
) -> None:
    limits = topic.services.limits
    actor = describe.live_member(state, request.uid)
    if request.sent.startswith("chn"):
        raise Refused(ctrl.PERMISSION_DENIED)
    mode = rights.decide_mode_for_other(state, topic.kind, actor, mode_text, limits)
    if topic.kind is Kind.P2P and uid != ids.peer_of(topic.name, request.uid):
        raise Refused(ctrl.PERMISSION_DENIED)  # T04
    target = state.members.get(uid)
    if target is not None and not target.gone and not target.reader:
        granted = rights.decide_grant(state, target, mode)
        await subscription.store_own(topic, state, granted)
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
    dacs = membership.dacs(granted)
    event = Event(what=ACS, src=uid, act=request.uid, dacs=dacs)
    deliver.on_topic(topic, event, need=modes.SHARER, excl=uid, skip=request.client)
    if announce.asks_for_more(granted):
        elsewhere = Event(what=ACS, act=request.uid, tgt=uid, dacs=dacs)
        deliver.to_members(topic, elsewhere, excl=uid, skip=request.client, detached=True)
    deliver.to_target(topic, uid, Event(what=ACS, dacs=dacs))
    attach.shut_out(topic, uid)
    announce.mute(topic, granted)
    own = Event(what=ACS, act=request.uid, dacs=dacs)
    deliver.to_user(topic, uid, own, skip=request.client, detached=True)


async def _invite(
    topic: "Topic", state: TopicState, request: "Request", uid: str, mode: int
) -> None:
    """Add somebody who is no member. Source: specification 02, paragraph 7.2."""
    services = topic.services
    membership.check_room(state, topic.kind, services.limits)
    record = await services.db.read(subs.record, topic.name, uid)
    invited = await services.db.read(users.get, uid)
    if invited is None:
        raise Refused(ctrl.USER_NOT_FOUND)
    if invited.state is not State.OK:
        raise Refused(ctrl.PERMISSION_DENIED)
    guest = Guest(uid, invited.auth, None if record is None else record[0], request.at_ms)
    new = rights.decide_invite(state, topic.kind, guest, mode)
    await subscription.store_new(topic, state, new)
    request.reply(ctrl.OK, {"acs": membership.acs(new.member), "user": uid})
    announce.changed(topic, new, actor=request.uid, skip=request.client)
    if topic.kind is Kind.P2P and not new.member.eff & P:  # muted, but seen by who calls back (T07)
        deliver.to_user(topic, uid, Event(what=ASK), command="dis", ask=True)
    push.subscribed(topic, uid, by=request.uid)


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
    await subscription.store_new(topic, state, Change(back, old_want=0, old_given=0, fresh=True))
    announce.introduce(topic, opener, back)
