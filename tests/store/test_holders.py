"""Tags in the search index: specification 04, paragraph 6."""

import pytest

from chinwag.store import holders, search
from chinwag.store.db import Db, Duplicate
from rows import ALICE, BOB, GROUP


async def test_the_index_holds_the_newest_tags_and_nothing_else(db: Db) -> None:
    await db.run(holders.set_tags, ALICE, ["red", "blue"])
    await db.run(holders.set_tags, ALICE, ["blue", "green", "green"])
    assert await db.read(search.bearer, "red") is None
    assert await db.read(search.bearer, "blue") == ALICE
    assert await db.read(search.bearer, "green") == ALICE
    await db.run(holders.set_tags, ALICE, [])
    assert await db.read(search.bearer, "blue") is None


async def test_tags_are_compared_byte_by_byte(db: Db) -> None:
    """D-15: tags that differ in accents only were doubles and made registrations fail."""
    await db.run(holders.set_tags, ALICE, ["alice", "alicé", "Alice", "alice\0x"])
    assert await db.read(search.bearer, "alicé") == ALICE
    assert await db.read(search.bearer, "ALICE") is None
    assert await db.read(search.bearer, "alice ") is None


async def test_an_alias_belongs_to_one_person_or_group(db: Db) -> None:
    """D-62. 07-11."""
    await db.run(holders.set_tags, ALICE, ["alias:ann", "alias:ann", "x"], "alias")
    with pytest.raises(Duplicate):
        await db.run(holders.set_tags, GROUP, ["alias:ann"], "alias")
    await db.run(holders.set_tags, BOB, ["x", "aliasing:ann"], "alias")
    assert await db.read(search.bearer, "alias:ann") == ALICE


async def test_a_taken_alias_leaves_everything_as_it_was(db: Db) -> None:
    await db.run(holders.set_tags, ALICE, ["alias:ann"], "alias")
    await db.run(holders.set_tags, BOB, ["alias:bob", "red"], "alias")
    with pytest.raises(Duplicate):
        await db.run(holders.set_tags, BOB, ["alias:ann", "blue"], "alias")
    assert await db.read(search.bearer, "red") == BOB
    assert await db.read(search.bearer, "alias:bob") == BOB
    assert await db.read(search.bearer, "blue") is None


async def test_an_alias_is_free_again_once_it_is_given_up(db: Db) -> None:
    await db.run(holders.set_tags, ALICE, ["alias:ann"], "alias")
    await db.run(holders.set_tags, ALICE, ["alias:ann2"], "alias")
    await db.run(holders.set_tags, BOB, ["alias:ann"], "alias")
    await db.run(holders.drop, BOB)
    await db.run(holders.set_tags, GROUP, ["alias:ann"], "alias")
    assert await db.read(search.bearer, "alias:ann") == GROUP


async def test_without_a_namespace_nothing_is_unique(db: Db) -> None:
    await db.run(holders.set_tags, ALICE, ["alias:ann"], "")
    await db.run(holders.set_tags, BOB, ["alias:ann"], "")
