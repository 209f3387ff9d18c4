"""SQLite: one writer thread with group commit, a few readers, one lock."""

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy import exc

from chinwag.store import migrate
from chinwag.store.batch import BATCH_MAX, QUEUE_MAX, READS_MAX, Batch, Job, Outcome, resolve
from chinwag.store.db import CannotOpen, StoreError, Unavailable
from chinwag.store.lock import Lock
from chinwag.store.readers import Readers
from chinwag.store.translate import reason

P = ParamSpec("P")
R = TypeVar("R")

READERS: Final = 2
BUSY_MS: Final = 2000  # whoever publishes waits twice: what became of it is asked for, too
STEP: Final = 1000  # pages that are copied at a time
_SCRATCH: Final = ("journal_mode=OFF", "synchronous=OFF")
CHECKED_MAX: Final = 64 << 20  # bytes; checking every page of a larger file would delay the start

log = logging.getLogger(__name__)


class SqliteDb:
    """A database file that only this process writes."""

    queue_max = QUEUE_MAX
    away = False  # a file is there

    def __init__(self, engine: sa.Engine, lock: Lock, reader: sa.Engine) -> None:
        self._engine = engine
        self._lock = lock
        self._loop = asyncio.get_running_loop()
        self._closing = False
        self._reading = 0
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._tx: sa.Connection | None = None  # the writer's, while it is of use
        self._readers = Readers(reader, READERS)
        self._writer = threading.Thread(target=self._write, name="sqlite-writer", daemon=True)
        self._writer.start()

    @classmethod
    async def open(cls, path: Path, *locks: Path) -> Self:
        """Open, make or upgrade the database at `path`. Raises CannotOpen.

        `locks`: files that only one process may hold, besides the one next to the database.
        """
        lock = Lock(path.with_suffix(".lock"), *locks)
        try:
            engine = make_engine(path)
            _prepare(engine, path)
        except BaseException:
            lock.release()
            raise
        return cls(engine, lock, make_engine(path, read_only=True))

    async def run(
        self, fn: Callable[Concatenate[sa.Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """The result of `fn` once its transaction has committed."""
        if self._closing:
            raise Unavailable("the database is closed")
        if self._queue.qsize() >= self.queue_max:
            raise Unavailable("too many writes are waiting")
        done: asyncio.Future[R] = self._loop.create_future()
        self._queue.put(Job(fn, args, kwargs, done))
        return await done

    async def read(
        self, fn: Callable[Concatenate[sa.Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """The result of `fn`, which only reads."""
        if self._closing:
            raise Unavailable("the database is closed")
        if self._reading >= READS_MAX:
            raise Unavailable("too many reads are waiting")
        done: asyncio.Future[R] = self._loop.create_future()
        self._readers.put(Job(fn, args, kwargs, done))
        self._reading += 1
        try:
            return await done
        finally:
            self._reading -= 1

    async def ping(self) -> bool:
        """Whether the database answers."""
        try:
            await self.read(_select_one)
        except StoreError:
            return False
        return True

    async def close(self) -> None:
        """Finish what is queued and close."""
        if self._closing:
            return
        self._closing = True
        self._queue.put(None)
        await self._loop.run_in_executor(None, self._writer.join)
        await self._loop.run_in_executor(None, self._readers.close)
        self._engine.dispose()
        self._lock.release()

    # --- the writer thread -----------------------------------------------------------------

    def _write(self) -> None:
        last = False
        while not last and (job := self._queue.get()) is not None:
            jobs, last = self._gather(job)
            self._report(self._committed(jobs))
        self._drop()

    def _gather(self, first: Job) -> tuple[list[Job], bool]:
        """What waits together with `first`, and whether the end was asked for."""
        jobs = [first]
        while len(jobs) < BATCH_MAX:
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return jobs, True
            jobs.append(job)
        return jobs, False

    def _committed(self, jobs: list[Job]) -> list[Outcome]:
        """What becomes of `jobs`; a connection that fails is not used again."""
        batch = Batch(jobs)
        try:
            while batch.left:
                self._tx = self._tx or self._engine.connect()
                self._tx.begin()  # if that fails it would for each: nobody waits for the others
                if not batch.step(self._tx):
                    self._drop()
        except exc.DBAPIError as error:  # not even a connection, or another program writes
            self._drop()
            batch.give_up(reason(error))
        return batch.outcomes

    def _drop(self) -> None:
        """Close the connection that writes."""
        tx, self._tx = self._tx, None
        if tx is not None:
            tx.invalidate()
            tx.close()

    def _report(self, outcomes: list[Outcome]) -> None:
        try:
            self._loop.call_soon_threadsafe(resolve, outcomes)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return


def _select_one(tx: sa.Connection) -> object:
    return tx.execute(sa.text("SELECT 1")).scalar()


# --- from outside ---------------------------------------------------------------------------


def look(path: Path, fn: Callable[[sa.Connection], R]) -> R:
    """The result of `fn`, which only reads, on the file at `path`; a server may be using it.

    All that it reads is of one moment. Raises CannotOpen.
    """
    if not path.is_file():
        raise CannotOpen(
            f"There is no database in {path.parent}: give its folder with --data, or make one "
            "with `chinwag init`."
        )
    engine = make_engine(path, read_only=True)
    try:
        with engine.connect() as tx:
            return fn(tx)
    except (exc.DBAPIError, sqlite3.Error) as error:
        raise CannotOpen(_sentence(path, reason(error))) from None
    finally:
        engine.dispose()


def is_file(tx: sa.Connection) -> bool:
    """Whether `tx` is on an SQLite file."""
    return isinstance(tx.connection.driver_connection, sqlite3.Connection)


def copy(tx: sa.Connection, target: Path, watch: Callable[[int, int], None]) -> None:
    """Copy the whole database into the file `target`, step by step; others go on writing.

    It is of the moment of the first read of `tx`, which keeps the copying from starting over at
    each write. `watch` is told how many pages are done, and of how many.
    """
    source = tx.connection.driver_connection
    assert isinstance(source, sqlite3.Connection)
    assert source.in_transaction
    copied = sqlite3.connect(target)
    try:
        source.backup(copied, pages=STEP, progress=lambda _, left, all_: watch(all_ - left, all_))
        copied.execute("PRAGMA journal_mode=DELETE")  # so that nothing lies beside it
    except sqlite3.Error as error:
        raise CannotOpen(
            f"The database cannot be copied to {target} ({error}): make room on its disk, or ask "
            "`chinwag doctor`."
        ) from None
    finally:
        copied.close()


# --- opening --------------------------------------------------------------------------------


def make_engine(path: Path | None, *, read_only: bool = False, scratch: bool = False) -> sa.Engine:
    """An engine for the file at `path`; None: a private database in memory.

    `scratch`: nobody else has the file, and it is thrown away if anything fails.
    """

    def connect() -> sqlite3.Connection:
        if path is None:
            raw = sqlite3.connect(":memory:", check_same_thread=False)
        else:
            raw = sqlite3.connect(path, check_same_thread=False, timeout=BUSY_MS / 1000)
        raw.isolation_level = None
        for pragma in _SCRATCH if scratch else _pragmas(path is None, read_only=read_only):
            raw.execute(f"PRAGMA {pragma}")
        return raw

    pool = sa.StaticPool if path is None else sa.QueuePool
    engine = sa.create_engine("sqlite://", creator=connect, poolclass=pool)
    sa.event.listen(engine, "begin", _begin_read if read_only else _begin_write)
    return engine


def _pragmas(in_memory: bool, *, read_only: bool) -> list[str]:
    if in_memory:
        return []
    if read_only:
        return ["query_only=ON"]
    return ["journal_mode=WAL", "synchronous=FULL"]


def _begin_read(tx: sa.Connection) -> None:
    raw = tx.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    raw.execute("BEGIN")  # takes no lock and cannot fail; SQLAlchemy's way costs five times as much


def _begin_write(tx: sa.Connection) -> None:
    tx.exec_driver_sql("BEGIN IMMEDIATE")


def _prepare(engine: sa.Engine, path: Path) -> None:
    """Make or upgrade the tables; every failure in words. Raises CannotOpen."""
    try:
        path.touch(mode=0o600)
        with engine.begin() as tx:
            if path.stat().st_size <= CHECKED_MAX:
                check_pages(tx, path)
            found = migrate.version(tx, migrate.VERSION)
        if found is not None and found < migrate.VERSION:
            _back_up(engine, path, found)
        with engine.begin() as tx:
            migrate.upgrade(tx, migrate.STEPS)
    except OSError as error:
        raise CannotOpen(
            f"The database {path} cannot be written ({error.strerror}): check the owner and the "
            "permissions of its folder."
        ) from None
    except exc.DBAPIError as error:
        raise CannotOpen(_sentence(path, reason(error))) from None


def check_pages(tx: sa.Connection, path: Path) -> None:
    """Look at every page of the file. Raises CannotOpen."""
    found = tx.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if found != "ok":
        raise CannotOpen(_damaged(path, str(found).replace("\n", " ")))


def _back_up(engine: sa.Engine, path: Path, version: int) -> None:
    """Copy the database as it is before an upgrade; a copy is there whole or not at all."""
    copy = path.with_name(f"{path.stem}-v{version}{path.suffix}")
    part = copy.with_suffix(".part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    with engine.connect() as tx:
        raw = tx.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        target = sqlite3.connect(part)
        try:
            raw.backup(target)
        except sqlite3.Error as error:
            raise CannotOpen(
                f"The database {path} cannot be copied before its upgrade ({error}): make room on "
                "the disk and start again."
            ) from None
        finally:
            target.close()
    part.rename(copy)
    log.warning("database_copied", extra={"version": version, "copy": str(copy)})


def _sentence(path: Path, detail: str) -> str:
    if "malformed" in detail or "not a database" in detail:
        return _damaged(path, detail)
    if "full" in detail:
        return f"The disk that holds {path} is full: make room and start again."
    return (
        f"The database {path} cannot be used ({detail}): check the owner and the permissions of "
        "the file and its folder."
    )


def _damaged(path: Path, detail: str) -> str:
    told = " ".join(detail.replace("*", "").split())  # SQLite's report is a list with a heading
    return (
        f"The file {path} is damaged or no SQLite database ({told}): restore it from a backup, "
        "or move it away to start afresh."
    )
