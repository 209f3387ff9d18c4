"""Tokens as a log-in. Source: specification 04, paragraph 4.1."""

import base64

import pytest

from chinwag.core.errors import Refused
from chinwag.core.scope import topics
from chinwag.core.state import Level
from chinwag.engine.programs import Programs
from chinwag.plugins.auth_token import TokenAuth
from chinwag.ports import Identity
from chinwag.wire import ctrl
from stage import ALICE, Stage


def read(raw: bytes) -> Identity:
    """Every token is Alice's, but one."""
    if raw == b"bad":
        raise Refused(ctrl.AUTH_FAILED)
    return Identity(ALICE, Level.AUTH)


async def test_a_token_stands_for_somebody(stage: Stage) -> None:
    token = TokenAuth(read, stage.db)
    assert (await token.authenticate(b"good", "")).uid == ALICE
    with pytest.raises(Refused):
        await token.authenticate(b"bad", "")
    assert token.subject(b"good") == ""  # it cannot be guessed


async def test_the_token_of_a_bot_stands_for_it_within_bounds(stage: Stage) -> None:
    """Some tools send the base64 text itself: specification 06, paragraph 7.2."""
    token = TokenAuth(read, stage.db)
    secret, made = await Programs(stage.services).new_token(ALICE, topics(["p2p"]), 7)
    for raw in (base64.b64decode(secret), secret.encode()):
        found = await token.authenticate(raw, "")
        assert (found.uid, found.level, found.scope) == (ALICE, Level.AUTH, made.scope)
        assert found.again == secret


async def test_what_looks_like_the_token_of_a_bot_is_none(stage: Stage) -> None:
    token = TokenAuth(read, stage.db)
    secret, _ = await Programs(stage.services).new_token(ALICE, topics([]))
    forged = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    other = secret[:5] + "1" * 11 + secret[16:]
    for text in (forged, other):
        with pytest.raises(Refused) as refused:
            await token.authenticate(text.encode(), "")
        assert refused.value.reply == ctrl.AUTH_FAILED
