"""All rows at one moment: out of each database, and into each."""

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chinwag.core import ids
from chinwag.store import files, messages, migrate, schema, snapshot, sqlite, users
from chinwag.store.db import CannotOpen, Db, Tx
from chinwag.store.sqlite import SqliteDb
from rows import ALICE, BOB, CAROL, GROUP, NOW, PAIR, account, draft, password, post, topic

TABLES = schema.metadata.sorted_tables
ODD = b'"\x00 \xff"'  # bytes are bytes, whatever they say


def silent(_done: int, _total: int) -> None:
    """Nobody looks."""


def everything(tx: Tx) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, in an order of their own."""
    return {
        table.name: sorted((tuple(row) for row in tx.execute(sa.select(table))), key=repr)
        for table in TABLES
    }


async def _populate(db: Db) -> None:
    """Rows of every kind, with numbers and letters that databases differ about."""
    await account(db, ALICE, "red", "Äé😀", auth=password())
    await account(db, CAROL)  # the largest number
    await account(db, ids.uid_text(1))
    await topic(db, GROUP, ALICE, CAROL, owner=ALICE)
    await topic(db, PAIR, ALICE, BOB)
    await post(db, 450)
    await db.run(messages.append, [draft(451, content=ODD, head=None, digest=-(1 << 63))])
    await db.run(messages.erase, GROUP, [(2, 5)], del_id=1, younger_than_ms=None)
    await db.run(messages.hide, GROUP, CAROL, [(7, 9)], del_id=2)
    await db.run(files.begin, "fileOne1234", ALICE, "image/png", NOW)
    await db.run(files.begin, "fileTwo1234", None, "image/png", NOW)
    keys: dict[str, Any] = {"size": 1 << 40, "etag": "e", "location": "fi/fileOne1234"}
    await db.run(files.finish, "fileOne1234", **keys, now_ms=NOW)


def _erase_all(tx: Tx) -> None:
    for table in TABLES:
        tx.execute(sa.delete(table))


async def test_what_goes_out_comes_in_again(db: Db, tmp_path: Path) -> None:
    await _populate(db)
    before = await db.read(everything)
    assert all(before[name] for name in ("users", "auth", "messages", "subs", "files", "deletions"))
    target = tmp_path / "copy.db"
    await db.read(snapshot.write, target, silent)
    with snapshot.scratch(target) as tx:
        assert everything(tx) == before
    await db.run(_erase_all)
    await account(db, BOB)  # goes
    await db.run(snapshot.refill, target, silent)
    assert await db.read(everything) == before
    assert not list(tmp_path.glob("copy.db-*"))


async def test_the_copy_is_a_database_of_a_server(db: Db, tmp_path: Path) -> None:
    await _populate(db)
    await db.read(snapshot.write, tmp_path / "copy.db", silent)
    served = await SqliteDb.open(tmp_path / "copy.db")
    user = await served.read(users.get, CAROL)
    assert user is not None
    assert len(await served.read(messages.page, GROUP, ALICE)) == messages.PAGE_MAX
    await served.close()


async def test_it_tells_how_far_it_is(db: Db, tmp_path: Path) -> None:
    await _populate(db)
    told: list[tuple[int, int]] = []
    await db.read(snapshot.write, tmp_path / "copy.db", lambda *n: told.append(n))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 0


async def test_what_is_written_meanwhile_is_not_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step would start over if another connection's write was seen."""
    monkeypatch.setattr("chinwag.store.sqlite.STEP", 4)
    path = tmp_path / "a.db"
    db = await SqliteDb.open(path)
    await account(db)
    await topic(db, GROUP, ALICE)
    await post(db, 300)
    raw = sqlite3.connect(path, isolation_level=None)
    steps: list[int] = []

    def write(done: int, _total: int) -> None:
        steps.append(done)
        raw.execute("UPDATE users SET ua = ua || 'x'")

    sqlite.look(path, lambda tx: snapshot.write(tx, tmp_path / "copy.db", write))
    assert len(steps) > 10
    assert steps == sorted(steps)
    assert raw.execute("SELECT length(ua) FROM users").fetchone() == (len(steps),)
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        assert copy.execute("SELECT ua FROM users").fetchone() == ("",)
    copy.close()
    raw.close()
    await db.close()


async def test_it_says_what_is_in_it(db: Db, tmp_path: Path) -> None:
    await _populate(db)
    await db.read(snapshot.write, tmp_path / "copy.db", silent)
    version, counts = snapshot.summary(tmp_path / "copy.db")
    assert version == migrate.VERSION
    assert (counts["users"], counts["messages"], counts["files"]) == (3, 451, 2)
    found = snapshot.read(tmp_path / "copy.db", files.whole)
    assert list(found) == [("fi/fileOne1234", 1 << 40)]


async def test_a_database_without_tables_is_refused(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "a.db").close()
    (tmp_path / "a.db").touch()
    with pytest.raises(CannotOpen, match="is empty: make its tables with `chinwag init`"):
        snapshot.summary(tmp_path / "a.db")


async def test_a_row_that_does_not_fit_changes_nothing(
    db: Db, product: str, tmp_path: Path
) -> None:
    if product == "sqlite":
        pytest.skip("everything fits")
    await _populate(db)
    before = await db.read(everything)
    await db.read(snapshot.write, tmp_path / "copy.db", silent)
    with sqlite3.connect(tmp_path / "copy.db") as raw:
        raw.execute("UPDATE users SET ua = ?", ["x" * 300])
    raw.close()
    with pytest.raises(CannotOpen, match="A row of the table users cannot be stored"):
        await db.run(snapshot.refill, tmp_path / "copy.db", silent)
    assert await db.read(everything) == before


async def test_rows_that_are_lost_on_the_way_are_noticed(db: Db, tmp_path: Path) -> None:
    await _populate(db)
    before = await db.read(everything)
    await db.read(snapshot.write, tmp_path / "copy.db", silent)

    def steal(tx: Tx) -> None:
        def watch(done: int, total: int) -> None:
            if done == total:
                tx.execute(sa.delete(schema.tags))

        snapshot.refill(tx, tmp_path / "copy.db", watch)

    with pytest.raises(CannotOpen, match=r"Of 2 rows of the table tags only 0 have arrived"):
        await db.run(steal)
    assert await db.read(everything) == before


async def test_a_copy_of_an_earlier_version_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    frozen = Path(__file__).parent / "frozen"
    raw = sqlite3.connect(path)
    for part in ("sqlite", "rows"):
        raw.executescript((frozen / f"v1-{part}.sql").read_text())
    raw.commit()
    raw.close()
    version, counts = snapshot.summary(path)
    assert (version, "creds" in counts) == (1, False)
    snapshot.modernise(path)
    version, counts = snapshot.summary(path)
    assert (version, counts["creds"]) == (migrate.VERSION, 0)
    assert os.listdir(tmp_path) == ["old.db"]
