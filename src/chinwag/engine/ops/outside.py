"""{get} and {set} from sessions that are not attached: of the own subscription, little else.

Source: specification 02, paragraph 10.
"""

from typing import TYPE_CHECKING

from chinwag.core import describe, ids, listing, membership, merge
from chinwag.core.describe import Viewer
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.membership import Wish
from chinwag.core.state import Member, State, TopicState, User
from chinwag.engine.ops import announce, members
from chinwag.store import subs, users
from chinwag.wire import ctrl
from chinwag.wire.messages import Desc, Get, Meta, Set, SetDesc, SetSub

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.topic import Topic

Record = tuple[Member, int | None]


async def run(
    topic: "Topic",
    state: TopicState | None,
    request: "Request",
    packet: Get,
    asked: frozenset[str],
) -> None:
    """Answer what of `asked` may be known from outside.

    A description is given alone or with the subscription; asked for along with anything else it
    is passed over for the subscription (QUIRK-20).
    """
    if not asked & {"desc", "sub"}:
        raise Refused(ctrl.PERMISSION_DENIED)
    sections = [_sub] if asked != {"desc"} else []
    if "desc" in asked and ("sub" in asked or not sections):
        sections.insert(0, _desc)
    for section in sections:
        try:
            await section(topic, state, request, packet)
        except Refused as refused:
            request.reply(refused.reply, refused.params)


async def _desc(topic: "Topic", state: TopicState | None, request: "Request", packet: Get) -> None:
    match topic.kind:
        case Kind.GRP | Kind.SYS:
            shown = await _topic(topic, state, request)
        case Kind.P2P:
            shown = await _peer(topic, request)
        case Kind.ME:
            shown = await _self(topic, request)
        case _:
            raise Refused(ctrl.MALFORMED)
    request.meta(Meta(topic=request.sent, desc=shown))


async def _topic(topic: "Topic", state: TopicState | None, request: "Request") -> Desc:
    if state is None:
        raise Refused(ctrl.TOPIC_NOT_FOUND)
    viewer = await _viewer(topic, state, request)
    return describe.topic_from_outside(state, topic.kind, viewer, topic.services.limits)


async def _peer(topic: "Topic", request: "Request") -> Desc:
    if request.uid not in (ids.p2p_pair(topic.name) or ()):
        raise Refused(ctrl.MALFORMED)
    peer = await _account(topic, ids.peer_of(topic.name, request.uid))
    viewer = await _viewer(topic, None, request)
    return describe.user_from_outside(peer, viewer, topic.services.limits)


async def _self(topic: "Topic", request: "Request") -> Desc:
    """The own account as others see it: `acs` is what they would get (QUIRK)."""
    account = await _account(topic, topic.name)
    viewer = Viewer(request.uid, request.level, None)
    return describe.user_from_outside(account, viewer, topic.services.limits)


async def _account(topic: "Topic", uid: str) -> User:
    account = await topic.services.db.read(users.get, uid)
    if account is None or account.state is State.DELETED:
        raise Refused(ctrl.USER_NOT_FOUND)
    return account


async def _viewer(topic: "Topic", state: TopicState | None, request: "Request") -> Viewer:
    found = await record(topic, state, request)
    member = None if found is None or found[1] is not None else found[0]
    return Viewer(request.uid, request.level, member)


async def _sub(topic: "Topic", state: TopicState | None, request: "Request", packet: Get) -> None:
    asked = packet.sub.user if packet.sub else ""
    if asked and ids.canonical_uid(asked) != request.uid:
        raise Refused(ctrl.PERMISSION_DENIED)
    found = await record(topic, state, request)
    if found is None:
        raise Refused(ctrl.NOT_FOUND)
    member, deleted_ms = found
    live = listing.own(member, topic.kind)
    row = live if deleted_ms is None else listing.own_deleted(deleted_ms)
    request.meta(Meta(topic=request.sent, sub=[row]))


async def record(topic: "Topic", state: TopicState | None, request: "Request") -> Record | None:
    """The acting user's subscription and when it was given up.

    Of a channel: the full one, else the reader's (T21, T22).
    """
    known = None if state is None else describe.live_member(state, request.uid)
    if known is not None and not known.reader:
        return known, None
    db = topic.services.db
    full = await db.read(subs.record, topic.name, request.uid)
    if full is not None and full[1] is None:
        return full
    if state is not None and state.is_channel:
        reading = await db.read(subs.record, ids.chn_of(topic.name), request.uid)
        if reading is not None and (full is None or reading[1] is None):
            reading[0].reader = True
            return reading
    return full


# --- {set} ----------------------------------------------------------------------------------


async def change(topic: "Topic", state: TopicState | None, request: "Request", packet: Set) -> None:
    """Serve a {set}: only the own mode and private note can be changed from outside.

    The live topic takes part, so that memory and store agree and everybody who may know is told as
    if the session were attached (T20).
    """
    if packet.tags is not None or packet.cred is not None or packet.aux is not None:
        raise Refused(ctrl.PERMISSION_DENIED)
    asked, desc = packet.sub or SetSub(), packet.desc or SetDesc()
    if not asked.mode and not merge.present(desc.private):
        raise Refused(ctrl.NOT_MODIFIED)
    if asked.user and ids.canonical_uid(asked.user) != request.uid:
        raise Refused(ctrl.PERMISSION_DENIED)
    found = await record(topic, state, request)
    if state is None or found is None or found[1] is not None:
        raise Refused(ctrl.NOT_FOUND)
    member = describe.live_member(state, request.uid) or found[0]
    private, changed = merge.merge(member.private or None, bytes(desc.private))
    note = (private or membership.CLEARED) if changed else None
    mode = membership.requested(asked.mode)
    wish = Wish(request.uid, request.level, mode, note, request.at_ms)
    limits = topic.services.limits
    own = membership.decide_from_outside(state, topic.kind, member, wish, limits)
    if not own.changed and note is None:
        raise Refused(ctrl.NOT_MODIFIED)
    await members.take(topic, state, request, own, private=note)
    if note is not None and topic.kind is not Kind.FND:
        announce.updated(topic, own.member, skip=request.client)
    request.reply(ctrl.OK, {"acs": membership.acs(own.member)} if own.changed else None)
