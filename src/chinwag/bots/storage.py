"""Where a bot keeps what it must not forget: handled messages, conversations, jobs."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from chinwag.bots.errors import CannotRun

T = TypeVar("T")

MARKS: Final = "mark"  # spaces: the newest handled seq of each topic …
STATES: Final = "state"  # … what a conversation is about …
JOBS: Final = "job"  # … what is to be done later …
FORMS: Final = "form"  # … which forms wait for answers …
KNOWN: Final = "topic"  # … topics the bot has accepted to be in …
SELF: Final = "self"  # … and what the bot knows of itself


class Change(NamedTuple):
    """One value under a key of a space; None: it is removed."""

    space: str
    key: str
    value: bytes | None


class Storage(Protocol):
    """Keeps values. Keys and values are small; the values are JSON."""

    async def open(self) -> None:
        """Make ready; called once. Raises CannotRun."""
        ...

    async def load(self, space: str, key: str) -> bytes | None:
        """The value under a key; None: there is none."""
        ...

    async def scan(self, space: str) -> dict[str, bytes]:
        """All keys of a space with their values."""
        ...

    async def commit(self, changes: Sequence[Change]) -> None:
        """Make all `changes`, or none; they are there after a crash. Raises CannotRun."""
        ...

    async def close(self) -> None:
        """Give back what was opened."""
        ...


class MemoryStorage:
    """Forgets everything when the process ends."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, bytes]] = {}

    async def open(self) -> None:
        """Nothing is to be made."""

    async def load(self, space: str, key: str) -> bytes | None:
        """The value under a key; None: there is none."""
        return self._values.get(space, {}).get(key)

    async def scan(self, space: str) -> dict[str, bytes]:
        """All keys of a space with their values."""
        return dict(self._values.get(space, {}))

    async def commit(self, changes: Sequence[Change]) -> None:
        """Make all `changes`."""
        for space, key, value in changes:
            if value is None:
                self._values.get(space, {}).pop(key, None)
            else:
                self._values.setdefault(space, {})[key] = value

    async def close(self) -> None:
        """Nothing is open."""


_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS kept (space TEXT, key TEXT, value BLOB NOT NULL, "
    "PRIMARY KEY (space, key)) WITHOUT ROWID"
)
_PUT: Final = "INSERT INTO kept VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value"


class SqliteStorage:
    """Keeps everything in one SQLite file, which one bot process uses at a time."""

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        # One thread, one thing after the other, whoever has stopped waiting meanwhile: closing what
        # another thread is using would end the process.
        self._thread = ThreadPoolExecutor(1, "bot-storage")
        self._db: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Make the file if it is not there. Raises CannotRun."""
        try:
            self._db = await self._run(self._connect)
        except (OSError, sqlite3.Error) as error:
            raise CannotRun(
                f"The bot's file {self._path} cannot be used ({error}): another bot may have it "
                "open; else check its folder and permissions."
            ) from None

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=2, check_same_thread=False)
        try:
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            with db:
                db.execute(_TABLE)
        except sqlite3.Error:
            db.close()
            raise
        return db

    async def load(self, space: str, key: str) -> bytes | None:
        """The value under a key; None: there is none."""
        rows = await self._select("SELECT value FROM kept WHERE space = ? AND key = ?", space, key)
        return rows[0][0] if rows else None

    async def scan(self, space: str) -> dict[str, bytes]:
        """All keys of a space with their values."""
        return dict(await self._select("SELECT key, value FROM kept WHERE space = ?", space))

    async def _select(self, sql: str, *words: str) -> list[Any]:
        db = self._opened
        return await self._run(lambda: db.execute(sql, words).fetchall())

    async def commit(self, changes: Sequence[Change]) -> None:
        """Make all `changes`, or none. Raises CannotRun."""
        db = self._opened
        try:
            await asyncio.shield(self._run(lambda: self._write(db, changes)))
        except (sqlite3.Error, OSError) as error:
            raise CannotRun(
                f"The bot's file {self._path} cannot be written ({error}): check its disk."
            ) from None

    def _write(self, db: sqlite3.Connection, changes: Sequence[Change]) -> None:
        with db:
            for change in changes:
                if change.value is None:
                    db.execute("DELETE FROM kept WHERE space = ? AND key = ?", change[:2])
                else:
                    db.execute(_PUT, change)

    @property
    def _opened(self) -> sqlite3.Connection:
        assert self._db is not None, "open the storage first"
        return self._db

    async def close(self) -> None:
        """Close the file."""
        db, self._db = self._db, None
        if db is not None:
            await self._run(db.close)
        self._thread.shutdown(wait=False)
