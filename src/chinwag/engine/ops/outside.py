"""{get} from sessions that are not attached: a description, the own subscription, nothing else.

Source: specification 02, paragraphs 10.1 to 10.3.
"""

from typing import TYPE_CHECKING

from chinwag.core import describe, ids, listing
from chinwag.core.describe import Viewer
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.state import Member, State, TopicState, User
from chinwag.store import subs, users
from chinwag.wire import ctrl
from chinwag.wire.messages import Desc, Get, Meta

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
    """Answer what of `asked` may be known from outside; the rest is passed over."""
    if not asked & {"desc", "sub"}:
        raise Refused(ctrl.PERMISSION_DENIED)
    for word, section in (("desc", _desc), ("sub", _sub)):
        if word not in asked:
            continue
        try:
            await section(topic, state, request, packet)
        except Refused as refused:
            request.reply(refused.reply, refused.params)


async def _desc(topic: "Topic", state: TopicState | None, request: "Request", _packet: Get) -> None:
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
    """The acting user's stored subscription and when it was given up.

    Of a channel: the full one, else the reader's (T21, T22).
    """
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
