"""Accounts from the command line."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chinwag.accounts import Bounds, Desk, open_desk
from chinwag.config import CannotStart, Config
from chinwag.core.errors import Refused
from chinwag.store import auth, users

Capture = pytest.CaptureFixture[str]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk over an empty database."""
    async with open_desk(tmp_path / "data", Config(), make=True) as desk:
        yield desk


async def log_in(desk: Desk, login: str, password: str) -> bool:
    """Whether somebody can log in."""
    try:
        await desk._basic.authenticate(f"{login}:{password}".encode(), "")
    except Refused:
        return False
    return True


async def test_a_made_up_password_is_printed_and_works(desk: Desk, capsys: Capture) -> None:
    await desk.add("anna", "Anna Lee", None, root=False)
    said = capsys.readouterr().out
    match = re.search(r"Made anna: (usr\S{11})\nPassword: (\S{12})\n", said)
    assert match is not None
    assert await log_in(desk, "anna", match[2])


async def test_a_bot_is_shown_as_one_and_can_log_in(desk: Desk, capsys: Capture) -> None:
    """Clients show `trusted.verified` and the note. Source: specification 07, paragraph 5."""
    await desk.add_bot("tino", "Tino", Bounds(), password=True)
    said = capsys.readouterr().out
    match = re.search(
        r"Made tino: (usr\S{11})\n.*CHINWAG_BOT_LOGIN=tino:(\S{12})\n", said, re.DOTALL
    )
    assert match is not None
    assert await log_in(desk, "tino", match[2])
    user = await desk._services.db.read(users.get, match[1])
    assert user is not None
    assert user.public == b'{"fn":"Tino","note":"A bot."}'
    assert user.trusted == b'{"verified":true,"bot":true}'


async def test_what_a_bot_logs_in_with_can_be_made_void(desk: Desk, capsys: Capture) -> None:
    await desk.add_bot("tino", "Tino", Bounds(), password=True)
    old = capsys.readouterr().out.split(":")[-1].strip()
    before = await desk._services.db.read(auth.by_unique, "basic", "tino")
    assert before is not None
    await desk.renew_bot("tino", Bounds(), password=True)
    new = capsys.readouterr().out.split(":")[-1].strip()
    assert [await log_in(desk, "tino", secret) for secret in (old, new)] == [False, True]
    user = await desk._services.db.read(users.get, before.uid)
    assert user is not None
    assert user.tokens_void_s > 0


async def test_a_bot_gets_a_token_within_bounds(desk: Desk, capsys: Capture) -> None:
    await desk.add_bot("tino", "Tino", Bounds.of(["p2p"], 30))
    said = capsys.readouterr().out
    assert "CHINWAG_BOT_LOGIN" not in said  # nothing that knows no bounds, unless it is asked for
    match = re.search(
        r"Token (\w+) is good for p2p, 30 messages a minute.\nCHINWAG_BOT_TOKEN=", said
    )
    assert match is not None
    await desk.renew_bot("tino", Bounds())
    assert [token.id == match[1] for token in await desk._programs.tokens()] == [False]


@pytest.mark.parametrize(("words", "rate"), [(["tea"], 0), ([], -1), ([], 60_001)])
def test_bounds_that_make_no_sense(words: list[str], rate: int) -> None:
    with pytest.raises(CannotStart, match=r"topic|minute"):
        Bounds.of(words, rate)


async def test_people_are_no_bots(desk: Desk) -> None:
    await desk.add("anna", "Anna Lee", "password", root=False)
    with pytest.raises(CannotStart, match="anna is no bot"):
        await desk.renew_bot("anna", Bounds())
    assert await log_in(desk, "anna", "password")


async def test_a_chosen_password_is_not_printed(desk: Desk, capsys: Capture) -> None:
    await desk.add("anna", "Anna", "secret99", root=True)
    assert "secret99" not in capsys.readouterr().out
    await desk.listing()
    assert re.search(r"anna +root +ok +never", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("login", "password", "why"),
    [
        ("anna", "secret99", "already"),
        ("an", "secret99", "not acceptable"),
        ("berta", "short", "not acceptable"),
        ("b e r t a", "secret99", "not acceptable"),
    ],
)
async def test_what_cannot_be_made_is_one_sentence(
    desk: Desk, login: str, password: str, why: str
) -> None:
    await desk.add("anna", "Anna", "secret99", root=False)
    with pytest.raises(CannotStart, match=why):
        await desk.add(login, login, password, root=False)


async def test_a_new_password_ends_the_old_one(desk: Desk) -> None:
    await desk.add("anna", "Anna", "secret99", root=False)
    await desk.passwd("anna", "other-secret")
    assert not await log_in(desk, "anna", "secret99")
    assert await log_in(desk, "anna", "other-secret")


async def test_administrators_come_and_go(desk: Desk, capsys: Capture) -> None:
    """D-97: making one again was an error. DEFECT 06-18: there is one account, not two."""
    await desk.add("anna", "Anna", "secret99", root=False)
    await desk.root("anna", revoke=False)
    await desk.root("anna", revoke=False)  # D-97: once more is no error
    await desk.listing()
    assert capsys.readouterr().out.splitlines()[-1].count("anna") == 1
    await desk.listing()
    await desk.root("anna", revoke=True)
    await desk.listing()
    said = capsys.readouterr().out
    assert said.index("anna                 root") < said.index("anna                 user")


async def test_suspended_and_deleted(desk: Desk, capsys: Capture) -> None:
    await desk.add("anna", "Anna", "secret99", root=False)
    await desk.suspend("anna", restore=False)
    await desk.listing()
    assert "suspended" in capsys.readouterr().out
    await desk.suspend("anna", restore=True)
    await desk.delete("anna", hard=True)
    capsys.readouterr()
    await desk.listing()
    assert capsys.readouterr().out == ""
    with pytest.raises(CannotStart, match="no user anna"):
        await desk.passwd("anna", None)
