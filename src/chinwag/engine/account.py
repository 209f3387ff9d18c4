"""{hi} and {acc}: handshake, new accounts, changes of accounts.

Source: specification 01, paragraphs 6.1 and 6.2; specification 04, paragraphs 3.5 and 3.6.
"""

from typing import TYPE_CHECKING

from chinwag.core import accounts, agent, card, ids, merge
from chinwag.core.accounts import LEVEL_NAMES, Asking
from chinwag.core.errors import Refused
from chinwag.core.state import Level, User
from chinwag.engine import login as logins
from chinwag.engine import removal
from chinwag.ports import Authenticator, Identity
from chinwag.store import devices, users
from chinwag.store.db import Duplicate
from chinwag.wire import ctrl
from chinwag.wire.messages import Acc, Hi

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.session import Session

login = logins.login
delete_user = removal.delete_user


# --- {hi} -----------------------------------------------------------------------------------


async def hello(session: "Session", request: "Request") -> None:
    """Serve one {hi}."""
    packet = request.packet
    assert isinstance(packet, Hi)
    agreed = accounts.version(packet.ver, session.ver)
    if session.ver:
        await _hello_again(session, request, packet)
        return
    session.ver = agreed
    session.ua = packet.ua
    session.platf = packet.platf or agent.platform(packet.ua)
    session.background = packet.bkg
    session.dev = accounts.device(packet.dev, "")
    _note_language(session, packet.lang)
    services = session.services
    request.reply(ctrl.CREATED, accounts.announced(services.limits, services.build))


async def _hello_again(session: "Session", request: "Request", packet: Hi) -> None:
    if not session.uid:
        raise Refused(ctrl.AUTH_REQUIRED)
    changed = await _note_device(session, packet.dev)
    _note_language(session, packet.lang)
    request.reply(ctrl.OK if changed else ctrl.CREATED)  # QUIRK-26


def _note_language(session: "Session", lang: str | None) -> None:
    """What is absent stays as it is (DEFECT-24)."""
    if lang is not None:
        session.lang = lang
        session.country = agent.country(lang) or session.country
    session.country = session.country or session.services.limits.country


async def _note_device(session: "Session", sent: str | None) -> bool:
    """Store or forget a push token; whether there was anything to do."""
    device = accounts.device(sent, session.dev)
    if device == session.dev and sent != merge.ERASE:
        return False
    if session.dev:
        await session.services.db.run(devices.remove, session.dev)
    session.dev = device
    await logins.store_device(session)
    return True


# --- {acc} ----------------------------------------------------------------------------------


async def acc(session: "Session", request: "Request") -> None:
    """Serve one {acc}."""
    packet = request.packet
    assert isinstance(packet, Acc)
    if packet.user.startswith("new"):
        await _create(session, request, packet)
    else:
        await _update(session, request, packet)


async def _create(session: "Session", request: "Request", packet: Acc) -> None:
    services = session.services
    if packet.login and session.uid:
        raise Refused(ctrl.ALREADY_AUTHENTICATED)
    scheme = logins.scheme_of(services, packet.scheme)
    if scheme is None:
        raise Refused(ctrl.MALFORMED)
    services.guard.check_newcomer(session.peer.remote_addr, request.at_ms)
    await scheme.check_new(packet.secret)
    state = accounts.new_state(packet.status, request.level)
    uid = ids.uid_text(services.entropy.number())
    user = accounts.new_user(uid, packet, services.limits, now_ms=request.at_ms)
    user.state = state
    private = None if packet.desc is None else merge.given(bytes(packet.desc.private))
    level = await _store(session, request, user, private, scheme)
    services.guard.note_newcomer(session.peer.remote_addr, request.at_ms)
    params: dict[str, object] = {"user": uid, "authlvl": LEVEL_NAMES[level]}
    if packet.login:
        params = logins.admit(session, user, Identity(uid, level, validated=True))
        await logins.store_device(session)
    params["desc"] = accounts.described(user, private)
    request.reply(ctrl.OK if packet.login else ctrl.CREATED, params)


async def _store(
    session: "Session",
    request: "Request",
    user: User,
    private: bytes | None,
    scheme: Authenticator,
) -> Level:
    """Store a new account, all of it or nothing; its level. Raises Refused."""
    packet, services = request.packet, session.services
    assert isinstance(packet, Acc)
    record = await scheme.prepare(user.uid, packet.secret)
    if record is not None:
        user.tags = sorted({*user.tags, *scheme.tags(record)})
    try:
        await services.db.run(
            users.create,
            user,
            private=private,
            auth=record,
            now_ms=request.at_ms,
            alias_ns=services.limits.alias_ns,
            pictures=card.pictures(user.public, request.files),
        )
    except Duplicate:  # somebody was faster with the log-in, or has the alias (DEFECT-22)
        await scheme.check_new(packet.secret)
        raise Refused(ctrl.DUPLICATE_CREDENTIAL, {"what": "tags"}) from None
    return Level.ANON if record is None else record.level


async def _update(session: "Session", request: "Request", packet: Acc) -> None:
    asking = await _asking(session, request, packet)
    uid = accounts.target(packet, asking)
    user = await session.services.db.read(users.get, uid)
    if user is None:
        raise Refused(ctrl.NOT_FOUND)
    if packet.scheme:
        await _change_secret(session, user, packet)
    elif packet.cred:
        accounts.check_credentials(packet, uid, asking)
    elif packet.status:
        await removal.change_state(session, user, accounts.state_of(packet.status))
    else:
        raise Refused(ctrl.MALFORMED)
    request.reply(ctrl.OK)


async def _asking(session: "Session", request: "Request", packet: Acc) -> Asking:
    """Who asks: the acting user, or whom a one-off secret stands for. Raises Refused."""
    if not packet.tmpscheme:
        return Asking(request.uid, session.level is Level.ROOT, request.level)
    if session.uid:
        raise Refused(ctrl.ALREADY_AUTHENTICATED)
    services = session.services
    scheme = logins.scheme_of(services, packet.tmpscheme)
    if scheme is None:
        raise Refused(ctrl.UNKNOWN_SCHEME)  # and nothing more (DEFECT-01)
    try:
        user, identity = await logins.prove(
            services, scheme, packet.tmpsecret, session.peer.remote_addr
        )
    except Refused as refused:
        raise Refused(refused.reply, {"what": "auth"}) from None
    return Asking(user.uid, is_root=False, level=identity.level)


async def _change_secret(session: "Session", user: User, packet: Acc) -> None:
    """Change what somebody logs in with.

    Earlier tokens and other sessions end; this session goes on, and so does the token its client
    has kept (DEFECT-10).
    """
    services = session.services
    scheme = logins.scheme_of(services, packet.scheme)
    if scheme is None:
        raise Refused(ctrl.MALFORMED)
    tags = await scheme.change(user.uid, packet.secret)
    if tags is None:  # there was nothing to change
        return
    own = user.uid == session.uid
    mark = services.tokens.void(user, keep_s=session.token_s if own else 0)
    await services.db.run(users.update, user.uid, mark)
    session.sessions.evict(user.uid, keep=session if own else None)
    removal.tags_changed(session.hub, user.uid, tags)
