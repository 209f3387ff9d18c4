"""Who somebody is, by the secret they show.

Source: specification 04, paragraph 3.4, steps 3 to 6.
"""

import base64
from typing import TYPE_CHECKING

from chinwag.core.errors import Refused
from chinwag.core.state import State, User
from chinwag.ports import Authenticator, Identity
from chinwag.store import users
from chinwag.wire import ctrl

if TYPE_CHECKING:
    from chinwag.engine.services import Services


def scheme_of(services: "Services", name: str) -> Authenticator | None:
    """The way to log in that is called `name`, in any case of letters."""
    return services.authenticators.get(name.lower())


async def identify(
    services: "Services", scheme: Authenticator, secret: bytes, address: str
) -> Identity:
    """Who `secret` belongs to, as its authenticator sees it. Raises Refused.

    A challenge comes before anything else (DEFECT-37).
    """
    now_ms = services.clock.now_ms()
    identity = await services.guard.authenticate(scheme, secret, address, now_ms)
    if identity.challenge is not None:
        challenge = base64.b64encode(identity.challenge).decode()
        raise Refused(ctrl.CHALLENGE, {"challenge": challenge})
    if identity.state not in (None, State.OK):
        raise Refused(ctrl.PERMISSION_DENIED)
    return identity


async def account_of(services: "Services", identity: Identity) -> User:
    """The account behind an identity, if it may be used: its state counts too (D-35)."""
    user = await services.db.read(users.get, identity.uid) if identity.uid else None
    if user is None:
        raise Refused(ctrl.USER_NOT_FOUND)
    in_good_standing(user)
    if identity.ended is not None and identity.ended(user):
        raise Refused(ctrl.AUTH_FAILED)  # made before a change of password (D-33)
    return user


def in_good_standing(user: User) -> User:
    """`user`, unless suspended. Raises Refused."""
    if user.state is not State.OK:
        raise Refused(ctrl.PERMISSION_DENIED)
    return user
