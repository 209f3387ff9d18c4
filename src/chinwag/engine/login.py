"""{login}: who is it.

Source: specification 01, paragraphs 6.3 and 6.4; specification 04, paragraph 3.4.
"""

from typing import TYPE_CHECKING

from chinwag.core import accounts
from chinwag.core.accounts import LEVEL_NAMES
from chinwag.core.errors import Refused
from chinwag.core.state import State, User
from chinwag.engine import tokens
from chinwag.ports import Authenticator, Identity
from chinwag.store import devices, users
from chinwag.wire import codec, ctrl
from chinwag.wire.messages import Login

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.services import Services
    from chinwag.engine.session import Session


async def login(session: "Session", request: "Request") -> None:
    """Serve one {login}."""
    packet = request.packet
    assert isinstance(packet, Login)
    services = session.services
    if packet.scheme == "reset":
        accounts.check_reset(packet.secret, services.authenticators, services.limits.validators)
        request.reply(ctrl.AUTH_RESET)
        return
    if session.uid:
        raise Refused(ctrl.ALREADY_AUTHENTICATED)
    scheme = scheme_of(services, packet.scheme)
    if scheme is None:  # also one that this server does not use (DEFECT-36)
        raise Refused(ctrl.UNKNOWN_SCHEME)
    user, identity = await prove(services, scheme, packet.secret, session.peer.remote_addr)
    params = admit(session, user, identity)
    await store_device(session)
    request.reply(ctrl.OK, params)


def scheme_of(services: "Services", name: str) -> Authenticator | None:
    """The way to log in that is called `name`, in any case of letters."""
    return services.authenticators.get(name.lower())


async def prove(
    services: "Services", scheme: Authenticator, secret: bytes, address: str
) -> tuple[User, Identity]:
    """The account that `secret` belongs to, if it may be used. Raises Refused."""
    now_ms = services.clock.now_ms()
    identity = await services.guard.authenticate(scheme, secret, address, now_ms)
    user = await services.db.read(users.get, identity.uid)
    if user is None:
        raise Refused(ctrl.USER_NOT_FOUND)
    if user.state is not State.OK:
        raise Refused(ctrl.PERMISSION_DENIED)
    if identity.expires_ms is not None and tokens.is_void(user, identity.expires_ms):
        raise Refused(ctrl.AUTH_FAILED)  # made before a change of password (D-33)
    return user, identity


def admit(session: "Session", user: User, identity: Identity) -> dict[str, object]:
    """Let `user` in; the params of the reply.

    A secret that is no log-in gets a token all the same (QUIRK-14), which ends with the secret.
    """
    issued = session.services.tokens.issue(
        user,
        identity.level,
        validated=True,
        no_login=identity.no_login,
        until_ms=identity.expires_ms if identity.no_login else None,
    )
    if not identity.no_login:
        session.authenticated(user.uid, identity.level)
        session.token_s = issued.expires_ms // 1000
    return {
        "user": user.uid,
        "authlvl": LEVEL_NAMES[identity.level],
        "token": issued.text,
        "expires": codec.stamp(issued.expires_ms),
    }


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
