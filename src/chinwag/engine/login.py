"""{login}: who is it.

Source: specification 01, paragraphs 6.3 and 6.4; specification 04, paragraph 3.4.
"""

from typing import TYPE_CHECKING

from chinwag.core.errors import Refused
from chinwag.core.state import Level, State, User
from chinwag.ports import Authenticator, Identity
from chinwag.store import devices, users
from chinwag.wire import codec, ctrl
from chinwag.wire.messages import Login

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.services import Services
    from chinwag.engine.session import Session

RESET_PARTS = 3
LEVEL_NAMES = {Level.NONE: "", Level.ANON: "anon", Level.AUTH: "auth", Level.ROOT: "root"}


async def login(session: "Session", request: "Request") -> None:
    """Serve one {login}."""
    packet = request.packet
    assert isinstance(packet, Login)
    if packet.scheme == "reset":
        _request_reset(session, packet.secret)
        request.reply(ctrl.AUTH_RESET)
        return
    if session.uid:
        raise Refused(ctrl.ALREADY_AUTHENTICATED)
    scheme = session.services.authenticators.get(packet.scheme.lower())
    if scheme is None:
        raise Refused(ctrl.UNKNOWN_SCHEME)
    identity = await scheme.authenticate(packet.secret)
    user = await check_state(session.services, identity)
    params = admit(session, user, identity)
    await store_device(session)
    request.reply(ctrl.OK, params)


async def store_device(session: "Session") -> None:
    """Note which device the user of this session has."""
    if session.dev and session.uid:
        await session.services.db.run(
            devices.put,
            session.uid,
            session.dev,
            platform=session.platf,
            lang=session.lang,
            now_ms=session.services.clock.now_ms(),
        )


async def check_state(services: "Services", identity: Identity) -> User:
    """The account behind an identity, if it may be used. Raises Refused."""
    user = await services.db.read(users.get, identity.uid)
    if user is None:
        raise Refused(ctrl.USER_NOT_FOUND)
    if user.state is not State.OK:
        raise Refused(ctrl.PERMISSION_DENIED)
    if _voided(user, identity):
        raise Refused(ctrl.AUTH_FAILED)
    return user


def _voided(user: User, identity: Identity) -> bool:
    """Whether the identity comes from a token made before a change of password (D-33)."""
    ends = identity.expires_ms
    return ends is not None and ends // 1000 <= user.tokens_void_s


def admit(session: "Session", user: User, identity: Identity) -> dict[str, object]:
    """Let `user` in; the params of the reply."""
    issued = session.services.tokens.issue(
        user,
        identity.level,
        validated=True,
        no_login=identity.no_login,
        until_ms=identity.expires_ms if identity.no_login else None,
    )
    if not identity.no_login:
        session.authenticated(user.uid, identity.level)
    return {
        "user": user.uid,
        "authlvl": LEVEL_NAMES[identity.level],
        "token": issued.text,
        "expires": codec.stamp(issued.expires_ms),
    }


def _request_reset(session: "Session", secret: bytes) -> None:
    """Check a request for a new password; it never tells whether somebody is known.

    Source: specification 01, paragraph 6.4.
    """
    parts = secret.decode("utf-8", "replace").split(":")
    if len(parts) < RESET_PARTS:
        raise Refused(ctrl.MALFORMED)
    scheme, method = parts[0], parts[1]
    methods = session.services.limits.validators
    if scheme not in session.services.authenticators or method not in methods:
        raise Refused(ctrl.NOT_IMPLEMENTED)


def authenticator(services: "Services", name: str) -> Authenticator | None:
    """The way to log in that is called `name`, in any case of letters."""
    return services.authenticators.get(name.lower())
