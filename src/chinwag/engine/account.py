"""{hi} and {acc}: handshake, new accounts, changes of accounts.

Source: specification 01, paragraphs 6.1 and 6.2; specification 04, paragraphs 3.5 and 3.6.
"""

from typing import TYPE_CHECKING

from chinwag.core import accounts, agent, creds, merge
from chinwag.core.accounts import Asking
from chinwag.core.errors import Refused
from chinwag.core.state import Level, User
from chinwag.engine import admit, credentials, enrol, proof, removal
from chinwag.engine import login as logins
from chinwag.ports import Settle
from chinwag.ports_hooks import Action
from chinwag.store import devices, users
from chinwag.store.db import StoreError
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
    session.sessions.greetings.forget(session)
    session.ua = packet.ua
    session.platf = packet.platf or agent.platform(packet.ua)
    if packet.bkg:
        session.stay_in_background()
    session.dev = accounts.device(packet.dev, "")
    _note_language(session, packet.lang)
    services = session.services
    polled = session.peer.transport == "longpoll"  # whose {ctrl 201} tells of the session itself
    reply = ctrl.OK if polled else ctrl.CREATED
    request.reply(reply, accounts.announced(services.limits, services.build))


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
    await admit.store_device(session)
    return True


# --- {acc} ----------------------------------------------------------------------------------


async def acc(session: "Session", request: "Request") -> None:
    """Serve one {acc}."""
    packet = request.packet
    assert isinstance(packet, Acc)
    if packet.user.startswith("new"):
        await enrol.create(session, request, packet)
    else:
        await _update(session, request, packet)


async def _update(session: "Session", request: "Request", packet: Acc) -> None:
    asking, settle = await _asking(session, request, packet)
    uid = accounts.target(packet, asking)
    services = session.services
    user = await services.db.read(users.get, uid)
    if user is None:
        raise Refused(ctrl.NOT_FOUND)
    params = None
    if packet.scheme:
        await _change_secret(session, user, packet)
    elif packet.cred:
        params = await _attach(session, user, packet, asking)
    elif packet.status:
        await removal.change_state(session, user, accounts.state_of(packet.status))
    else:
        raise Refused(ctrl.MALFORMED)
    if settle is not None:
        await settle(uid)  # only now is a code spent (DEFECT-07)
    request.reply(ctrl.OK, params)
    services.hooks.account(Action.UPDATE, user)


async def _asking(
    session: "Session", request: "Request", packet: Acc
) -> tuple[Asking, Settle | None]:
    """Who asks: the acting user, or whom a one-off secret stands for. Raises Refused."""
    if not packet.tmpscheme:
        return Asking(request.uid, session.level is Level.ROOT, request.level), None
    if session.uid:
        raise Refused(ctrl.ALREADY_AUTHENTICATED)
    services = session.services
    scheme = proof.scheme_of(services, packet.tmpscheme)
    if scheme is None:
        raise Refused(ctrl.UNKNOWN_SCHEME)  # and nothing more (DEFECT-01)
    address = session.peer.remote_addr
    try:
        identity = await proof.identify(services, scheme, packet.tmpsecret, address)
        user = await proof.account_of(services, identity)
    except Refused as refused:
        raise Refused(refused.reply, {**(refused.params or {}), "what": "auth"}) from None
    if identity.scope is not None:  # it would outlive itself
        raise Refused(ctrl.PERMISSION_DENIED)
    return Asking(user.uid, is_root=False, level=identity.level), identity.settle


async def _attach(
    session: "Session", user: User, packet: Acc, asking: Asking
) -> dict[str, object] | None:
    """Add addresses, or ask for a code again; what is still lacking (DEFECT-20, D-37)."""
    level = accounts.level_for_credentials(packet, user.uid, asking)
    services = session.services
    values = creds.wanted(packet.cred, services.validators)
    lang, country = session.lang, session.country
    await credentials.attach(services, user.uid, values, country=country, lang=lang)
    lacking = await credentials.lacking(services, user.uid, level)
    return {"cred": lacking} if lacking else None


async def _change_secret(session: "Session", user: User, packet: Acc) -> None:
    """Change what somebody logs in with.

    Earlier tokens and other sessions end; this session goes on, and so does the token its client
    has kept (DEFECT-10).
    """
    services = session.services
    scheme = proof.scheme_of(services, packet.scheme)
    if scheme is None:
        raise Refused(ctrl.MALFORMED)
    services.guard.check_change(user.uid, services.clock.now_ms())
    keep = session if user.uid == session.uid else None
    with session.sessions.changing(user.uid):
        try:
            tags = await scheme.change(user, packet.secret, session.peer.remote_addr)
            if tags is None:  # there was nothing to change
                return
            mark = services.tokens.void(user, keep_s=keep.token_s if keep is not None else 0)
            await services.db.run(users.end_tokens, user.uid, mark)
        except StoreError:  # it may have changed all the same, and the tags with it
            session.sessions.evict(user.uid, keep=keep)
            removal.load_again(session.hub, user.uid)
            raise
        session.sessions.evict(user.uid, keep=keep)
    removal.tags_changed(session.hub, user.uid, tags)
