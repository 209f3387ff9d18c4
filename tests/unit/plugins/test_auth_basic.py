"""Names and passwords. Source: specification 04, paragraph 4.2."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from chinwag.core.errors import Refused
from chinwag.core.state import AuthRecord, Level, User
from chinwag.plugins.auth_basic import BasicAuth, parse
from chinwag.plugins.passwords import Argon2Passwords
from chinwag.ports import Applicant
from chinwag.store import auth, users
from chinwag.store.sqlite import SqliteDb
from chinwag.wire import ctrl
from chinwag.wire.ctrl import Reply
from stage import ALICE, BOB, START_MS, HandClock


@pytest.fixture
async def basic(tmp_path: Path) -> AsyncIterator[BasicAuth]:
    """Basic authentication over a database with Alice and Bob, who have no passwords yet."""
    db = await SqliteDb.open(tmp_path / "chinwag.db")
    for uid in (ALICE, BOB):
        user = User(uid, START_MS, START_MS)
        await db.run(users.create, user, private=None, auth=None, now_ms=START_MS)
    passwords = Argon2Passwords(threads=1, memory_kib=8, passes=1)
    yield BasicAuth(db, passwords, HandClock(), name="corp")
    passwords.close()
    await db.close()


async def enrol(basic: BasicAuth, secret: str, uid: str = ALICE) -> list[str]:
    """Give somebody a password; the tags they get."""
    user = User(uid, START_MS, START_MS)
    enrolled = await basic.enrol(Applicant(user, None, secret.encode(), ""))
    assert enrolled.record is not None
    await basic.db.run(auth.add, enrolled.record)
    return enrolled.tags


async def refused(work: Any) -> tuple[Reply, Any]:
    """How it is refused."""
    with pytest.raises(Refused) as error:
        await work
    return error.value.reply, error.value.params


@pytest.mark.parametrize(
    "login", ["abcd", "a.b_c", "Ünal", "张三李四", "x" * 32, "1a2b", "Ⅷabc", "a...b"]
)
async def test_names(basic: BasicAuth, login: str) -> None:
    """Letters and digits of any script, dots and underscores inside; case does not count."""
    await basic.check_new(f"{login}:secret".encode(), "")
    assert await enrol(basic, f"{login}:secret") == [f"corp:{login.lower()}"]
    for known in (login, login.upper(), login.lower()):
        if known.lower() == login.lower():
            found = await basic.authenticate(f"{known}:secret".encode(), "")
            assert (found.uid, found.level, found.validated) == (ALICE, Level.AUTH, False)
    taken = await refused(basic.check_new(f"{login}:other".encode(), ""))
    assert taken == (ctrl.DUPLICATE_CREDENTIAL, {"what": "auth"})


@pytest.mark.parametrize(
    "login", ["", "abc", "x" * 33, "_abc", "abc_", ".abc", "ab-c", "ab c", "ab@c", "abc🙂"]
)
async def test_names_against_the_policy(basic: BasicAuth, login: str) -> None:
    reply = await refused(basic.check_new(f"{login}:secret".encode(), ""))
    assert reply == (ctrl.POLICY, {"what": "auth"})


@pytest.mark.parametrize("secret", [b"", b"alice", b"\xff:secret"])
async def test_what_is_no_name_and_password(basic: BasicAuth, secret: bytes) -> None:
    for work in (basic.check_new(secret, ""), basic.authenticate(secret, "")):
        assert (await refused(work))[0] == ctrl.MALFORMED
    assert basic.subject(secret) == ""


@pytest.mark.parametrize("password", ["", "12345", "x" * 1025])
async def test_passwords_against_the_policy(basic: BasicAuth, password: str) -> None:
    assert await refused(enrol(basic, "alice:" + password)) == (ctrl.POLICY, None)


@pytest.mark.parametrize("password", ["123456", "with:colon", " blank ", "x" * 1024, "пароль🙂"])
async def test_passwords(basic: BasicAuth, password: str) -> None:
    """DEFECT D-34: beyond 72 bytes they failed, or were cut."""
    await enrol(basic, "alice:" + password)
    await basic.authenticate(f"alice:{password}".encode(), "")
    for wrong in (password + "x", password[:-1], password.swapcase()):
        if wrong != password:
            work = basic.authenticate(f"alice:{wrong}".encode(), "")
            assert (await refused(work))[0] == ctrl.AUTH_FAILED


async def test_hashes_of_other_systems_are_taken_and_replaced(basic: BasicAuth) -> None:
    """04 §4.2: bcrypt looks at 72 bytes only; the next log-in makes an argon2id hash of it all."""
    password = "p" * 80
    stored = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4))
    await basic.db.run(auth.add, AuthRecord("corp", "alice", ALICE, Level.ROOT, stored))
    assert (await basic.authenticate(f"alice:{password}".encode(), "")).level is Level.ROOT
    record = await basic.db.read(auth.by_unique, "corp", "alice")
    assert record is not None
    assert record.secret.startswith(b"$argon2id$")
    await basic.authenticate(f"alice:{password}".encode(), "")
    cut = basic.authenticate(f"alice:{password[:72]}".encode(), "")
    assert (await refused(cut))[0] == ctrl.AUTH_FAILED


async def test_a_wrong_password_replaces_nothing(basic: BasicAuth) -> None:
    stored = bcrypt.hashpw(b"secret", bcrypt.gensalt(4))
    await basic.db.run(auth.add, AuthRecord("corp", "alice", ALICE, Level.AUTH, stored))
    assert (await refused(basic.authenticate(b"alice:wrong", "")))[0] == ctrl.AUTH_FAILED
    record = await basic.db.read(auth.by_unique, "corp", "alice")
    assert record is not None
    assert record.secret == stored


async def test_a_password_that_ends(basic: BasicAuth) -> None:
    hashed = await basic.passwords.hash("secret")
    ends_ms = START_MS + 1000
    await basic.db.run(auth.add, AuthRecord("corp", "alice", ALICE, Level.AUTH, hashed, ends_ms))
    assert (await basic.authenticate(b"alice:secret", "")).expires_ms == ends_ms
    assert isinstance(basic.clock, HandClock)
    basic.clock.ms = ends_ms
    assert (await refused(basic.authenticate(b"alice:secret", "")))[0] == ctrl.AUTH_FAILED


async def test_a_change_keeps_what_is_not_given(basic: BasicAuth) -> None:
    await enrol(basic, "alice:secret")
    alice = User(ALICE, START_MS, START_MS)
    for secret in (b":fresh1", b"Alice:fresh2"):
        assert await basic.change(alice, secret, "") == ["corp:alice"]
    assert await basic.change(alice, b"Alicia:fresh3", "") == ["corp:alicia"]
    assert (await basic.authenticate(b"alicia:fresh3", "")).uid == ALICE
    assert await basic.log_in_name(ALICE) == "alicia"
    assert await basic.log_in_name(BOB) is None
    assert (await refused(basic.change(User(BOB, 0, 0), b":fresh1", "")))[0] == ctrl.NOT_FOUND


async def test_a_change_to_a_name_that_is_taken(basic: BasicAuth) -> None:
    await enrol(basic, "alice:secret")
    await enrol(basic, "bobby:secret", BOB)
    work = basic.change(User(ALICE, 0, 0), b"bobby:fresh1", "")
    assert (await refused(work))[0] == ctrl.DUPLICATE_CREDENTIAL


async def test_no_tag_where_none_is_wanted(basic: BasicAuth) -> None:
    """DEFECT D-34: a change of password added the tag all the same."""
    quiet = BasicAuth(basic.db, basic.passwords, basic.clock, add_to_tags=False, name="corp")
    assert await enrol(quiet, "alice:secret") == []
    assert await quiet.change(User(ALICE, 0, 0), b"alicia:fresh1", "") == []


def test_names_are_read_in_one_form() -> None:
    """A letter with its accent beside it is the letter with its accent."""
    assert parse("ZOE\u0308:x".encode()) == ("zo\u00eb", "x")
