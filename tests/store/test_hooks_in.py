"""Incoming webhooks in the store."""

import pytest

from chinwag.store import hooks_in, users
from chinwag.store.db import Db, Duplicate
from chinwag.store.hooks_in import HookIn
from rows import ALICE, BOB, GROUP, NOW, person


async def test_what_is_put_is_there_until_it_is_removed(db: Db) -> None:
    one = HookIn("abc", b"\0\xff" * 16, GROUP, ALICE, "CI é", NOW)
    two = HookIn("aBc", b"\1" * 32, GROUP, BOB, "", NOW + 1)
    await db.run(hooks_in.put, two, person(BOB))
    await db.run(hooks_in.put, one, person(ALICE))
    assert await db.read(users.get, ALICE) is not None
    assert await db.read(hooks_in.listed) == [one, two]
    assert await db.read(hooks_in.get, "abc") == one
    assert await db.run(hooks_in.remove, "abc") is True
    assert await db.run(hooks_in.remove, "abc") is False
    assert await db.read(hooks_in.listed) == [two]


async def test_nothing_is_stored_of_one_that_cannot_be(db: Db) -> None:
    hook = HookIn("abc", b"", GROUP, ALICE, "", NOW)
    await db.run(hooks_in.put, hook, person(ALICE))
    with pytest.raises(Duplicate):
        await db.run(hooks_in.put, hook._replace(uid=BOB), person(BOB))
    assert await db.read(users.get, BOB) is None
