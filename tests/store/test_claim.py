"""Only one server uses a database, also after its connection was lost."""

from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from chinwag.store import migrate
from chinwag.store.address import parsed
from chinwag.store.claim import Claim
from chinwag.store.db import CannotOpen, Tx, Unavailable
from chinwag.store.lock import Lock
from chinwag.store.pooled import PooledDb, engines
from databases import Server


async def _open(url: str, folder: Path) -> PooledDb:
    folder.mkdir()
    return await PooledDb.open(parsed(url), Lock(folder / "lock"), message_max=1000)


def _version(tx: Tx) -> int | None:
    return migrate.version(tx, migrate.VERSION)


def _lose(server: Server, url: str) -> None:
    """Let the connection that writes end, and with it its lock."""
    server.cut_off(url.rpartition("/")[2])


async def test_the_lock_is_taken_again(server: Server, tmp_path: Path) -> None:
    """A second server could start once the first one had lost its connection."""
    url = server.new_database()
    db = await _open(url, tmp_path / "one")
    _lose(server, url)
    assert await db.run(_version) == migrate.VERSION
    with pytest.raises(CannotOpen, match="is in use by another chinwag: stop that one first"):
        await _open(url, tmp_path / "two")
    await db.close()


async def test_who_comes_meanwhile_has_it_for_good(server: Server, tmp_path: Path) -> None:
    """What the first one knows of it in memory may be wrong."""
    url = server.new_database()
    db = await _open(url, tmp_path / "one")
    _lose(server, url)
    other = await _open(url, tmp_path / "two")
    for _ in range(2):
        with pytest.raises(Unavailable, match="this one has to be started again"):
            await db.run(_version)
    assert await other.run(_version) == migrate.VERSION
    await other.close()
    with pytest.raises(Unavailable, match="this one has to be started again"):
        await db.run(_version)
    await db.close()
    await (await _open(url, tmp_path / "three")).close()


async def test_a_connection_that_only_we_know_to_be_lost_is_ended(
    server: Server, tmp_path: Path
) -> None:
    """As where the network was cut: the database would keep it, and its lock, for hours."""
    url = server.new_database()
    await (await _open(url, tmp_path / "one")).close()
    writer, readers = engines(parsed(url))
    claim = Claim()
    async with writer.connect() as lost, writer.connect() as fresh:
        await lost.run_sync(claim.take)
        await lost.run_sync(claim.sign)
        await lost.commit()
        await fresh.run_sync(claim.retake)
        with pytest.raises((DBAPIError, OSError)):
            await lost.run_sync(_version)
        await lost.invalidate()
    await writer.dispose()
    await readers.dispose()
