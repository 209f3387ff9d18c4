"""The short way to the driver leads to the same place."""

import asyncio

import pytest
import sqlalchemy as sa

from chinwag.store import messages, schema
from chinwag.store.db import Db, Tx
from chinwag.store.quick import Quick
from chinwag.store.types import uid_of
from rows import ALICE as A
from rows import GROUP

_M = schema.messages
_SELECT = (
    sa.select(_M.c.seq, _M.c.sender, _M.c.content, _M.c.head)
    .where(_M.c.topic == sa.bindparam("t"), _M.c.sender == sa.bindparam("u"), _M.c.erased == 0)
    .order_by(_M.c.seq)
    .limit(sa.bindparam("l"))
)
_QUICK = Quick(_SELECT)
_KEYS = {"t": GROUP, "u": A, "l": 2}
_WRONG = Quick(sa.select(sa.column("no_such_column")).select_from(_M))


def _fill(tx: Tx) -> None:
    rows = [
        {"topic": GROUP, "seq": seq, "sender": A, "ts_ms": 7, "content": b'"hi"', "erased": 0}
        for seq in (1, 2, 3)
    ]
    tx.execute(sa.insert(_M), rows)


async def test_it_finds_the_same(db: Db) -> None:
    """Values are stored as elsewhere, fixed ones are filled in; a transaction is begun."""
    await db.run(_fill)

    def both(tx: Tx) -> bool:
        quick = _QUICK.rows(tx, _KEYS)
        assert tx.in_transaction()
        assert [(s, uid_of(u), c, h) for s, u, c, h in quick] == [
            (1, A, b'"hi"', None),
            (2, A, b'"hi"', None),
        ]
        return [tuple(row) for row in tx.execute(_SELECT, _KEYS)] == [
            (s, uid_of(u), c, h) for s, u, c, h in quick
        ]

    assert await db.read(both)
    assert await db.run(both)


async def test_a_wrong_statement_fails_as_elsewhere(db: Db) -> None:
    """And what comes after it does not."""
    with pytest.raises(sa.exc.DBAPIError):
        await db.read(_WRONG.rows, {})
    await db.run(_fill)
    assert len(await db.read(_QUICK.rows, _KEYS)) == 2
    with pytest.raises(sa.exc.DBAPIError):
        await db.run(_WRONG.rows, {})
    assert len(await db.run(_QUICK.rows, _KEYS)) == 2


async def test_who_does_not_wait_leaves_no_answer_behind(db: Db) -> None:
    """A connection whose answer nobody has read is not used again."""
    await db.run(_fill)
    for _ in range(20):
        waiting = asyncio.create_task(db.read(messages.page, GROUP, A))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.cancel()
        assert [m.seq for m in await db.read(messages.page, GROUP, A, limit=1)] == [3]
