"""What differs between databases."""

import pytest
import sqlalchemy as sa
from sqlalchemy.schema import CreateTable

from chinwag.store import schema
from chinwag.store.db import Db, Tx
from chinwag.store.dialect import insert_new

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


@pytest.mark.parametrize("table", schema.metadata.sorted_tables, ids=lambda table: table.name)
def test_mysql_never_folds_letters_and_never_ends_bytes_at_64_kib(table: sa.Table) -> None:
    """D-15; and messages may be larger than a BLOB."""
    text = str(CreateTable(table).compile(dialect=MYSQL))
    assert "COLLATE utf8mb4_bin" in text.rpartition(")")[2]
    assert text.count("VARCHAR") == text.count(" utf8mb4_bin") - 1
    short = ("code", "secret")
    long = [c for c in table.columns if isinstance(c.type, sa.LargeBinary) and c.name not in short]
    assert text.count("BLOB(4294967295)") == len(long), "which MySQL turns into a LONGBLOB"


@pytest.mark.parametrize("table", schema.metadata.sorted_tables, ids=lambda table: table.name)
def test_postgresql_compares_names_byte_by_byte(table: sa.Table) -> None:
    text = str(CreateTable(table).compile(dialect=POSTGRES))
    assert text.count("VARCHAR") == text.count('COLLATE "C"')
