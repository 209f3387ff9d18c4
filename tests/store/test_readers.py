"""Threads that read: each answer reaches who asked, whatever became of the connection."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chinwag.store.batch import Job
from chinwag.store.db import Tx, Unavailable
from chinwag.store.readers import Readers


class Files:
    """Connections to a file with a table of numbers; each is counted, any may fail."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.made = 0
        self.failing = False
        with sqlite3.connect(path) as raw:
            raw.execute("CREATE TABLE numbers (n INTEGER)")

    def connect(self) -> sqlite3.Connection:
        """One more connection."""
        if self.failing:
            raise sqlite3.OperationalError("unable to open database file")
        self.made += 1
        return sqlite3.connect(self.path, check_same_thread=False)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "a.db")


@pytest.fixture
async def readers(files: Files) -> AsyncIterator[Readers]:
    """One thread that reads."""
    made = Readers(sa.create_engine("sqlite://", creator=files.connect, poolclass=sa.QueuePool), 1)
    yield made
    await asyncio.to_thread(made.close)


def _put(readers: Readers, fn: Any, *args: object) -> "asyncio.Future[Any]":
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    readers.put(Job(fn, args, {}, done))
    return done


def _count(tx: Tx) -> int:
    return int(tx.exec_driver_sql("SELECT count(*) FROM numbers").scalar_one())


def _broken(tx: Tx) -> None:
    tx.exec_driver_sql("SELECT nothing FROM nowhere")


def _lost(_tx: Tx) -> None:
    raise OSError("the disk is gone")


async def test_one_connection_serves_all(readers: Readers, files: Files) -> None:
    assert await asyncio.gather(*(_put(readers, _count) for _ in range(20))) == [0] * 20
    assert files.made == 1


async def test_each_read_sees_what_was_committed_before(readers: Readers, files: Files) -> None:
    """A transaction that stays open would go on showing what was."""
    raw = sqlite3.connect(files.path, isolation_level=None)
    for number in range(3):
        assert await _put(readers, _count) == number
        raw.execute("INSERT INTO numbers VALUES (1)")
    raw.close()


async def test_a_read_that_fails_fails_alone(readers: Readers) -> None:
    first, bad, last = _put(readers, _count), _put(readers, _broken), _put(readers, _count)
    assert (await first, await last) == (0, 0)
    with pytest.raises(sa.exc.OperationalError):  # a bug, and no matter of the database
        await bad


async def test_a_lost_connection_is_made_anew(readers: Readers, files: Files) -> None:
    lost, after = _put(readers, _lost), _put(readers, _count)
    with pytest.raises(Unavailable):
        await lost
    assert await after == 0
    assert files.made == 2


async def test_without_a_connection_everybody_is_told(readers: Readers, files: Files) -> None:
    files.failing = True
    asked = [_put(readers, _count) for _ in range(3)]
    for one in asked:
        with pytest.raises(Unavailable):
            await one
    files.failing = False
    assert await _put(readers, _count) == 0


async def test_who_does_not_wait_any_more_is_passed_over(readers: Readers) -> None:
    given_up = _put(readers, _count)
    given_up.cancel()
    assert await _put(readers, _count) == 0


async def test_what_is_queued_is_finished_before_closing(files: Files) -> None:
    readers = Readers(sa.create_engine("sqlite://", creator=files.connect), 2)
    asked = [_put(readers, _count) for _ in range(10)]
    await asyncio.to_thread(readers.close)
    assert await asyncio.gather(*asked) == [0] * 10
