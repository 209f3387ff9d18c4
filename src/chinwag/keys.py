"""API keys for the command line: made, and examined. Source: specification 01, paragraph 1.5."""

import base64
import binascii
import secrets

from chinwag.config import CannotStart
from chinwag.core import apikey

SALT_BYTES = 32


def generate(salt: str | None, sequence: int, *, root: bool) -> str:
    """A fresh key and the salt it was made with, in words."""
    raw = secrets.token_bytes(SALT_BYTES) if salt is None else _salt(salt)
    key = apikey.make(raw, sequence, root=root)
    return f"API key: {key}\nSalt: {base64.b64encode(raw).decode()}"


def examine(key: str, salt: str) -> str | None:
    """What `key` says; None: it was not made with `salt`."""
    if not apikey.valid(key, _salt(salt)):
        return None
    kind = "root" if apikey.is_root(key) else "ordinary"
    return f"Valid: version 1, sequence {apikey.sequence_of(key)}, {kind}"


def _salt(text: str) -> bytes:
    """The bytes of a salt in either alphabet. Raises CannotStart."""
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raise CannotStart("The salt is no base64: give it as keygen printed it.") from None
