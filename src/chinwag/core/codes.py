"""Short codes that are sent to somebody: how they are drawn and what is kept of them.

Source: specification 04, paragraphs 4.4 and 5.1; DEFECTs D-32 and D-50.
"""

import hashlib
import hmac
from typing import Final

RETRY_S: Final = 60  # a newer code is made only so much later, however often it is asked for
DAY_MS: Final = 86_400_000  # after which failed attempts are forgiven


def draw(number: int, length: int) -> str:
    """A code of exactly `length` digits from a random 64-bit `number`."""
    return f"{number % 10**length:0{length}d}"


def digest(key: bytes, subject: str, code: str) -> bytes:
    """What is stored in place of `code`: without `key` nobody can try all codes against it."""
    return hmac.new(key, f"{subject}\0{code}".encode(), hashlib.sha256).digest()
