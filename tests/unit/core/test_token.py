"""Tokens. Source: specification 04, paragraph 4.1; specification 01, paragraph 9.1."""

import base64

import pytest

from chinwag.core import token
from chinwag.core.errors import Refused
from chinwag.core.state import Level
from chinwag.core.token import VALIDATED, Token
from chinwag.wire import ctrl
from chinwag.wire.ctrl import Reply

KEY = base64.b64decode("wfaY2RgF2S1OQI/ZlK+LSrp1KB2jwAdGAIHQ7JZn+Kc=")
SAID = Token("usrRkDVe0PYDOo", 1893456000, Level.AUTH, VALIDATED)
RAW = base64.b64decode("RkDVe0PYDOqA2NtwFAABAAEAbtwbpiGVsF9bw5nv7V1XIpJsLbcbjLeJZ8tWApmWM+Q=")
NOW_MS = 1893456000_000 - 60_000


def refused(raw: bytes, *, key: bytes = KEY, serial: int = 1, now_ms: int = NOW_MS) -> Reply:
    """The reply to whoever shows `raw`."""
    with pytest.raises(Refused) as caught:
        token.read(raw, key=key, serial=serial, now_ms=now_ms)
    return caught.value.reply


def test_vectors() -> None:
    """04 §4.1: tokens of the reference server stay valid."""
    assert token.mint(SAID, key=KEY, serial=1) == RAW
    assert token.read(RAW, key=KEY, serial=1, now_ms=NOW_MS) == SAID
    second = bytes.fromhex(
        "4640d57b43d80cea865c166b14000100010062f12ee6ef110638691d408fe135d59945e2820c65fc7f019ccbf0"
        "0eb2f475ed"
    )
    found = token.read(second, key=KEY, serial=1, now_ms=NOW_MS - 10**11)
    assert found == SAID._replace(expires_s=1796627590)


def test_bytes_behind_a_token_are_ignored() -> None:
    """01 §9.1."""
    assert token.read(RAW + b"more", key=KEY, serial=1, now_ms=NOW_MS) == SAID


def test_damaged_and_foreign_ones() -> None:
    """01 §9.1, in the order of the checks."""
    assert refused(RAW[:-1]) == ctrl.MALFORMED
    assert refused(b"") == ctrl.MALFORMED
    for at in range(len(RAW)):
        broken = RAW[:at] + bytes((RAW[at] ^ 1,)) + RAW[at + 1 :]
        assert refused(broken) == ctrl.AUTH_FAILED
    assert refused(RAW, key=b"x" * 32) == ctrl.AUTH_FAILED
    assert refused(RAW, serial=2) == ctrl.AUTH_FAILED


def test_an_unknown_level_comes_before_serial_and_time() -> None:
    odd = token.mint(SAID._replace(level=40), key=KEY, serial=1)  # type: ignore[arg-type]
    assert refused(odd, serial=2, now_ms=NOW_MS + 10**9) == ctrl.MALFORMED


def test_a_token_ends_a_second_early() -> None:
    last_ms = SAID.expires_s * 1000 - 1000
    assert token.read(RAW, key=KEY, serial=1, now_ms=last_ms) == SAID
    assert refused(RAW, now_ms=last_ms + 1) == ctrl.AUTH_FAILED
