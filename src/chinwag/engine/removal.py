"""The end of accounts: deletion, suspension, and what live topics have to know of them.

Source: specification 01, paragraph 6.10; specification 02, paragraph 11.4; specification 04, 3.8.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from chinwag.core import ids, modes
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.presence import GONE, OFF, News
from chinwag.core.state import Level, State, TopicState, User
from chinwag.engine import deliver, me
from chinwag.engine.deliver import Event
from chinwag.engine.ops import announce, attach
from chinwag.engine.topic import Job, Topic
from chinwag.ports_hooks import Action
from chinwag.store import subs, users
from chinwag.store.db import StoreError, Unavailable
from chinwag.store.users import Erased
from chinwag.wire import ctrl
from chinwag.wire.messages import Del

if TYPE_CHECKING:
    from chinwag.engine.hub import Hub
    from chinwag.engine.request import Request
    from chinwag.engine.session import Session
    from chinwag.engine.sessions import Sessions

RETRY_S: Final = 1.0  # from a failure to learn what became of an account to the next attempt
Work = Callable[[Topic, TopicState | None], Awaitable[None]]


async def delete_user(session: "Session", request: "Request") -> None:
    """Serve {del what="user"}: first the store, in one transaction, then tell everybody (T28)."""
    packet = request.packet
    assert isinstance(packet, Del)
    uid = _whom(session, request, packet)
    await erase(session.hub, session.sessions, uid, hard=packet.hard, keep=session)
    request.reply(ctrl.OK)
    if session.uid == uid:
        session.evict()


async def erase(
    hub: "Hub", sessions: "Sessions", uid: str, *, hard: bool, keep: "Session | None" = None
) -> None:
    """End an account, throw it out of all sessions but `keep`, and tell everybody."""
    services = hub.services
    for scheme in services.authenticators.values():
        await scheme.forget(uid)  # may refuse, before anything is gone (D-38)
    now_ms = services.clock.now_ms()
    with sessions.changing(uid):
        erased = await services.db.read(users.concerned, uid)
        try:
            erased = await services.db.run(users.delete, uid, hard=hard, now_ms=now_ms)
        except Unavailable:  # nobody knows whether it committed: ask, do not guess
            if await _settled(hub, sessions, uid, erased) is not None:
                raise
        sessions.evict(uid, keep=keep)
    _tell(hub, uid, erased)
    services.hooks.account(Action.DELETE, User(uid, created_ms=0, updated_ms=now_ms))


def _whom(session: "Session", request: "Request", packet: Del) -> str:
    """The account to delete. Raises Refused. DEFECT-23: the acting user, not the session's."""
    root = session.level is Level.ROOT
    if packet.user in ("", request.uid):
        if session.services.limits.permanent_accounts and not root:
            raise Refused(ctrl.POLICY)
        return request.uid
    if not root:
        raise Refused(ctrl.PERMISSION_DENIED)
    uid = ids.canonical_uid(packet.user)
    if uid is None:
        raise Refused(ctrl.MALFORMED)
    return uid


# --- a store that does not say what it did --------------------------------------------------


async def _settled(hub: "Hub", sessions: "Sessions", uid: str, erased: Erased) -> User | None:
    """The account `uid` as it is now, after a change whose outcome is not known.

    If the store cannot be asked either, its sessions end at once, since they may have to, and it is
    asked again later. Raises StoreError.
    """
    try:
        return await hub.services.db.run(users.settled, uid)
    except StoreError:
        sessions.evict(uid)
        Topic.later(RETRY_S, _ask_again, hub, sessions, uid, erased)
        raise


def _ask_again(hub: "Hub", sessions: "Sessions", uid: str, erased: Erased) -> None:
    hub.services.tasks.spawn("removal", _resolve(hub, sessions, uid, erased))


async def _resolve(hub: "Hub", sessions: "Sessions", uid: str, erased: Erased) -> None:
    """Find out what became of an account, and let everybody concerned know."""
    try:
        user = await _settled(hub, sessions, uid, erased)
    except StoreError:
        return
    if user is None:
        sessions.evict(uid)
        _tell(hub, uid, erased)
        return
    if user.state is not State.OK:
        sessions.evict(uid)
    _load_again(hub, uid, erased)


def _load_again(hub: "Hub", uid: str, erased: Erased) -> None:
    conversations = (ids.p2p_name(uid, peer) for peer in erased.peers)
    for name in (*_own_rooms(uid), *erased.groups, *conversations):
        _job(hub, name, _reload)


def _own_rooms(uid: str) -> tuple[str, str, str]:
    """The topics that belong to nobody but `uid`."""
    return uid, ids.fnd_name(uid), ids.slf_name(uid)


# --- telling those concerned ----------------------------------------------------------------


def _tell(hub: "Hub", uid: str, erased: Erased) -> None:
    """Contacts and members of owned groups learn that somebody, or something, is gone (D18)."""
    for peer in erased.peers:
        hub.tell(peer, News(what=GONE, src=uid, origin=ids.p2p_name(uid, peer), command="rem"))
        _job(hub, ids.p2p_name(uid, peer), _gone_for(peer, uid))
    for name, subscribers in erased.groups.items():
        for subscriber, reader in subscribers:
            src = ids.view(name, subscriber, reader)
            hub.tell(subscriber, News(what=GONE, src=src, origin=name, command="rem"))
        _job(hub, name, _topic_gone)
    for name in erased.member_of:
        _job(hub, name, _member_gone(uid))
    for name in erased.reader_of:
        _job(hub, name, _reload)  # it counts its readers
    for name in _own_rooms(uid):
        _job(hub, name, _topic_gone)  # root may be there in the name of the user


def _job(hub: "Hub", name: str, work: Work) -> None:
    """Let a live topic do `work` in turn; others will load what is true now."""
    topic = hub.topics.get(name)
    if topic is not None:
        topic.post(Job("removal", work))


async def _topic_gone(topic: Topic, _state: TopicState | None) -> None:
    attach.evict_all(topic, told=True)
    topic.forget_state()
    topic.announced = False
    if topic.kind is Kind.ME:
        me.go_offline(topic)


def _gone_for(peer: str, uid: str) -> Work:
    """A conversation has ended; what was still under way there may have brought it back."""

    async def end(topic: Topic, state: TopicState | None) -> None:
        await _topic_gone(topic, state)
        topic.hub.tell(peer, News(what=OFF, src=uid, origin=topic.name, command="rem"))
        await _unsubscribe(topic, uid, peer)

    return end


def _member_gone(uid: str) -> Work:
    async def forget(topic: Topic, state: TopicState | None) -> None:
        attach.evict(topic, uid, unsub=True)  # root may be there in the name of the user
        if state is not None and state.members.pop(uid, None) is not None:
            gone = Event(what="acs", src=uid, dacs=announce.NOBODY)
            deliver.on_topic(topic, gone, need=modes.SHARER)
            deliver.on_topic(topic, Event(what="off", src=uid), need=modes.R)
        await _unsubscribe(topic, uid)

    return forget


async def _unsubscribe(topic: Topic, *uids: str) -> None:
    """Give up what was stored behind the end of an account by a request that was under way."""

    async def once_more(topic: Topic, _state: TopicState | None) -> None:
        await _unsubscribe(topic, *uids)
        topic.forget_state()

    services = topic.services
    try:
        for uid in uids:
            await services.db.run(subs.remove, topic.name, uid, services.clock.now_ms())
    except StoreError:
        topic.do_again("removal", once_more)
        raise


async def change_state(session: "Session", user: User, state: State) -> None:
    """Suspend or restore an account; its tokens end with a suspension (D-33). Raises Refused."""
    if state is user.state:
        raise Refused(ctrl.NOT_MODIFIED)
    hub, uid = session.hub, user.uid
    with session.sessions.changing(uid):
        concerned = await session.services.db.read(users.concerned, uid)
        await _set_state(session, user, state, concerned)
        if state is not State.OK:
            session.sessions.evict(uid)
    _load_again(hub, uid, concerned)


async def _set_state(session: "Session", user: User, state: State, concerned: Erased) -> None:
    services = session.services
    marks = None if state is State.OK else services.tokens.void(user)
    now_ms = services.clock.now_ms()
    try:
        names = await services.db.run(users.set_state, user.uid, state, now_ms, marks)
    except Unavailable:
        found = await _settled(session.hub, session.sessions, user.uid, concerned)
        if found is None or found.state is not state:
            raise
        return
    if names is None:  # deleted meanwhile
        raise Refused(ctrl.NOT_FOUND)


async def _reload(topic: Topic, _state: TopicState | None) -> None:
    topic.forget_state()


def load_again(hub: "Hub", uid: str) -> None:
    """A live `me` may know what is not true any more."""
    _job(hub, uid, _reload)


def tags_changed(hub: "Hub", uid: str, tags: list[str]) -> None:
    """A live `me` learns of tags that were changed elsewhere (DEFECT-40)."""

    async def note(topic: Topic, state: TopicState | None) -> None:
        if state is not None and state.tags != tags:
            state.tags = tags
            deliver.on_topic(topic, Event(what="tags"), single=uid)

    _job(hub, uid, note)
