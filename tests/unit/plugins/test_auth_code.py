"""Codes as a log-in. Source: specification 04, paragraph 4.4."""

import pytest

from chinwag.core.errors import Refused
from chinwag.core.state import Level
from chinwag.plugins.auth_code import CodeAuth
from chinwag.ports import Identity
from chinwag.wire import ctrl
from stage import ALICE


async def check(subject: str, code: str) -> Identity:
    """Only Alice has a code."""
    if (subject, code) != ("email:alice@example.com", "012345"):
        raise Refused(ctrl.AUTH_FAILED)
    return Identity(ALICE, Level.NONE, no_login=True)


CODE = CodeAuth(check, str.lower)


async def test_a_code_and_where_it_was_sent() -> None:
    found = await CODE.authenticate(b"012345:email:Alice@example.com", "")
    assert (found.uid, found.no_login) == (ALICE, True)


@pytest.mark.parametrize(
    ("secret", "reply"),
    [
        (b"012345", ctrl.MALFORMED),
        (b"", ctrl.MALFORMED),
        (b"012346:email:alice@example.com", ctrl.AUTH_FAILED),
        (b"012345:email:bob@example.com", ctrl.AUTH_FAILED),
        (b"012345:", ctrl.AUTH_FAILED),
        (b"\xff\xff:email:alice@example.com", ctrl.AUTH_FAILED),
    ],
)
async def test_what_is_refused(secret: bytes, reply: ctrl.Reply) -> None:
    with pytest.raises(Refused) as refused:
        await CODE.authenticate(secret, "")
    assert refused.value.reply == reply


def test_guesses_are_aimed_at_an_address() -> None:
    assert CODE.subject(b"1:email:A@b.c") == CODE.subject(b"2:email:a@b.c") == "email:a@b.c"
    assert CODE.subject(b"012345") == ""
