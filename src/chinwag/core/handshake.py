"""Which packet is legal when, and for whom somebody may act.

Source: specification 01, paragraph 5, steps 5, 8 and 9.
"""

from typing import Final, NamedTuple

from chinwag.core import ids
from chinwag.core.errors import Refused
from chinwag.core.state import Level
from chinwag.wire import ctrl
from chinwag.wire.messages import Acc, Extra, Hi, Login, Packet

LEVELS: Final = {"anon": Level.ANON, "auth": Level.AUTH, "root": Level.ROOT}


class Acting(NamedTuple):
    """The user whom a request is made for, and how far that is proven."""

    uid: str  # empty before log-in
    level: Level


def acting(extra: Extra | None, own: Acting) -> Acting:
    """The user for whom a session of `own` acts, or Refused.

    Only root may name somebody else. Source: specification 01, paragraph 5.1.
    """
    if extra is None:
        return own
    level = level_of(extra.authlevel)
    if not extra.obo and level is None:
        return own
    if own.level is not Level.ROOT:
        raise Refused(ctrl.PERMISSION_DENIED)
    uid = ids.canonical_uid(extra.obo) if extra.obo else own.uid  # nobody named: DEFECT 06-11
    if uid is None:
        raise Refused(ctrl.MALFORMED)
    return Acting(uid, level or Level.AUTH)


def level_of(name: str) -> Level | None:
    """The level called `name`, all in lower or all in upper case; None: there is none."""
    return LEVELS.get(name.lower() if name.isupper() else name)


def check(packet: Packet, *, greeted: bool, uid: str) -> None:
    """Let `packet` pass or raise Refused.

    `greeted`: the session has said {hi}; `uid`: the acting user, empty before log-in. The caller
    drops a refused {note} silently. A reply to {hi}, {login} and {acc} bears no topic (QUIRK-28).
    """
    if isinstance(packet, Hi):
        return
    if not greeted:
        raise Refused(ctrl.OUT_OF_SEQUENCE)
    if not uid and not isinstance(packet, Acc | Login):
        raise Refused(ctrl.AUTH_REQUIRED)
