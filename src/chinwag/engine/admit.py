"""Letting somebody in: the session, the token, the device.

Source: specification 04, paragraph 3.4, step 8; specification 01, paragraph 6.3, L8.
"""

from typing import TYPE_CHECKING

from chinwag.core.accounts import LEVEL_NAMES
from chinwag.core.state import User
from chinwag.core.token import MAILED, NO_LOGIN, VALIDATED
from chinwag.ports import Identity
from chinwag.store import devices
from chinwag.wire import codec, ctrl
from chinwag.wire.ctrl import Reply

if TYPE_CHECKING:
    from chinwag.engine.session import Session


async def let_in(
    session: "Session", user: User, identity: Identity, lacking: list[str]
) -> tuple[Reply, dict[str, object]]:
    """Let `user` in unless credentials are lacking; the reply and its params.

    A secret that is no log-in gets a token all the same (QUIRK-14), which ends with the secret; so
    does one with lacking credentials, while others are good for as long as any (D-41).
    """
    features = 0 if lacking else VALIDATED
    if identity.no_login:
        features |= NO_LOGIN
    elif lacking and identity.mailed:
        features |= MAILED
    kept = identity.no_login or lacking or not identity.renews
    issued = session.services.tokens.issue(
        user, identity.level, features, identity.expires_ms if kept else None
    )
    params: dict[str, object] = {
        "user": user.uid,
        "authlvl": LEVEL_NAMES[identity.level],
        "token": issued.text,
        "expires": codec.stamp(issued.expires_ms),
    }
    if lacking:
        return ctrl.VALIDATE_CREDENTIALS, {**params, "cred": lacking}
    if not identity.no_login:
        session.authenticated(user.uid, identity.level)
        session.token_s = issued.expires_ms // 1000
    await store_device(session)
    return ctrl.OK, params


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
