"""Tokens of bots in the store."""

import pytest

from chinwag.core.scope import Scope, Topics
from chinwag.store import bots, users
from chinwag.store.bots import BotToken
from chinwag.store.db import Db, Duplicate
from rows import ALICE, BOB, CAROL, GROUP, NOW, account


def token(id: str, uid: str = ALICE, at_ms: int = NOW, *names: str) -> BotToken:
    """A token."""
    return BotToken(uid, b"\0\xff" * 16, Scope(id, Topics(frozenset(names)), 30), at_ms)


async def test_what_is_put_is_there_until_it_is_removed(db: Db) -> None:
    made = token("abc", CAROL, NOW, GROUP, "p2p")
    await db.run(bots.put, made)
    assert await db.read(bots.get, "abc") == made
    assert await db.read(bots.get, "ABC") is None  # D-15
    with pytest.raises(Duplicate):
        await db.run(bots.put, made)
    assert await db.run(bots.remove, "abc") is True
    assert await db.run(bots.remove, "abc") is False
    assert await db.read(bots.get, "abc") is None


async def test_tokens_are_listed_in_the_order_of_their_making(db: Db) -> None:
    made = [token("c", ALICE, NOW), token("a", BOB, NOW + 1), token("b", ALICE, NOW + 2)]
    for each in reversed(made):
        await db.run(bots.put, each)
    assert await db.read(bots.listed) == made
    assert await db.read(bots.listed, ALICE) == [made[0], made[2]]
    assert await db.read(bots.listed, CAROL) == []


@pytest.mark.parametrize("hard", [False, True])
async def test_they_go_with_the_account(db: Db, hard: bool) -> None:
    for uid in (ALICE, BOB):
        await account(db, uid)
        await db.run(bots.put, token(uid[3:], uid))
    await db.run(users.delete, ALICE, hard=hard, now_ms=NOW)
    assert [each.uid for each in await db.read(bots.listed)] == [BOB]
