"""Tokens as a log-in. Source: specification 04, paragraph 4.1."""

import pytest

from chinwag.core.errors import Refused
from chinwag.core.state import Level
from chinwag.plugins.auth_token import TokenAuth
from chinwag.ports import Identity
from chinwag.wire import ctrl
from stage import ALICE


def read(raw: bytes) -> Identity:
    """Every token is Alice's, but one."""
    if raw == b"bad":
        raise Refused(ctrl.AUTH_FAILED)
    return Identity(ALICE, Level.AUTH)


async def test_a_token_stands_for_somebody() -> None:
    token = TokenAuth(read)
    assert (await token.authenticate(b"good", "")).uid == ALICE
    with pytest.raises(Refused):
        await token.authenticate(b"bad", "")
    assert token.subject(b"good") == ""  # it cannot be guessed
