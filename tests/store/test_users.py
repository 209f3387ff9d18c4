"""Accounts: specification 04, paragraph 2.1."""

import pytest
import sqlalchemy as sa

from chinwag.core import ids
from chinwag.core.state import Level, Member, State, User
from chinwag.store import auth, devices, files, schema, search, subs, topics, users
from chinwag.store.db import Db, Duplicate, Tx
from rows import (
    ALICE,
    BOB,
    CAROL,
    CHANNEL,
    GROUP,
    NOW,
    PAIR,
    account,
    password,
    person,
    post,
    seqs,
    topic,
)


def _rows(tx: Tx) -> dict[str, int]:
    """How many rows each table has, where it has any."""
    counted = {
        table.name: tx.execute(sa.select(sa.func.count()).select_from(table)).scalar() or 0
        for table in schema.metadata.sorted_tables
        if table is not schema.meta
    }
    return {name: count for name, count in counted.items() if count}


async def test_an_account_comes_back_as_it_was_stored(db: Db) -> None:
    user = User(
        CAROL,
        NOW,
        NOW,
        State.SUSPENDED,
        auth=47,
        anon=1,
        public='{"fn":"Кароль 🎉"}'.encode(),
        trusted=b"{}",
        tags=["b", "a"],
        seen_ms=NOW + 5,
        ua="Клиент 🎉",
        tokens_void_s=1 << 33,
        tokens_kept_s=7,
    )
    await db.run(users.create, user, private=None, auth=None, now_ms=NOW)
    assert await db.read(users.get, CAROL) == user
    assert await db.read(users.get, ALICE) is None


async def test_an_account_has_its_own_two_topics_its_tags_and_its_password(db: Db) -> None:
    await account(db, ALICE, "red", auth=password())
    own = await db.read(subs.get, ALICE, ALICE)
    fnd = await db.read(subs.get, ids.fnd_name(ALICE), ALICE)
    assert own is not None
    assert fnd is not None
    assert (own.private, fnd.private) == (b'"mine"', None)
    assert await db.read(search.bearer, "red") == ALICE
    assert await db.read(auth.by_unique, "basic", "alice") == password()


async def test_a_taken_log_in_or_alias_leaves_nothing_behind(db: Db) -> None:
    await account(db, ALICE, "alias:ann", auth=password())
    before = await db.read(_rows)
    with pytest.raises(Duplicate):
        await account(db, BOB, "alias:ann")
    with pytest.raises(Duplicate):
        await account(db, BOB, auth=password(BOB, "alice"))
    assert await db.read(_rows) == before


async def test_many_are_found_at_once(db: Db) -> None:
    await account(db, ALICE)
    await account(db, BOB)
    many = [ALICE, BOB, BOB, *(ids.uid_text(n) for n in range(1, 40_000))]
    assert set(await db.read(users.many, many)) == {ALICE, BOB}
    assert await db.read(users.many, []) == {}


async def test_being_seen_is_no_change_of_the_profile(db: Db) -> None:
    await account(db, ALICE)
    await db.run(users.seen, ALICE, NOW + 9, "Web\0/1.0" * 99)
    user = await db.read(users.get, ALICE)
    assert user is not None
    assert (user.updated_ms, user.seen_ms) == (NOW, NOW + 9)
    assert user.ua == ("Web\ufffd/1.0" * 99)[:255]


@pytest.mark.parametrize(("state", "kept_s"), [(State.OK, 7), (State.SUSPENDED, 0)])
async def test_who_is_suspended_keeps_no_token(db: Db, state: State, kept_s: int) -> None:
    """D-33: a change of the password under way kept one."""
    await account(db, ALICE)
    await db.run(users.set_state, ALICE, state, NOW)
    await db.run(users.end_tokens, ALICE, {"tokens_void_s": 9, "tokens_kept_s": 7})
    user = await db.read(users.get, ALICE)
    assert user is not None
    assert (user.tokens_void_s, user.tokens_kept_s) == (9, kept_s)


@pytest.mark.parametrize(("kept_s", "found"), [(4, 0), (7, 7), (3, 3)])
async def test_no_token_is_kept_that_was_ended_meanwhile(db: Db, kept_s: int, found: int) -> None:
    """Two changes of a password have passed each other; what was issued between ends too."""
    await account(db, ALICE)
    await db.run(users.end_tokens, ALICE, {"tokens_void_s": 2, "tokens_kept_s": 0})
    await db.run(users.end_tokens, ALICE, {"tokens_void_s": 5, "tokens_kept_s": 3})
    await db.run(users.end_tokens, ALICE, {"tokens_void_s": 5, "tokens_kept_s": kept_s})
    user = await db.read(users.get, ALICE)
    assert user is not None
    assert (user.tokens_void_s, user.tokens_kept_s) == (6, found)


async def test_some_of_a_profile_can_be_changed(db: Db) -> None:
    await account(db, ALICE, "red")
    await db.run(users.update, ALICE, {"public": b"[]", "tokens_void_s": 5})
    await db.run(users.set_tags, ALICE, ["blue"], NOW + 3)
    user = await db.read(users.get, ALICE)
    assert user is not None
    assert (user.public, user.tokens_void_s) == (b"[]", 5)
    assert (user.tags, user.updated_ms) == (["blue"], NOW + 3)
    assert await db.read(search.bearer, "red") is None


@pytest.mark.parametrize("hard", [False, True])
async def test_who_is_no_more_gets_no_tags(db: Db, hard: bool) -> None:
    """An alias or the name of a log-in was never free again."""
    await account(db, auth=password())
    await db.run(users.delete, ALICE, hard=hard, now_ms=NOW)
    assert await db.run(users.set_tags, ALICE, ["alias:a"], NOW, "alias") is False
    assert await db.run(auth.change, password(), new_tag="basic:a") == []
    for tag in ("alias:a", "basic:a"):
        assert await db.read(search.bearer, tag) is None


async def test_suspension_covers_own_groups_and_conversations_but_not_sys(db: Db) -> None:
    """D-09."""
    await account(db, ALICE)
    await account(db, BOB)
    await db.run(topics.ensure_sys, NOW)
    await db.run(subs.put, "sys", Member(ALICE, 71, 71), NOW)
    await topic(db, GROUP, ALICE, BOB, owner=ALICE)
    await topic(db, CHANNEL, ALICE, BOB, owner=BOB)
    await topic(db, PAIR, ALICE, BOB)
    changed = await db.run(users.set_state, ALICE, State.SUSPENDED, NOW + 1)
    assert changed == sorted([GROUP, PAIR])
    described = [await db.read(topics.describe, n) for n in (GROUP, PAIR, CHANNEL, "sys")]
    assert [s and s.state for s in described] == [State.SUSPENDED, State.SUSPENDED, 0, 0]
    await db.run(users.set_state, ALICE, State.OK, NOW + 2)
    pair = await db.read(topics.describe, PAIR)
    assert pair is not None
    assert pair.state is State.OK


async def _world(db: Db) -> None:
    for uid in (ALICE, BOB, CAROL):
        await account(db, uid, "red", auth=password(uid, "login" + uid[3:6]))
    await topic(db, GROUP, ALICE, BOB, owner=ALICE)
    await topic(db, CHANNEL, ALICE, BOB, owner=BOB)
    await topic(db, PAIR, ALICE, BOB)
    await topic(db, ids.slf_name(ALICE), ALICE, owner=ALICE)
    await post(db, 2)
    await post(db, 2, CHANNEL)
    await db.run(devices.put, ALICE, "phone", platform="ios", lang="en", now_ms=NOW)
    await db.run(files.begin, "face", ALICE, "image/png", NOW)
    await db.run(files.link_picture, ALICE, ("face",), {ALICE})


@pytest.mark.parametrize("hard", [False, True])
async def test_the_end_of_an_account_concerns_just_these(db: Db, hard: bool) -> None:
    """D-07: erasing somebody who owned a group failed; D-09: `sys` was deleted."""
    await _world(db)
    await db.run(topics.ensure_sys, NOW)
    await db.run(subs.put, "sys", Member(ALICE, 71, 71), NOW)
    erased = await db.run(users.delete, ALICE, hard=hard, now_ms=NOW + 1)
    assert {name: sorted(who) for name, who in erased.groups.items()} == {
        GROUP: sorted([(ALICE, False), (BOB, False)])
    }
    assert (erased.peers, erased.member_of) == ([BOB], [CHANNEL])
    assert await db.read(users.get, ALICE) is None
    assert await db.read(auth.by_user, "basic", ALICE) is None
    assert await db.read(topics.load, GROUP) is None
    assert await db.read(topics.load, PAIR) is None
    assert await db.read(topics.load, "sys") is not None
    assert [name for name, *_ in await db.read(subs.contacts, BOB) if name == PAIR] == []
    others = await db.read(topics.load, CHANNEL)
    assert others is not None
    assert list(others.members) == [BOB]
    assert await seqs(db, BOB, CHANNEL) == [2, 1]


async def test_hard_deletion_erases_everything_of_the_account(db: Db) -> None:
    await _world(db)
    await db.run(users.delete, ALICE, hard=True, now_ms=NOW + 1)
    assert await seqs(db, BOB, GROUP) == []
    assert not await db.run(devices.remove, "phone")
    assert await db.read(files.unused, NOW + 9, 9) == [("face", "")]
    assert await db.read(subs.record, CHANNEL, ALICE) is None
    await account(db, ALICE, auth=password())


async def test_soft_deletion_keeps_what_a_restoration_needs(db: Db) -> None:
    await _world(db)
    await db.run(users.delete, ALICE, hard=False, now_ms=NOW + 1)
    assert await seqs(db, BOB, GROUP) == [2, 1]
    assert await db.run(devices.remove, "phone")
    with pytest.raises(Duplicate):
        await db.run(users.create, person(ALICE), private=None, auth=None, now_ms=NOW)


async def test_the_list_of_accounts_comes_in_pages(db: Db) -> None:
    await account(db, ALICE, auth=password())
    for number in range(1, 6):
        user = person(ids.uid_text(number))
        user.created_ms += number
        await db.run(users.create, user, private=None, auth=None, now_ms=NOW)
    await db.run(users.delete, ids.uid_text(2), hard=False, now_ms=NOW)
    first, rest = await db.read(users.page, 2, 0), await db.read(users.page, 9, 2)
    assert first[0] == users.Listed(ALICE, State.OK, NOW, None, "alice", Level.AUTH)
    assert [ids.uid_number(row.uid) for row in first[1:] + rest] == [1, 3, 4, 5]
    assert (rest[0].login, rest[0].level) == (None, None)


async def test_a_deleted_account_stays_deleted(db: Db) -> None:
    """A suspension that was under way meanwhile brought it back, without a way to log in."""
    await account(db)
    await db.run(users.delete, ALICE, hard=False, now_ms=NOW)
    for state in (State.SUSPENDED, State.OK):
        assert await db.run(users.set_state, ALICE, state, NOW) is None
        assert await db.read(users.get, ALICE) is None


async def test_who_is_concerned_by_an_account(db: Db) -> None:
    for uid in (ALICE, BOB, CAROL):
        await account(db, uid)
    await topic(db, GROUP, ALICE, BOB, owner=ALICE)
    await topic(db, CHANNEL, ALICE, CAROL, owner=CAROL, channel=True)
    await topic(db, PAIR, ALICE, BOB)
    found = await db.read(users.concerned, ALICE)
    assert {uid for uid, _ in found.groups[GROUP]} == {ALICE, BOB}
    assert (list(found.groups), found.peers, found.member_of) == ([GROUP], [BOB], [CHANNEL])
    assert await db.run(users.delete, ALICE, hard=True, now_ms=NOW) == found
    assert await db.run(users.settled, ALICE) is None
    settled = await db.run(users.settled, BOB)
    assert settled is not None
    assert settled.uid == BOB
