"""Letting somebody in: the session, the token, the device.

Source: specification 04, paragraph 3.4, step 8; specification 01, paragraph 6.3, L8.
"""

from typing import TYPE_CHECKING, Final

from chinwag.core.accounts import LEVEL_NAMES
from chinwag.core.errors import Refused
from chinwag.core.state import Level, User
from chinwag.core.token import MAILED, NO_LOGIN, VALIDATED
from chinwag.engine.tokens import MAIL_LIFE_S
from chinwag.ports import Grant, Identity, Issued
from chinwag.store import devices
from chinwag.wire import codec, ctrl
from chinwag.wire.ctrl import Reply

if TYPE_CHECKING:
    from chinwag.engine.services import Services
    from chinwag.engine.session import Session

FOREVER_MS: Final = 10 * 365 * 86_400_000  # a token that ends when it is revoked


async def mailed(services: "Services", user: User, level: Level) -> str:
    """A token for the link in a mail: with the code beside it, it confirms an address."""
    made = await _made_elsewhere(services, Grant(user, level, life_s=MAIL_LIFE_S))
    return services.tokens.mailed(user, level) if made is None else made.text


async def _issue(
    services: "Services", user: User, level: Level, features: int, until_ms: int | None
) -> Issued:
    """What `user` comes back with; `until_ms`: it ends then, and not later."""
    left_ms = 0 if until_ms is None else max(until_ms - services.clock.now_ms(), 1000)
    validated, no_login = bool(features & VALIDATED), bool(features & NO_LOGIN)
    made = await _made_elsewhere(
        services, Grant(user, level, validated, no_login, life_s=left_ms // 1000)
    )
    return services.tokens.issue(user, level, features, until_ms) if made is None else made


async def _made_elsewhere(services: "Services", grant: Grant) -> Issued | None:
    """A token of whoever is called `token`, unless that is this server."""
    scheme = services.authenticators.get("token")
    return None if scheme is None else await scheme.generate(grant)


async def let_in(
    session: "Session", user: User, identity: Identity, lacking: list[str], moment: int
) -> tuple[Reply, dict[str, object]]:
    """Let `user` in unless credentials are lacking; the reply and its params.

    Whoever was thrown out after `moment` is not let in any more. Raises Refused.

    A secret that is no log-in gets a token all the same (QUIRK-14), which ends with the secret; so
    does one with lacking credentials, while others are good for as long as any (D-41).
    """
    features = 0 if lacking else VALIDATED
    if identity.no_login:
        features |= NO_LOGIN
    elif lacking and identity.mailed:
        features |= MAILED
    kept = identity.no_login or lacking or not identity.renews
    until_ms = identity.expires_ms if kept else None
    if identity.again:
        issued = Issued(identity.again, session.services.clock.now_ms() + FOREVER_MS)
    else:
        issued = await _issue(session.services, user, identity.level, features, until_ms)
    if session.sessions.evicted_since(moment, user.uid):
        raise Refused(ctrl.UNAVAILABLE)  # what was proven does not hold any more: look again
    params: dict[str, object] = {
        "user": user.uid,
        "authlvl": LEVEL_NAMES[identity.level],
        "token": issued.text,
        "expires": codec.stamp(issued.expires_ms),
    }
    if lacking:
        return ctrl.VALIDATE_CREDENTIALS, {**params, "cred": lacking}
    if not identity.no_login:
        session.authenticated(user.uid, identity.level, identity.scope)
        session.token_s = issued.expires_ms // 1000
    await store_device(session)
    return ctrl.OK, params


async def store_device(session: "Session") -> None:
    """Note which device the user of this session has."""
    if session.dev and session.uid and session.scope is None:  # pushes know no bounds
        await session.services.db.run(
            devices.put,
            session.uid,
            session.dev,
            platform=session.platf,
            lang=session.lang,
            now_ms=session.services.clock.now_ms(),
        )
        session.hub.pushes.registered(session.uid)
