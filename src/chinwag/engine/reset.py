"""A forgotten password: a code goes to a confirmed address of the account, and nowhere else.

The reply never tells whether somebody is known; everything happens after it (D-40, DEFECT-08).
Source: specification 04, paragraph 3.7; specification 01, paragraph 6.4.
"""

import logging
from typing import TYPE_CHECKING

from chinwag.core import accounts, creds
from chinwag.core.accounts import Reset
from chinwag.core.errors import Refused
from chinwag.core.state import State
from chinwag.engine import credentials
from chinwag.ports import Notice
from chinwag.store import creds as stored
from chinwag.store import users

if TYPE_CHECKING:
    from chinwag.engine.services import Services
    from chinwag.engine.session import Session

log = logging.getLogger(__name__)


def ask(session: "Session", secret: bytes) -> None:
    """Take a request for a new password. Raises Refused only where it cannot be understood."""
    services = session.services
    methods = creds.METHODS | services.validators.keys()
    wanted = accounts.read_reset(secret, services.authenticators, methods)
    if services.guard.may_reset(session.peer.remote_addr, services.clock.now_ms()):
        services.tasks.spawn("reset", _serve(services, wanted, session.country, session.lang))


async def _serve(services: "Services", wanted: Reset, country: str, lang: str) -> None:
    """Send a code to the address as it is stored, if its owner logs in this way."""
    validator = services.validators.get(wanted.method)
    if validator is None or "code" not in services.authenticators:
        log.info("reset_impossible", extra={"method": wanted.method})
        return
    try:
        value = validator.normalise(wanted.value, country)
    except Refused:
        return
    uid = await services.db.read(stored.owner, wanted.method, value)
    user = await services.db.read(users.get, uid) if uid else None
    if user is None or user.state is not State.OK:
        return
    login = await services.authenticators[wanted.scheme].log_in_name(user.uid)
    if login is None:
        return
    code = await services.codes.issue(user.uid, creds.tag(wanted.method, value))
    if code is None:
        return
    life_s = services.limits.reset_life_s
    notice = Notice("reset", value, code, life_s, lang=lang, scheme=wanted.scheme, login=login)
    credentials.post(services, validator, notice)
