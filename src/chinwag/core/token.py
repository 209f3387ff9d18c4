"""The 50-byte token that stands for a log-in.

Source: specification 04, paragraph 4.1; specification 01, paragraph 9.1.
"""

import hmac
import struct
from typing import Final, NamedTuple

from chinwag.core import ids
from chinwag.core.errors import Refused
from chinwag.core.state import Level
from chinwag.wire import ctrl

_BODY: Final = struct.Struct("<QIHHH")
LENGTH: Final = 50
VALIDATED: Final = 1
NO_LOGIN: Final = 2
MAILED: Final = 4  # ours: it was sent with a code, and ends sooner than others


class Token(NamedTuple):
    """What a token says."""

    uid: str
    expires_s: int
    level: Level
    features: int


def mint(token: Token, *, key: bytes, serial: int) -> bytes:
    """The bytes of `token`, signed."""
    number = ids.uid_number(token.uid)
    body = _BODY.pack(number, token.expires_s, token.level, serial, token.features)
    return body + _sign(body, key)


def read(raw: bytes, *, key: bytes, serial: int, now_ms: int) -> Token:
    """What the token `raw` says. Raises Refused where it is damaged, foreign or over."""
    if len(raw) < LENGTH:
        raise Refused(ctrl.MALFORMED)
    body = raw[: _BODY.size]
    if not hmac.compare_digest(_sign(body, key), raw[_BODY.size : LENGTH]):
        raise Refused(ctrl.AUTH_FAILED)
    number, expires_s, level, found_serial, features = _BODY.unpack(body)
    if level not in list(Level):
        raise Refused(ctrl.MALFORMED)
    if found_serial != serial or expires_s * 1000 < now_ms + 1000:
        raise Refused(ctrl.AUTH_FAILED)
    return Token(ids.uid_text(number), expires_s, Level(level), features)


def _sign(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")
