"""Storages keep what they are given, all of it or nothing."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chinwag.bots.errors import CannotRun
from chinwag.bots.storage import Change, MemoryStorage, SqliteStorage, Storage


@pytest.fixture(params=["memory", "sqlite"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    storage = MemoryStorage() if request.param == "memory" else SqliteStorage(tmp_path / "bot.db")
    await storage.open()
    yield storage
    await storage.close()


async def test_values_are_found_again(storage: Storage) -> None:
    await storage.commit([Change("a", "k", b"1"), Change("b", "k", b"2"), Change("a", "l", b"3")])
    assert await storage.load("a", "k") == b"1"
    assert await storage.load("a", "m") is None
    assert await storage.scan("a") == {"k": b"1", "l": b"3"}


async def test_values_are_replaced_and_removed(storage: Storage) -> None:
    await storage.commit([Change("a", "k", b"1"), Change("a", "l", b"1")])
    await storage.commit([Change("a", "k", b"2"), Change("a", "l", None), Change("a", "m", None)])
    assert await storage.scan("a") == {"k": b"2"}


async def test_a_file_remembers(tmp_path: Path) -> None:
    first = SqliteStorage(tmp_path / "bot.db")
    await first.open()
    await first.commit([Change("a", "k", b"1")])
    await first.close()
    second = SqliteStorage(tmp_path / "bot.db")
    await second.open()
    assert await second.load("a", "k") == b"1"
    await second.close()


async def test_a_file_keeps_all_changes_or_none(tmp_path: Path) -> None:
    storage = SqliteStorage(tmp_path / "bot.db")
    await storage.open()
    broken = Change("a", "l", object())  # type: ignore[arg-type]  # this is what fails
    with pytest.raises(CannotRun, match="cannot be written"):
        await storage.commit([Change("a", "k", b"1"), broken])
    assert await storage.scan("a") == {}
    await storage.close()


async def test_a_file_serves_one_bot_at_a_time(tmp_path: Path) -> None:
    first, second = SqliteStorage(tmp_path / "bot.db"), SqliteStorage(tmp_path / "bot.db")
    await first.open()
    with pytest.raises(CannotRun, match="another bot"):
        await second.open()
    await first.close()


async def test_a_file_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="cannot be used"):
        await SqliteStorage(tmp_path / "missing" / "bot.db").open()


async def test_the_file_is_not_closed_under_who_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waited for the writing was cancelled: the process of a bot that ended crashed."""
    storage = SqliteStorage(tmp_path / "bot.db")
    begun, goes_on = threading.Event(), threading.Event()
    await storage.open()
    write = storage._write

    def late(*args: Any) -> None:
        begun.set()
        goes_on.wait(30)
        write(*args)

    monkeypatch.setattr(storage, "_write", late)
    commit = asyncio.ensure_future(storage.commit([Change("a", "k", b"1")]))
    await asyncio.to_thread(begun.wait, 30)
    commit.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await commit
    closing = asyncio.ensure_future(storage.close())
    assert not (await asyncio.wait({closing}, timeout=0.2))[0]
    goes_on.set()
    await closing
    again = SqliteStorage(tmp_path / "bot.db")
    await again.open()
    assert await again.load("a", "k") == b"1"
    await again.close()
