"""What differs between databases."""

import contextlib
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from chinwag.core import ids
from chinwag.core.state import Member
from chinwag.store import schema, subs
from chinwag.store.db import Db, Duplicate, StoreError, Tx
from chinwag.store.dialect import Row, insert_each, insert_new, portions, set_each
from rows import GROUP

POSTGRES, MYSQL = (
    sa.make_url(f"{name}://").get_dialect()() for name in ("postgresql+asyncpg", "mysql+asyncmy")
)


def _links(tx: Tx) -> list[tuple[str, int]]:
    links = schema.file_links
    return [(r.fid, r.seq) for r in tx.execute(sa.select(links).order_by(links.c.fid))]


def _link(fid: str) -> dict[str, object]:
    return {"fid": fid, "holder": "grpA", "seq": 1}


async def test_rows_that_are_there_are_passed_over(db: Db) -> None:
    await db.run(insert_new, schema.file_links, [_link("one")])
    await db.run(insert_new, schema.file_links, [_link("one"), _link("two"), _link("two")])
    await db.run(insert_new, schema.file_links, [])
    assert await db.read(_links) == [("one", 1), ("two", 1)]


async def test_only_a_taken_key_is_passed_over(db: Db) -> None:
    """MySQL's INSERT IGNORE would store an empty text instead of the missing one."""
    with pytest.raises(sa.exc.IntegrityError):
        await db.run(insert_new, schema.aliases, [{"tag": "alias:a", "holder": None}])


def _insert(tx: Tx, rows: list[dict[str, Any]], *, new_only: bool) -> None:
    names = tuple(rows[0])
    values: list[Row] = [tuple(row.values()) for row in rows]
    insert_each(tx, schema.messages, names, values, new_only=new_only)


def _said(tx: Tx) -> list[tuple[Any, ...]]:
    found = sa.select(schema.messages).order_by(schema.messages.c.seq)
    return [tuple(row) for row in tx.execute(found)]


async def test_rows_in_bulk_are_as_those_that_are_inserted_one_by_one(db: Db) -> None:
    """Numbers of users of both signs, bytes that are no text and what is not there."""
    uids = ["", ids.uid_text(1), ids.uid_text((1 << 64) - 1)]
    rows: list[dict[str, Any]] = [
        {
            "topic": GROUP,
            "seq": n,
            "sender": uids[n % 3],
            "ts_ms": 1 << 40,
            "erased": 0,
            "head": None if n % 2 else b"{}",
            "content": bytes(range(256)) * n,
            "digest": -n if n % 2 else None,
        }
        for n in range(1, 30)
    ]
    await db.run(lambda tx: tx.execute(sa.insert(schema.messages), rows[:10]))
    inserted = await db.read(_said)
    await db.run(lambda tx: tx.execute(sa.delete(schema.messages)))
    await db.run(_insert, rows[:10], new_only=False)
    assert await db.read(_said) == inserted
    altered = [{**row, "content": b"other"} for row in rows[:10]]
    await db.run(_insert, altered + rows[10:] + altered, new_only=True)
    assert (await db.read(_said))[:10] == inserted
    assert len(await db.read(_said)) == len(rows)
    with pytest.raises(Duplicate):
        await db.run(_insert, rows[:1], new_only=False)


async def test_rows_in_bulk_must_have_what_a_row_must_have(db: Db) -> None:
    for wrong in ({"ts_ms": None}, {"topic": "x" * 100}):
        row = {
            "topic": GROUP,
            "seq": 1,
            "sender": "",
            "ts_ms": 1,
            "head": None,
            "content": None,
            "erased": 0,
        }
        with contextlib.suppress(sa.exc.DBAPIError, StoreError):
            await db.run(_insert, [{**row, **wrong}], new_only=True)
            assert "topic" in wrong  # SQLite takes texts of any length
            assert [found[0] for found in await db.read(_said)] == ["x" * 100]
            continue
        assert await db.read(_said) == []


@pytest.mark.parametrize("count", [0, 1, 2, 64, 65, 200])
async def test_many_rows_are_set_at_once(db: Db, count: int) -> None:
    uids = [ids.uid_text(n + 1) for n in range(200)]
    for uid in uids:
        await db.run(subs.put, GROUP, Member(uid, 0, 0), 1)
    await db.run(subs.put, "grpOther", Member(uids[0], 0, 0), 1)
    rows: list[Row] = [(GROUP, uid, n + 5, 300 - n) for n, uid in enumerate(uids[:count])]
    keys, values = ("topic", "uid"), ("seq_read", "seq_recv")
    assert await db.run(set_each, schema.subs, keys, values, rows) == count
    found = {m.uid: (m.read, m.recv) for m in await db.read(subs.live, GROUP)}
    expected = {uid: (n + 5, 300 - n) for n, uid in enumerate(uids[:count])}
    assert found == {uid: expected.get(uid, (0, 0)) for uid in uids}
    (other,) = await db.read(subs.live, "grpOther")
    assert (other.read, other.recv) == (0, 0)


async def test_only_rows_that_are_as_expected_are_set(db: Db) -> None:
    """What is expected of a column is compared before that column is set, in all rows at once."""
    uids = [ids.uid_text(n + 1) for n in range(3)]
    for uid in uids:
        await db.run(subs.put, GROUP, Member(uid, 0, 0), 1)
    keys, values = ("topic", "uid", "seq_read"), ("seq_recv", "seq_read")
    rows: list[Row] = [
        (GROUP, uid, before, 7, 1) for uid, before in zip(uids, (0, 1, 0), strict=True)
    ]
    assert await db.run(set_each, schema.subs, keys, values, rows) == 2
    found = {m.uid: (m.read, m.recv) for m in await db.read(subs.live, GROUP)}
    assert found == {uids[0]: (1, 7), uids[1]: (0, 0), uids[2]: (1, 7)}


async def test_rows_with_a_number_in_a_column_are_passed_over(db: Db) -> None:
    """Whatever the other rows are that are set with them."""
    uids = [ids.uid_text(n + 1) for n in range(3)]
    for uid in uids:
        await db.run(subs.put, GROUP, Member(uid, int(uid == uids[1]), 0), 1)
    rows: list[Row] = [(GROUP, uid, 7) for uid in uids]
    keys, values = ("topic", "uid"), ("seq_read",)
    assert await db.run(set_each, schema.subs, keys, values, rows, but=("want", 1)) == 2
    assert {m.uid: m.read for m in await db.read(subs.live, GROUP)} == dict(
        zip(uids, (7, 0, 7), strict=True)
    )


@pytest.mark.parametrize("count", [0, 1, 2, 65, 513, 1100])
async def test_many_rows_are_inserted_at_once(db: Db, count: int) -> None:
    columns = ("fid", "holder", "seq")
    rows: list[Row] = [(f"f{n:05}", "grpA", n) for n in range(count)]
    await db.run(insert_each, schema.file_links, columns, rows)
    assert await db.read(_links) == [(fid, seq) for fid, _, seq in rows]


async def test_any_number_of_values_can_be_asked_for(db: Db) -> None:
    await db.run(insert_new, schema.file_links, [_link("one"), _link("two")])
    links = schema.file_links.c
    statement = sa.select(links.fid).where(links.fid.in_(sa.bindparam("fids", expanding=True)))

    def found(tx: Tx, fids: list[str]) -> list[str]:
        return [row.fid for row in portions(tx, statement, "fids", fids)]

    assert await db.read(found, []) == []
    assert await db.read(found, ["two", "two"]) == ["two"]
    many = ["one", *(f"no{n}" for n in range(70_000)), "two", "one"]
    assert await db.read(found, many) == ["one", "two"]


@pytest.mark.parametrize("table", schema.metadata.sorted_tables, ids=lambda table: table.name)
def test_mysql_never_folds_letters_and_never_ends_bytes_at_64_kib(table: sa.Table) -> None:
    """D-15; and messages may be larger than a BLOB."""
    text = str(CreateTable(table).compile(dialect=MYSQL))
    assert "COLLATE utf8mb4_bin" in text.rpartition(")")[2]
    assert text.count("VARCHAR") == text.count(" utf8mb4_bin") - 1
    short = ("code", "digest", "secret")
    long = [c for c in table.columns if isinstance(c.type, sa.LargeBinary) and c.name not in short]
    assert text.count("BLOB(4294967295)") == len(long), "which MySQL turns into a LONGBLOB"


@pytest.mark.parametrize("table", schema.metadata.sorted_tables, ids=lambda table: table.name)
def test_postgresql_compares_names_byte_by_byte(table: sa.Table) -> None:
    text = str(CreateTable(table).compile(dialect=POSTGRES))
    assert text.count("VARCHAR") == text.count('COLLATE "C"')
