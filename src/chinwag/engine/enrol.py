"""New accounts: made by {acc}, or at the first log-in of somebody who is known elsewhere.

Source: specification 01, paragraph 6.2; specification 04, paragraphs 3.5 and 4.5.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chinwag.core import accounts, card, creds, ids, merge
from chinwag.core.accounts import LEVEL_NAMES
from chinwag.core.errors import Refused
from chinwag.core.state import Level, State, User
from chinwag.engine import admit, credentials, proof
from chinwag.ports import Applicant, Authenticator, Enrolled, Identity
from chinwag.ports_hooks import Action
from chinwag.store import creds as stored
from chinwag.store import users
from chinwag.store.creds import Pending, Taken
from chinwag.store.db import Duplicate, Tx
from chinwag.wire import ctrl
from chinwag.wire.messages import Acc

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.session import Session


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account on its way into the store."""

    user: User
    private: bytes | None
    enrolled: Enrolled
    prepared: list[tuple[Pending, str]]  # addresses to confirm, and their codes


async def create(session: "Session", request: "Request", packet: Acc) -> None:
    """Serve an {acc} that makes an account."""
    services, address = session.services, session.peer.remote_addr
    if packet.login and session.uid:
        raise Refused(ctrl.ALREADY_AUTHENTICATED)
    scheme = proof.scheme_of(services, packet.scheme)
    if scheme is None:
        raise Refused(ctrl.MALFORMED)
    with services.guard.newcomer(address, request.at_ms):
        await scheme.check_new(packet.secret, address)
        candidate = await _candidate(session, request, packet, scheme)
        try:
            await _store(session, request, packet, candidate)
        except Duplicate:  # somebody was faster with the log-in, or has the alias (DEFECT-22)
            await scheme.forget(candidate.user.uid)
            await scheme.check_new(packet.secret, address)
            raise Refused(ctrl.DUPLICATE_CREDENTIAL, {"what": "tags"}) from None
        except BaseException:
            await scheme.forget(candidate.user.uid)  # what it has noted elsewhere
            raise
    await _welcome(session, request, packet, candidate)


async def _candidate(
    session: "Session", request: "Request", packet: Acc, scheme: Authenticator
) -> Candidate:
    """The account that `packet` asks for, not stored yet. Raises Refused."""
    services = session.services
    state = accounts.new_state(packet.status, request.level)
    uid = ids.uid_text(services.entropy.number())
    user = accounts.new_user(uid, packet, services.limits, now_ms=request.at_ms)
    user.state = state
    private = None if packet.desc is None else merge.given(bytes(packet.desc.private))
    if packet.desc is not None and request.level is Level.ROOT:  # spec 06, paragraph 18.2
        user.trusted = merge.given(bytes(packet.desc.trusted))
    values = creds.wanted(packet.cred, services.validators)
    prepared = credentials.prepare(services, uid, values, session.country)
    applicant = Applicant(user, private, packet.secret, session.peer.remote_addr)
    enrolled = await scheme.enrol(applicant)
    user.tags = sorted({*user.tags, *enrolled.tags})
    return Candidate(user, private, enrolled, prepared)


async def _store(session: "Session", request: "Request", packet: Acc, candidate: Candidate) -> None:
    """Store a new account, all of it or nothing. Raises Refused or Duplicate."""
    services = session.services
    pending = [pending for pending, _ in candidate.prepared]
    methods = [each.method for each in pending]
    creds.check_new(packet.cred, methods, credentials.required(services, candidate.enrolled.level))
    try:
        await services.db.run(
            _make,
            candidate,
            now_ms=request.at_ms,
            alias_ns=services.limits.alias_ns,
            pictures=card.pictures(candidate.user.public, request.files),
        )
    except Taken:
        raise Refused(ctrl.DUPLICATE_CREDENTIAL) from None


def _make(
    tx: Tx, candidate: Candidate, *, now_ms: int, alias_ns: str, pictures: tuple[str, ...]
) -> None:
    """Make an account with the addresses it is going to confirm. Raises Duplicate, Taken."""
    users.create(
        tx,
        candidate.user,
        private=candidate.private,
        auth=candidate.enrolled.record,
        now_ms=now_ms,
        alias_ns=alias_ns,
        pictures=pictures,
    )
    for pending, _ in candidate.prepared:
        stored.request(tx, pending, now_ms)


async def _welcome(
    session: "Session", request: "Request", packet: Acc, candidate: Candidate
) -> None:
    """Send the codes and answer; with `login` as after a log-in."""
    services, user, enrolled = session.services, candidate.user, candidate.enrolled
    moment = session.sessions.moment
    needed = credentials.required(services, enrolled.level)
    for pending, code in candidate.prepared:
        needs_link = pending.method in needed
        token = await admit.mailed(services, user, enrolled.level) if needs_link else ""
        credentials.send_code(services, pending, code, lang=session.lang, token=token)
    params: dict[str, object] = {"user": user.uid, "authlvl": LEVEL_NAMES[enrolled.level]}
    reply = ctrl.CREATED
    if packet.login:
        lacking = [] if enrolled.validated else needed
        identity = Identity(user.uid, enrolled.level, expires_ms=enrolled.expires_ms)
        reply, params = await admit.let_in(session, user, identity, lacking, moment)
    params["desc"] = accounts.described(user, candidate.private)
    request.reply(reply, params)
    services.hooks.account(Action.CREATE, user)


async def first_login(session: "Session", identity: Identity) -> User:
    """Make the account of somebody who is known elsewhere. Raises Refused."""
    services, newcomer = session.services, identity.newcomer
    assert newcomer is not None
    now_ms = services.clock.now_ms()
    uid = ids.uid_text(services.entropy.number())
    user = User(
        uid,
        created_ms=now_ms,
        updated_ms=now_ms,
        state=identity.state or State.OK,
        auth=newcomer.auth,
        anon=newcomer.anon,
        public=newcomer.public,
        trusted=newcomer.trusted,
        tags=newcomer.tags,
    )
    with services.guard.newcomer(session.peer.remote_addr, now_ms):
        await services.db.run(
            users.create,
            user,
            private=newcomer.private,
            auth=None,
            now_ms=now_ms,
            alias_ns=services.limits.alias_ns,
        )
    if identity.settle is not None:
        await _link(session, identity, uid)
    services.hooks.account(Action.CREATE, user)
    return user


async def _link(session: "Session", identity: Identity, uid: str) -> None:
    """Tell the authenticator which account it is; without that there is none."""
    assert identity.settle is not None
    try:
        await identity.settle(uid)
    except BaseException:
        services = session.services
        await services.db.run(users.delete, uid, hard=True, now_ms=services.clock.now_ms())
        raise
