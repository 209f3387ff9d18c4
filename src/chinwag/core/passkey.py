"""Secrets of programs: a text that says what it is, which one, and is too long to be guessed.

Only a digest of the text is kept. That of a bot is made of letters and digits in such a number that
it is the base64 of something: clients send it as they send any other token.
"""

import base64
import hashlib
import hmac
import string
from collections.abc import Callable
from typing import Final, NamedTuple

BOT: Final = "cwbot"
HOOK: Final = "cwhook"
NUMBERS: Final = 5  # of 64 bits each, of which the first is the id
_DIGITS: Final = string.digits + string.ascii_letters
_WIDTH: Final = 11  # digits of one number
_LENGTH: Final = len(BOT) + NUMBERS * _WIDTH
_BYTES: Final = _LENGTH // 4 * 3


class Passkey(NamedTuple):
    """What is kept of a secret."""

    id: str
    digest: bytes


def make(prefix: str, number: Callable[[], int]) -> tuple[str, Passkey]:
    """A fresh secret of unpredictable 64-bit numbers, and what is kept of it."""
    text = prefix + "".join(_written(number()) for _ in range(NUMBERS))
    made = read(prefix, text)
    assert made is not None
    return text, made


def _written(number: int) -> str:
    digits = []
    for _ in range(_WIDTH):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(digits)


def read(prefix: str, text: str) -> Passkey | None:
    """What is kept of the secret `text`; None: it is none of this kind."""
    rest = text.removeprefix(prefix)
    whole = text.startswith(prefix) and len(rest) == NUMBERS * _WIDTH
    if not whole or not set(rest) <= set(_DIGITS):
        return None
    return Passkey(rest[:_WIDTH], hashlib.sha256(text.encode()).digest())


def same(one: bytes, other: bytes) -> bool:
    """Whether two digests are the same; how much of them is takes no time to tell."""
    return hmac.compare_digest(one, other)


def bot_secret(raw: bytes) -> tuple[str, Passkey] | None:
    """The secret of a bot that is meant by `raw`, decoded or not; None: it is none.

    Some tools send the base64 text where its bytes are wanted. Source: specification 06, 7.2.
    """
    if len(raw) == _BYTES:
        raw = base64.b64encode(raw)
    if len(raw) != _LENGTH or not raw.isascii():
        return None
    text = raw.decode("ascii")
    found = read(BOT, text)
    return None if found is None else (text, found)
