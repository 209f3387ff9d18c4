"""SQLite: the file, and what may be wrong with it."""

import asyncio
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from chinwag.core import ids
from chinwag.store import migrate, schema, sqlite, users
from chinwag.store.db import CannotOpen, Tx, Unavailable
from chinwag.store.migrate import Step
from chinwag.store.sqlite import SqliteDb
from rows import ALICE, account, person


async def _made(path: Path) -> None:
    db = await SqliteDb.open(path)
    made = []
    for number in range(1, 400):
        user = person(ids.uid_text(number))
        user.public = b"x" * 1000
        made.append(db.run(users.create, user, private=None, auth=None, now_ms=1))
    await asyncio.gather(*made)
    await db.close()


async def _refused(path: Path) -> str:
    """The sentence with which `path` is refused; the lock is free afterwards."""
    with pytest.raises(CannotOpen) as caught:
        await SqliteDb.open(path)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    with pytest.raises(CannotOpen) as again:
        await SqliteDb.open(path)
    assert str(again.value) == sentence
    return sentence


async def test_the_database_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        db = await SqliteDb.open(tmp_path / "a.db")
        await account(db)
        found = {p.name: p.stat().st_mode & 0o777 for p in tmp_path.iterdir()}
        await db.close()
    finally:
        os.umask(old)
    assert set(found) == {"a.db", "a.db-wal", "a.db-shm", "a.lock"}
    assert set(found.values()) == {0o600}


async def test_everything_is_there_after_closing_and_opening(tmp_path: Path) -> None:
    for _ in range(2):
        db = await SqliteDb.open(tmp_path / "a.db")
        if not await db.read(users.get, ALICE):
            await account(db)
        await db.close()
    assert not (tmp_path / "a.db-wal").exists()


async def test_commits_are_synced(tmp_path: Path) -> None:
    """What is acknowledged must survive a power cut: FULL, not the usual NORMAL."""
    db = await SqliteDb.open(tmp_path / "a.db")
    assert await db.run(lambda tx: tx.exec_driver_sql("PRAGMA synchronous").scalar()) == 2
    assert await db.run(lambda tx: tx.exec_driver_sql("PRAGMA journal_mode").scalar()) == "wal"
    await db.close()


async def test_a_second_server_on_the_same_file_is_refused(tmp_path: Path) -> None:
    db = await SqliteDb.open(tmp_path / "a.db")
    assert "is in use by another chinwag" in await _refused(tmp_path / "a.db")
    await db.close()


# --- files that are no good -----------------------------------------------------------------


async def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"Dear diary, " * 1000)
    assert "is damaged or no SQLite database" in await _refused(path)
    assert path.read_bytes() == b"Dear diary, " * 1000


async def test_a_damaged_page_is_found_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await _made(path)
    content = bytearray(path.read_bytes())
    content[8192:20000] = b"\xff" * (20000 - 8192)
    path.write_bytes(content)
    assert "restore it from a backup, or move it away" in await _refused(path)


@pytest.mark.parametrize("left", [100, 4096, 200_000])
async def test_a_truncated_file_is_refused(tmp_path: Path, left: int) -> None:
    path = tmp_path / "a.db"
    await _made(path)
    assert path.stat().st_size > left
    os.truncate(path, left)
    assert "is damaged or no SQLite database" in await _refused(path)


async def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()
    await (await SqliteDb.open(tmp_path / "a.db")).close()


async def test_a_folder_instead_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.db").mkdir()
    assert "cannot be used" in await _refused(tmp_path / "a.db")


async def test_a_newer_database_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await _made(path)
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    raw.close()
    assert "has schema version 99, this program knows only" in await _refused(path)


@contextmanager
def as_nobody() -> Iterator[Path]:
    """A folder of somebody without special rights, who this process is for a while."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        path = Path(folder)
        if os.geteuid() != 0:
            yield path
            return
        os.chown(path, 65534, 65534)
        os.seteuid(65534)
        try:
            yield path
        finally:
            os.seteuid(0)


async def test_a_read_only_file_is_refused() -> None:
    with as_nobody() as folder:
        await _made(folder / "a.db")
        (folder / "a.db").chmod(0o400)
        sentence = await _refused(folder / "a.db")
    assert "cannot be used (attempt to write a readonly database): check the owner" in sentence


async def test_a_read_only_folder_is_refused() -> None:
    with as_nobody() as folder:
        folder.chmod(0o500)
        sentence = await _refused(folder / "a.db")
        folder.chmod(0o700)
    assert "cannot be written (Permission denied): make it or mend its owner" in sentence


# --- while it runs --------------------------------------------------------------------------


def _limit(tx: Tx, pages: int) -> None:
    """Let the disk be full at `pages`, or where the file ends now."""
    tx.exec_driver_sql(f"PRAGMA max_page_count={pages}")


async def test_a_full_disk_refuses_writes_until_there_is_room(tmp_path: Path) -> None:
    db = await SqliteDb.open(tmp_path / "a.db")
    await account(db)
    await db.run(_limit, 1)
    large: dict[str, object] = {"public": b"x" * 100_000}
    asked = [db.run(users.update, ALICE, large), db.run(users.update, ALICE, {"anon": 3})]
    full, small = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(full, Unavailable)
    assert "full" in str(full)
    assert small is None
    user = await db.read(users.get, ALICE)
    assert user is not None
    assert user.anon == 3
    await db.close()


async def test_a_database_that_is_busy_elsewhere_is_unavailable_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chinwag.store.sqlite.BUSY_MS", 50)
    db = await SqliteDb.open(tmp_path / "a.db")
    await account(db)
    raw = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked"):
        await db.run(users.update, ALICE, {"anon": 1})
    assert await db.read(users.get, ALICE) is not None
    raw.execute("ROLLBACK")
    raw.close()
    await db.run(users.update, ALICE, {"anon": 1})
    await db.close()


async def test_nobody_waits_for_a_busy_database_once_for_each_who_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits together is told together that another program writes."""
    monkeypatch.setattr("chinwag.store.sqlite.BUSY_MS", 50)
    tries: list[sa.Connection] = []
    real = sqlite._begin_write

    def begin(tx: sa.Connection) -> None:
        tries.append(tx)
        real(tx)

    monkeypatch.setattr(sqlite, "_begin_write", begin)
    db = await SqliteDb.open(tmp_path / "a.db")
    await account(db)
    raw = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    tries.clear()
    writes = [db.run(users.update, ALICE, {"anon": number}) for number in range(100)]
    found = await asyncio.gather(*writes, return_exceptions=True)
    assert all(isinstance(error, Unavailable) for error in found)
    assert len(tries) <= 2  # the first may have gone ahead
    raw.execute("ROLLBACK")
    raw.close()
    await db.run(users.update, ALICE, {"anon": 1})
    await db.close()


async def test_waiting_reads_have_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chinwag.store.sqlite.READS_MAX", 3)
    db = await SqliteDb.open(tmp_path / "a.db")
    asked = (db.read(users.get, ALICE) for _ in range(10))
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(r) for r in results] == [type(None)] * 3 + [Unavailable] * 7
    assert await db.read(users.get, ALICE) is None
    await db.close()


# --- upgrades -------------------------------------------------------------------------------


def _add_colour(tx: Tx) -> None:
    tx.exec_driver_sql("ALTER TABLE users ADD COLUMN colour INTEGER")


def _fail(tx: Tx) -> None:
    _add_colour(tx)
    tx.exec_driver_sql("UPDATE nowhere SET colour = 1")


@contextmanager
def newer(monkeypatch: pytest.MonkeyPatch, run: Callable[[Tx], None]) -> Iterator[None]:
    """The program of the next release."""
    steps = (*migrate.STEPS, Step("People have a colour.", run))
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "STEPS", steps)
        patch.setattr(migrate, "VERSION", len(steps) + 1)
        yield


async def test_an_upgrade_keeps_a_copy_of_what_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, copy = tmp_path / "a.db", tmp_path / f"a-v{migrate.VERSION}.db"
    await _made(path)
    with newer(monkeypatch, _add_colour):
        await (await SqliteDb.open(path)).close()
        assert copy.stat().st_mode & 0o777 == 0o600
        copied_ns = copy.stat().st_mtime_ns
        await (await SqliteDb.open(path)).close()
        assert copy.stat().st_mtime_ns == copied_ns
    assert f"has schema version {migrate.VERSION + 1}" in await _refused(path)
    old = await SqliteDb.open(copy)
    assert len(await old.read(users.page)) == 399
    await old.close()
    assert not list(tmp_path.glob("*.part"))


async def test_an_upgrade_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.db"
    await _made(path)
    with newer(monkeypatch, _fail):
        assert "no such table: nowhere" in await _refused(path)
    db = await SqliteDb.open(path)
    columns = await db.read(lambda tx: {c["name"] for c in sa.inspect(tx).get_columns("users")})
    assert columns == set(schema.users.c.keys())
    await db.close()


async def test_without_room_for_the_copy_there_is_no_upgrade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.db"
    await _made(path)
    part = tmp_path / f"a-v{migrate.VERSION}.part"

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with newer(monkeypatch, _add_colour), monkeypatch.context() as patch:
        patch.setattr(Path, "rename", full)
        assert "No space left on device" in await _refused(path)
    part.unlink()
    await (await SqliteDb.open(path)).close()
