"""Secrets of programs."""

import base64

import pytest

from chinwag.core import passkey
from chinwag.core.passkey import BOT, HOOK

MOST = (1 << 64) - 1
PREFIXES = pytest.mark.parametrize("prefix", [BOT, HOOK])


@PREFIXES
@pytest.mark.parametrize("number", [1, MOST])
def test_what_is_made_is_read(prefix: str, number: int) -> None:
    text, kept = passkey.make(prefix, lambda: number)
    assert text.startswith(prefix)
    assert passkey.read(prefix, text) == kept
    assert text not in kept.id
    assert len(kept.digest) == 32


def test_different_numbers_make_different_secrets() -> None:
    numbers = iter(range(10))
    one, two = (passkey.make(BOT, lambda: next(numbers))[1] for _ in range(2))
    assert one.id != two.id
    assert not passkey.same(one.digest, two.digest)
    assert passkey.same(one.digest, one.digest)


@PREFIXES
def test_nothing_else_is_one(prefix: str) -> None:
    text, _ = passkey.make(prefix, lambda: MOST)
    for other in ("", prefix, text[:-1], text + "a", text[:-1] + "-", "x" + text[1:], text[6:]):
        assert passkey.read(prefix, other) is None


def test_the_secret_of_a_bot_is_the_base64_of_something() -> None:
    """Clients that are given a token decode and encode it."""
    text, kept = passkey.make(BOT, lambda: MOST)
    raw = base64.b64decode(text, validate=True)
    assert base64.b64encode(raw).decode() == text
    assert passkey.bot_secret(raw) == passkey.bot_secret(text.encode()) == (text, kept)


def test_other_bytes_are_no_secret_of_a_bot() -> None:
    for raw in (b"", b"x" * 45, b"x" * 50, b"x" * 60, b"\xff" * 60, b"\xff" * 45):
        assert passkey.bot_secret(raw) is None
