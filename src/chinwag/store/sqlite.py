"""SQLite: one writer thread with group commit, a few readers, one lock.

Functions that wait together share a commit; if one of them fails, each runs in a commit of its
own, so that a bad one fails alone. There is no timer: what waits while one commit runs forms the
next one.
"""

import asyncio
import fcntl
import os
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, Final, NamedTuple, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy import exc

from chinwag.store import migrate
from chinwag.store.db import CannotOpen, Conflict, Duplicate, StoreError, Unavailable

P = ParamSpec("P")
R = TypeVar("R")

QUEUE_MAX: Final = 10_000  # waiting writes; beyond it the caller is told Unavailable
BATCH_MAX: Final = 512
READERS: Final = 2
BUSY_MS: Final = 5000


class _Job(NamedTuple):
    call: Callable[[sa.Connection], Any]
    done: "asyncio.Future[Any]"


Outcome = tuple["asyncio.Future[Any]", Any, BaseException | None]


class SqliteDb:
    """A database file, or one in memory."""

    def __init__(self, engine: sa.Engine, lock: "_Lock | None", reader: sa.Engine) -> None:
        self._engine = engine
        self._reader = reader
        self._lock = lock
        self._loop = asyncio.get_running_loop()
        self._queue: queue.Queue[_Job | None] = queue.Queue(QUEUE_MAX)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        self._writer = threading.Thread(target=self._write, name="sqlite-writer", daemon=True)
        self._writer.start()

    @classmethod
    async def open(cls, path: Path) -> "SqliteDb":
        """Open, make or upgrade the database at `path`. Raises CannotOpen."""
        lock = _Lock(path.with_suffix(".lock"))
        try:
            engine = make_engine(path)
            _check(engine, path)
        except BaseException:
            lock.release()
            raise
        return cls(engine, lock, make_engine(path, read_only=True))

    async def run(
        self, fn: Callable[Concatenate[sa.Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """The result of `fn` once its transaction has committed."""
        done: asyncio.Future[R] = self._loop.create_future()
        try:
            self._queue.put_nowait(_Job(lambda tx: fn(tx, *args, **kwargs), done))
        except queue.Full:
            raise Unavailable("too many writes are waiting") from None
        return await done

    async def read(
        self, fn: Callable[Concatenate[sa.Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """The result of `fn`, which only reads."""

        def work() -> R:
            with self._reader.connect() as tx:
                return fn(tx, *args, **kwargs)

        try:
            return await self._loop.run_in_executor(self._readers, work)
        except exc.DBAPIError as error:
            raise translated(error) from error

    async def ping(self) -> bool:
        """Whether the database answers."""
        try:
            await self.read(_select_one)
        except StoreError:
            return False
        return True

    async def close(self) -> None:
        """Finish what is queued and close."""
        await self._loop.run_in_executor(None, self._queue.put, None)
        await self._loop.run_in_executor(None, self._writer.join)
        self._readers.shutdown(wait=True)
        self._engine.dispose()
        self._reader.dispose()
        if self._lock is not None:
            self._lock.release()

    # --- the writer thread -----------------------------------------------------------------

    def _write(self) -> None:
        with self._engine.connect() as tx:
            while (job := self._queue.get()) is not None:
                jobs, last = self._gather(job)
                self._report(_commit(tx, jobs))
                if last:
                    return

    def _gather(self, first: _Job) -> tuple[list[_Job], bool]:
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

    def _report(self, outcomes: list[Outcome]) -> None:
        try:
            self._loop.call_soon_threadsafe(_resolve, outcomes)
        except RuntimeError:  # the loop is closed: nobody waits any more
            return


def _resolve(outcomes: list[Outcome]) -> None:
    for done, result, error in outcomes:
        if done.done():
            continue
        if error is None:
            done.set_result(result)
        else:
            done.set_exception(error)


def _commit(tx: sa.Connection, jobs: list[_Job]) -> list[Outcome]:
    """Run `jobs` in one transaction, or each in its own if that fails."""
    try:
        results = [job.call(tx) for job in jobs]
        tx.commit()
    except Exception as error:  # noqa: BLE001 - boundary: handed to whoever waits for the result
        _roll_back(tx)
        if len(jobs) == 1:
            return [(jobs[0].done, None, translated(error))]
        return [outcome for job in jobs for outcome in _commit(tx, [job])]
    return [(job.done, result, None) for job, result in zip(jobs, results, strict=True)]


def _roll_back(tx: sa.Connection) -> None:
    try:
        tx.rollback()
    except exc.DBAPIError:
        tx.invalidate()


def translated(error: Exception) -> Exception:
    """The store error that a driver error means."""
    if isinstance(error, exc.IntegrityError):
        return Duplicate(str(error.orig))
    if isinstance(error, exc.DBAPIError):
        return Unavailable(str(error.orig))
    return error


def _select_one(tx: sa.Connection) -> object:
    return tx.execute(sa.text("SELECT 1")).scalar()


# --- opening --------------------------------------------------------------------------------


def make_engine(path: Path | None, *, read_only: bool = False) -> sa.Engine:
    """An engine for the file at `path`; None: a private database in memory."""

    def connect() -> sqlite3.Connection:
        if path is None:
            raw = sqlite3.connect(":memory:", check_same_thread=False)
        else:
            raw = sqlite3.connect(path, check_same_thread=False, timeout=BUSY_MS / 1000)
        raw.isolation_level = None
        for pragma in _pragmas(in_memory=path is None, read_only=read_only):
            raw.execute(f"PRAGMA {pragma}")
        return raw

    pool = sa.StaticPool if path is None else sa.QueuePool
    engine = sa.create_engine("sqlite://", creator=connect, poolclass=pool)
    sa.event.listen(engine, "begin", _begin_read if read_only else _begin_write)
    return engine


def _pragmas(*, in_memory: bool, read_only: bool) -> list[str]:
    shared = ["foreign_keys=ON", f"busy_timeout={BUSY_MS}"]
    if in_memory:
        return shared
    if read_only:
        return [*shared, "query_only=ON"]
    return [*shared, "journal_mode=WAL", "synchronous=FULL"]


def _begin_read(tx: sa.Connection) -> None:
    tx.exec_driver_sql("BEGIN")


def _begin_write(tx: sa.Connection) -> None:
    tx.exec_driver_sql("BEGIN IMMEDIATE")


def _check(engine: sa.Engine, path: Path) -> None:
    """Make or upgrade the tables; every failure in words. Raises CannotOpen."""
    try:
        path.touch(mode=0o600)
        with engine.begin() as tx:
            found = tx.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if found != "ok":
                raise CannotOpen(_damaged(path, str(found)))
            migrate.upgrade(tx)
    except OSError as error:
        raise CannotOpen(
            f"The database {path} cannot be written ({error.strerror}): check the owner and the "
            "permissions of its folder."
        ) from None
    except exc.DBAPIError as error:
        raise CannotOpen(_sentence(path, str(error.orig))) from None


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
    return (
        f"The file {path} is damaged or no SQLite database ({detail}): restore it from a backup, "
        "or move it away to start afresh."
    )


class _Lock:
    """Only one server may use a data folder; the system releases the lock when it ends."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CannotOpen(
                f"The data folder {path.parent} cannot be written ({error.strerror}): check its "
                "owner and permissions, or choose another one with --data."
            ) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise CannotOpen(
                f"The data folder {path.parent} is in use by another chinwag: stop that one "
                "first, or choose another folder with --data."
            ) from None

    def release(self) -> None:
        """Let somebody else use the folder."""
        os.close(self._file)


__all__ = ["CannotOpen", "Conflict", "SqliteDb", "make_engine", "translated"]
