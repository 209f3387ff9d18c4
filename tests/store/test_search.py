"""Finding people and groups: specification 04, paragraphs 7.3 and 7.4."""

from typing import Any

from chinwag.core import ids, modes
from chinwag.core.state import Member, State
from chinwag.store import search, subs, topics, users
from chinwag.store.db import Db
from rows import ALICE, BOB, CAROL, CHANNEL, GROUP, NOW, account, topic

BY: dict[str, Any] = {"uid": CAROL, "any_state": False, "alias_ns": "alias", "limit": 10}


async def _names(
    db: Db, *groups: list[str], optional: tuple[str, ...] = (), **by: Any
) -> list[str]:
    found = await db.read(search.find, list(groups), list(optional), **{**BY, **by})
    return [f.name for f in found]


async def _world(db: Db) -> None:
    await account(db, ALICE, "red", "blue", "alias:ann")
    await account(db, BOB, "red", "green")
    await account(db, CAROL, "red")
    await topic(db, GROUP, ALICE, BOB, owner=ALICE)
    await db.run(topics.set_tags, GROUP, ["red", "club"], NOW)


async def test_one_tag_of_every_required_group_makes_a_hit(db: Db) -> None:
    await _world(db)
    assert await _names(db, ["red"], ["green", "never"]) == [BOB]
    assert await _names(db, ["red"], ["blue", "club"]) == [GROUP, ALICE]
    assert await _names(db, ["red"], ["never"]) == []


async def test_optional_tags_find_only_where_nothing_is_required(db: Db) -> None:
    """D-67."""
    await _world(db)
    assert await _names(db, optional=("green", "club")) == [GROUP, BOB]
    assert await _names(db, ["red"], optional=("green",)) == [BOB, GROUP, ALICE]
    assert await _names(db) == []


async def test_more_matches_then_more_subscribers_then_the_name(db: Db) -> None:
    await _world(db)
    people = sorted([ALICE, BOB])
    assert await _names(db, ["red"]) == [GROUP, *people]
    assert await _names(db, ["red"], optional=("alias:ann", "green")) == [ALICE, BOB, GROUP]
    assert await _names(db, ["red"], limit=1) == [GROUP]


async def test_nobody_finds_themselves(db: Db) -> None:
    await _world(db)
    assert CAROL not in await _names(db, ["red"])
    assert CAROL in await _names(db, ["red"], uid=ALICE)


async def test_only_those_in_good_standing_are_found(db: Db) -> None:
    await _world(db)
    await db.run(users.set_state, ALICE, State.SUSPENDED, NOW)
    assert await _names(db, ["red"]) == [BOB]
    assert set(await _names(db, ["red"], any_state=True)) == {ALICE, BOB, GROUP}
    await db.run(users.delete, ALICE, hard=False, now_ms=NOW)
    assert await _names(db, ["red"], any_state=True) == [BOB]


async def test_a_hit_says_what_matched_and_how_large_it_is(db: Db) -> None:
    await _world(db)
    await topic(db, CHANNEL, ALICE, owner=ALICE, channel=True)
    await db.run(topics.set_tags, CHANNEL, ["red", "news"], NOW)
    reader = Member(BOB, modes.READER, modes.READER)
    await db.run(subs.put, ids.chn_of(CHANNEL), reader, NOW)
    (found,) = await db.read(search.find, [["news"]], ["red"], **BY)
    assert (found.name, found.is_channel, found.subcnt) == (CHANNEL, True, 2)
    assert found.matched == ["news", "red"]
    assert found.public == b'{"fn":"G"}'


async def test_very_many_terms_are_cut_and_never_refused(db: Db) -> None:
    """Paragraph 7.6."""
    await _world(db)
    many = ["red", *(f"tag{n}" for n in range(40_000))]
    assert set(await _names(db, optional=tuple(many))) == {ALICE, BOB, GROUP}


async def test_the_bearer_of_a_tag_is_a_group_before_a_user(db: Db) -> None:
    await _world(db)
    assert await db.read(search.bearer, "red") == GROUP
    assert await db.read(search.bearer, "green") == BOB
    assert await db.read(search.bearer, "re") is None


async def test_a_suspended_bearer_keeps_a_tag(db: Db) -> None:
    """D-66: an alias is not free for others while its owner is away."""
    await _world(db)
    await db.run(users.set_state, BOB, State.SUSPENDED, NOW)
    assert await db.read(search.bearer, "green") == BOB


async def test_nobody_spoils_a_search_by_his_profile(db: Db) -> None:
    """D-14: a NUL in somebody's name made every search fail that would have found him."""
    await _world(db)
    public = b'{"fn":"a\\u0000b"}'
    await db.run(users.update, BOB, {"public": public, "updated_ms": NOW})
    (found,) = await db.read(search.find, [], ["green"], **BY)
    assert (found.name, found.public) == (BOB, public)
