"""Tokens. Source: specification 04, paragraph 4.1; DEFECTs D-33 and D-41."""

import base64

import pytest

from chinwag.core.errors import Refused
from chinwag.core.state import Level, User
from chinwag.core.token import NO_LOGIN, VALIDATED
from chinwag.engine.tokens import MAIL_LIFE_S, Tokens
from chinwag.ports import Identity, Issued
from stage import ALICE, START_MS, HandClock

DAY = 86_400


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def tokens(clock: HandClock) -> Tokens:
    return Tokens(b"k" * 32, 1, 14 * DAY, clock)


@pytest.fixture
def alice() -> User:
    return User(ALICE, START_MS, START_MS)


def read(tokens: Tokens, text: str) -> Identity:
    """Who the token stands for."""
    return tokens.read(base64.b64decode(text))


def void(tokens: Tokens, user: User, issued: Issued) -> bool:
    """Whether a token has been ended."""
    ended = read(tokens, issued.text).ended
    assert ended is not None
    return ended(user)


def change_secret(tokens: Tokens, user: User, keep_s: int = 0) -> None:
    """The user has a new password."""
    for name, value in tokens.void(user, keep_s=keep_s).items():
        setattr(user, name, value)


def test_what_a_token_says(tokens: Tokens, alice: User) -> None:
    found = read(tokens, tokens.issue(alice, Level.AUTH).text)
    assert (found.uid, found.level, found.validated, found.no_login) == (
        ALICE,
        Level.AUTH,
        True,
        False,
    )
    found = read(tokens, tokens.issue(alice, Level.ANON, NO_LOGIN).text)
    assert (found.level, found.validated, found.no_login, found.renews) == (
        Level.ANON,
        False,
        True,
        False,
    )


def test_a_change_of_password_ends_tokens(tokens: Tokens, alice: User, clock: HandClock) -> None:
    """DEFECT D-33, DEFECT-10: they went on for two weeks."""
    before, kept = tokens.issue(alice, Level.AUTH), tokens.issue(alice, Level.AUTH)
    clock.ms += 5000
    kept = tokens.issue(alice, Level.AUTH)
    change_secret(tokens, alice, keep_s=kept.expires_ms // 1000)
    after = tokens.issue(alice, Level.AUTH)
    assert [void(tokens, alice, each) for each in (before, kept, after)] == [True, False, False]


def test_two_changes_within_a_second(tokens: Tokens, alice: User) -> None:
    change_secret(tokens, alice)
    between = tokens.issue(alice, Level.AUTH)
    change_secret(tokens, alice)
    after = tokens.issue(alice, Level.AUTH)
    assert [void(tokens, alice, each) for each in (between, after)] == [True, False]


def test_short_lived_tokens_have_a_mark_of_their_own(
    tokens: Tokens, alice: User, clock: HandClock
) -> None:
    """DEFECT D-33: those in mails and those that are no log-in end before the mark of others."""

    def some() -> list[Issued]:
        text = tokens.mailed(alice, Level.AUTH)
        until_ms = clock.ms + tokens.short_life_s * 1000
        return [Issued(text, 0), tokens.issue(alice, Level.NONE, VALIDATED | NO_LOGIN, until_ms)]

    before = some()
    assert not any(void(tokens, alice, each) for each in before)
    clock.ms += 1000
    change_secret(tokens, alice)
    clock.ms += 1000
    assert all(void(tokens, alice, each) for each in before)
    assert not any(void(tokens, alice, each) for each in some())


def test_a_mailed_token_is_good_for_a_day(tokens: Tokens, alice: User, clock: HandClock) -> None:
    """04 §3.5, step 10."""
    text = tokens.mailed(alice, Level.AUTH)
    assert read(tokens, text).mailed
    clock.ms += MAIL_LIFE_S * 1000
    with pytest.raises(Refused):
        read(tokens, text)


def test_a_token_that_ends_with_its_secret(tokens: Tokens, alice: User) -> None:
    """DEFECT D-41."""
    issued = tokens.issue(alice, Level.AUTH, until_ms=START_MS + 60_000)
    assert read(tokens, issued.text).expires_ms == issued.expires_ms == START_MS + 60_000
