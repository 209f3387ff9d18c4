"""API keys: which clients may connect at all. They ship in every client and prove nothing.

Source: specification 01, paragraph 1.5.
"""

import base64
import hmac
import re
import struct
from typing import Final

_BODY: Final = struct.Struct("<BIHB")
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{32}")  # 24 bytes
_VERSION: Final = 1


def make(salt: bytes, sequence: int = 1, *, root: bool = False) -> str:
    """A key that is valid under `salt`; `sequence` and `root` have no effect (QUIRK-02)."""
    body = _BODY.pack(_VERSION, 0, sequence, int(root))
    return base64.urlsafe_b64encode(body + _sign(body, salt)).decode()


def valid(key: str, salt: bytes) -> bool:
    """Whether `key` was made with `salt`."""
    if not _KEY.fullmatch(key):
        return False
    raw = base64.urlsafe_b64decode(key)
    if raw[0] != _VERSION:
        return False
    return hmac.compare_digest(_sign(raw[: _BODY.size], salt), raw[_BODY.size :])


def sequence_of(key: str) -> int:
    """The sequence number of a valid key."""
    return int(_BODY.unpack(base64.urlsafe_b64decode(key)[: _BODY.size])[2])


def is_root(key: str) -> bool:
    """Whether a valid key bears the mark of a root key."""
    return bool(_BODY.unpack(base64.urlsafe_b64decode(key)[: _BODY.size])[3])


def _sign(body: bytes, salt: bytes) -> bytes:
    return hmac.digest(salt, body, "md5")
