"""Secrets people log in with: specification 04, paragraph 2.2."""

import pytest

from chinwag.core.state import AuthRecord, Level
from chinwag.store import auth, search, users
from chinwag.store.db import Db, Duplicate
from rows import ALICE, BOB, account, password


async def test_a_record_comes_back_as_it_was_stored(db: Db) -> None:
    record = AuthRecord("basic", "alice", ALICE, Level.ROOT, bytes(range(256)), 1 << 42)
    await db.run(auth.add, record)
    assert await db.read(auth.by_unique, "basic", "alice") == record
    assert await db.read(auth.by_user, "basic", ALICE) == record


async def test_a_record_that_is_not_there_is_no_error(db: Db) -> None:
    assert await db.read(auth.by_unique, "basic", "nobody") is None
    assert await db.read(auth.by_user, "basic", BOB) is None


@pytest.mark.parametrize("other", ["ALICE", "alicé", " alice", "ali\u0301ce"])
async def test_log_ins_are_compared_byte_by_byte(db: Db, other: str) -> None:
    """D-15: alicé must not log in as alice."""
    await db.run(auth.add, password(ALICE, "alice"))
    assert await db.read(auth.by_unique, "basic", other) is None
    await db.run(auth.add, password(BOB, other))
    found = await db.read(auth.by_unique, "basic", other)
    assert found is not None
    assert (found.uid, found.unique) == (BOB, other)


async def test_a_space_at_the_end_makes_another_log_in(db: Db) -> None:
    await db.run(auth.add, password(ALICE, "alice"))
    assert await db.read(auth.by_unique, "basic", "alice ") is None
    await db.run(auth.add, password(BOB, "alice "))


async def test_a_log_in_belongs_to_one_person_and_scheme(db: Db) -> None:
    await db.run(auth.add, password(ALICE, "alice"))
    with pytest.raises(Duplicate):
        await db.run(auth.add, password(BOB, "alice"))
    elsewhere = AuthRecord("rest", "alice", BOB, Level.AUTH, b"")
    await db.run(auth.add, elsewhere)
    assert await db.read(auth.by_unique, "rest", "alice") == elsewhere


async def test_a_person_has_one_record_of_a_scheme(db: Db) -> None:
    await db.run(auth.add, password(ALICE, "alice"))
    with pytest.raises(Duplicate):
        await db.run(auth.add, password(ALICE, "alicia"))


async def test_a_change_moves_the_tag_with_the_log_in(db: Db) -> None:
    await account(db, ALICE, "basic:alice", "red", auth=password())
    changed = AuthRecord("basic", "alicia", ALICE, Level.ROOT, b"new", 5)
    tags = await db.run(auth.change, changed, old_tag="basic:alice", new_tag="basic:alicia")
    assert tags == ["basic:alicia", "red"]
    assert await db.read(auth.by_unique, "basic", "alice") is None
    assert await db.read(auth.by_unique, "basic", "alicia") == changed
    assert await db.read(search.bearer, "basic:alice") is None
    assert await db.read(search.bearer, "basic:alicia") == ALICE


async def test_a_change_that_changes_nothing_is_no_error(db: Db) -> None:
    """The reference on MySQL answers `not found` here: such an update affects no row."""
    await account(db, ALICE, "red", auth=password())
    assert await db.run(auth.change, password()) == ["red"]
    assert await db.run(auth.change, password()) == ["red"]


async def test_a_change_to_a_log_in_that_is_taken_changes_nothing(db: Db) -> None:
    await account(db, ALICE, "basic:alice", auth=password())
    await account(db, BOB, "basic:bobby", auth=password(BOB, "bobby"))
    with pytest.raises(Duplicate):
        await db.run(
            auth.change, password(BOB, "alice"), old_tag="basic:bobby", new_tag="basic:alice"
        )
    assert await db.read(auth.by_user, "basic", BOB) == password(BOB, "bobby")
    assert await db.read(search.bearer, "basic:bobby") == BOB


async def test_forgetting_the_secrets_of_one_leaves_those_of_others(db: Db) -> None:
    await account(db, ALICE, auth=password())
    await account(db, BOB, auth=password(BOB, "bobby"))
    await db.run(auth.add, AuthRecord("rest", "a", ALICE, Level.AUTH, b""))
    await db.run(auth.remove_all, ALICE)
    assert await db.read(auth.by_user, "basic", ALICE) is None
    assert await db.read(auth.by_user, "rest", ALICE) is None
    assert await db.read(auth.by_user, "basic", BOB) is not None
    assert await db.read(users.get, ALICE) is not None


@pytest.mark.parametrize("letter", ["x", "\U0001f642"])
async def test_a_long_log_in_fits_beside_its_scheme(db: Db, letter: str) -> None:
    """D-16: names of 27 to 32 characters are allowed, and the column was too narrow."""
    record = password(ALICE, letter * 32)
    await db.run(auth.add, record)
    assert await db.read(auth.by_unique, "basic", record.unique) == record
