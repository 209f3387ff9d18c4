"""Open the database that is asked for, for a server or for a look from outside."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from chinwag.store import address, sqlite
from chinwag.store.db import CannotOpen, Db, Tx
from chinwag.store.lock import Lock
from chinwag.store.sqlite import SqliteDb

R = TypeVar("R")

RESTORING: Final = "restoring.json"  # lies in the data folder while its contents are exchanged


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
    check_whole(data)
    lock = data / "chinwag.lock"
    file = file_of(url, data)
    if file is not None:
        return await SqliteDb.open(file, lock)
    from chinwag.store.pooled import PooledDb  # noqa: PLC0415 - its drivers take a while

    return await PooledDb.open(address.parsed(url), Lock(lock), message_max=message_max)


def check_whole(data: Path) -> None:
    """See that the folder is not half restored. Raises CannotOpen."""
    if (data / RESTORING).exists():
        raise CannotOpen(
            f"The data folder {data} is being restored, or that was cut short: run `chinwag "
            "restore` once more."
        )


def look(url: str, data: Path, fn: Callable[[Tx], R]) -> R:
    """The result of `fn`, which only reads, on the database of `open_db`; a server may run.

    All that it reads is of one moment. It may take its time. Raises CannotOpen.
    """
    check_whole(data)
    file = file_of(url, data)
    if file is not None:
        return sqlite.look(file, fn)
    from chinwag.store import pooled  # noqa: PLC0415 - its drivers take a while

    return asyncio.run(pooled.look(address.parsed(url), fn))


def alone(url: str, fn: Callable[[Tx], R], *, message_max: int) -> R:
    """The result of `fn` in one transaction on the database that a server keeps at `url`.

    Its tables are there and nobody else uses it. Raises CannotOpen.
    """
    from chinwag.store import pooled  # noqa: PLC0415 - as above

    return asyncio.run(pooled.alone(address.parsed(url), fn, message_max=message_max))
