"""Open the database that is asked for."""

from pathlib import Path

from chinwag.store import address
from chinwag.store.db import Db
from chinwag.store.lock import Lock
from chinwag.store.sqlite import SqliteDb


def file_of(url: str, data: Path) -> Path | None:
    """The file that the database at `url` is; None: a server keeps it. Raises CannotOpen."""
    if not url:
        return data / "chinwag.db"
    parsed = address.parsed(url)
    return Path(parsed.database or "") if parsed.drivername == "sqlite" else None


async def open_db(url: str, data: Path, *, message_max: int) -> Db:
    """The database at `url`, or without one that in the folder `data`, which is locked.

    `message_max`: bytes of the largest message. Raises CannotOpen.
    """
    lock = data / "chinwag.lock"
    file = file_of(url, data)
    if file is not None:
        return await SqliteDb.open(file, lock)
    from chinwag.store.pooled import PooledDb  # noqa: PLC0415 - its drivers take a while

    return await PooledDb.open(address.parsed(url), Lock(lock), message_max=message_max)
