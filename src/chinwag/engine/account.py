"""{hi} and {acc}: handshake, new accounts, changes of accounts.

Source: specification 01, paragraphs 6.1 and 6.2; specification 04, paragraphs 3.5 and 3.6.
"""

from typing import TYPE_CHECKING

from msgspec import Raw

from chinwag.core import accounts, agent, ids, merge, modes
from chinwag.core.errors import Refused
from chinwag.core.state import Level, State, User
from chinwag.engine import login as logins
from chinwag.engine import removal
from chinwag.engine.login import LEVEL_NAMES
from chinwag.ports import Identity
from chinwag.store import devices, users
from chinwag.store.db import Duplicate
from chinwag.wire import codec, ctrl
from chinwag.wire.messages import Acc, Defacs, Desc, Hi

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.session import Session

login = logins.login
delete_user = removal.delete_user
_STATES = {"ok": State.OK, "susp": State.SUSPENDED, "del": State.DELETED}


# --- {hi} -----------------------------------------------------------------------------------


async def hello(session: "Session", request: "Request") -> None:
    """Serve one {hi}."""
    packet = request.packet
    assert isinstance(packet, Hi)
    first = session.ver == 0
    agreed = accounts.version(packet.ver, session.ver)
    if first:
        session.ver = agreed
        session.ua = packet.ua
        session.platf = packet.platf or agent.platform(packet.ua)
        session.background = packet.bkg
        session.dev = packet.dev or ""
        _note_language(session, packet.lang)
        limits = session.services.limits
        request.reply(ctrl.CREATED, accounts.announced(limits, session.services.build))
        return
    if not session.uid:
        raise Refused(ctrl.AUTH_REQUIRED)
    acted = await _note_device(session, packet.dev)
    _note_language(session, packet.lang)
    request.reply(ctrl.OK if acted else ctrl.CREATED)


def _note_language(session: "Session", lang: str | None) -> None:
    """What is absent stays as it is (DEFECT-24)."""
    if lang is not None:
        session.lang = lang
        session.country = agent.country(lang) or session.country
    session.country = session.country or session.services.limits.country


async def _note_device(session: "Session", dev: str | None) -> bool:
    """Store or forget a push token; whether there was anything to do."""
    db = session.services.db
    if not dev or dev == session.dev:
        return False
    if session.dev:
        await db.run(devices.remove, session.dev)
    session.dev = "" if dev == merge.ERASE else dev
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
    scheme = logins.authenticator(services, packet.scheme)
    if scheme is None:
        raise Refused(ctrl.MALFORMED)
    uid = ids.uid_text(services.entropy.number())
    await scheme.check_new(packet.secret)
    state = _state_of(packet.status, request.level) if packet.status else State.OK
    user = accounts.new_user(uid, packet, services.limits, now_ms=request.at_ms)
    user.state = state
    record = await scheme.prepare(uid, packet.secret)
    level = Level.AUTH if record is not None else Level.ANON
    if record is not None:
        user.tags = sorted({*user.tags, *scheme.tags(record)})
    private = None if packet.desc is None else merge.given(bytes(packet.desc.private))
    try:
        await services.db.run(
            users.create,
            user,
            private=private,
            auth=record,
            now_ms=request.at_ms,
            alias_ns=services.limits.alias_ns,
            pictures=request.files,
        )
    except Duplicate:  # somebody was faster with the log-in or the alias (D-36c)
        raise Refused(ctrl.DUPLICATE_CREDENTIAL, {"what": "auth"}) from None
    await _created(session, request, packet, (user, level, private))


async def _created(
    session: "Session", request: "Request", packet: Acc, made: tuple[User, Level, bytes | None]
) -> None:
    user, level, private = made
    params: dict[str, object] = {"user": user.uid, "authlvl": LEVEL_NAMES[level]}
    if packet.login:
        identity = Identity(user.uid, level, validated=True)
        params = logins.admit(session, user, identity)
        await logins.store_device(session)
    params["desc"] = _described(user, private)
    request.reply(ctrl.OK if packet.login else ctrl.CREATED, params)


def _described(user: User, private: bytes | None) -> Desc:
    """The new account as the reply shows it."""
    return Desc(
        created=codec.stamp(user.created_ms),
        updated=codec.stamp(user.updated_ms),
        defacs=Defacs(auth=modes.text(user.auth), anon=modes.text(user.anon)),
        public=None if user.public is None else Raw(user.public),
        private=None if private is None else Raw(private),
    )


def _state_of(text: str, level: Level) -> State:
    if level is not Level.ROOT:
        raise Refused(ctrl.PERMISSION_DENIED, {"what": "state"})
    found = _STATES.get(text.lower())
    if found not in (State.OK, State.SUSPENDED):
        raise Refused(ctrl.MALFORMED)
    return found


async def _update(session: "Session", request: "Request", packet: Acc) -> None:
    temporary = await _temporary(session, packet)
    uid = temporary.uid if temporary is not None else request.uid
    if not uid:
        raise Refused(ctrl.PERMISSION_DENIED)
    if packet.user and ids.canonical_uid(packet.user) != uid and request.level is not Level.ROOT:
        raise Refused(ctrl.PERMISSION_DENIED)
    target = ids.canonical_uid(packet.user) if packet.user else uid
    if target is None:
        raise Refused(ctrl.MALFORMED)
    if packet.status and request.level is not Level.ROOT:
        raise Refused(ctrl.PERMISSION_DENIED)
    user = await session.services.db.read(users.get, target)
    if user is None:
        raise Refused(ctrl.NOT_FOUND)
    if packet.scheme:
        await _change_secret(session, user, packet, keeps_tokens=target == session.uid)
    elif packet.cred:
        if temporary is not None and temporary.level is Level.NONE:
            raise Refused(ctrl.MALFORMED)
    elif packet.status:
        await removal.change_state(session, user, _STATES.get(packet.status.lower()))
    else:
        raise Refused(ctrl.MALFORMED)
    request.reply(ctrl.OK)


async def _temporary(session: "Session", packet: Acc) -> Identity | None:
    """Who a one-off secret proves the sender to be; None: there is none. Raises Refused."""
    if not packet.tmpscheme:
        return None
    if session.uid:
        raise Refused(ctrl.ALREADY_AUTHENTICATED)
    scheme = logins.authenticator(session.services, packet.tmpscheme)
    if scheme is None:
        raise Refused(ctrl.UNKNOWN_SCHEME)  # DEFECT-01
    try:
        identity = await scheme.authenticate(packet.tmpsecret)
        await logins.check_state(session.services, identity)
    except Refused as refused:
        raise Refused(refused.reply, {"what": "auth"}) from None
    return identity


async def _change_secret(
    session: "Session", user: User, packet: Acc, *, keeps_tokens: bool
) -> None:
    """Change a password; unless it is one's own, earlier tokens and sessions end (DEFECT-10)."""
    services = session.services
    scheme = logins.authenticator(services, packet.scheme)
    if scheme is None:
        raise Refused(ctrl.MALFORMED)
    tags = await scheme.change(user.uid, packet.secret)
    if not keeps_tokens:
        mark = services.tokens.void_mark()
        await services.db.run(users.update, user.uid, {"tokens_void_s": mark})
        session.sessions.evict(user.uid)
    if tags is not None:
        removal.tags_changed(session.hub, user.uid, tags)
