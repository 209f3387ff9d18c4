"""A database in memory that fails as a real one does: before the commit, or after it."""

import asyncio
import contextlib
import sqlite3
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from chinwag.store import migrate
from chinwag.store.batch import BATCH_MAX, QUEUE_MAX, Batch, Job, Outcome, resolve
from chinwag.store.db import Conflict, StoreError, Tx, Unavailable
from chinwag.testing.loop import SimLoop
from chinwag.testing.quick import QuickTx

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(slots=True)
class StoreFaults:
    """How bad a database is; chances are between 0 and 1 and concern one commit or one read."""

    delay_s: float = 0.004  # the longest time a commit or a read takes
    stall: float = 0.0  # chance that it takes much longer
    stall_s: float = 6.0  # at most that
    refused: float = 0.0  # chance that nothing is done: Unavailable
    unsure: float = 0.0  # chance that it is done and Unavailable is said
    conflict: float = 0.0  # chance that nothing is done: Conflict
    unread: float = 0.0  # chance that a read fails: Unavailable

    def quiet(self) -> None:
        """From now on nothing goes wrong any more."""
        self.stall = self.refused = self.unsure = self.conflict = self.unread = 0.0


@cache
def _engine() -> sa.Engine:
    """One for all disks, each of which is a connection of its own: statements are compiled once."""

    def begin(raw: Any) -> None:
        raw.execute("BEGIN IMMEDIATE")

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(":memory:", isolation_level=None)

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.NullPool)
    engine.dialect.do_begin = begin  # type: ignore[method-assign, assignment]  # a listener would cost more
    return engine


@cache
def _empty() -> bytes:
    """The file of a database in which nothing is."""
    with _engine().connect() as tx:
        migrate.upgrade(tx, migrate.STEPS)
        tx.commit()
        return _raw(tx).serialize()


def _raw(tx: Tx) -> sqlite3.Connection:
    raw = tx.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


class Disk:
    """What a simulated database keeps; it survives those who use it."""

    def __init__(self) -> None:
        self.tx = QuickTx(_engine())
        self.raw = _raw(self.tx)
        self.raw.deserialize(_empty())

    def close(self) -> None:
        """Throw everything away."""
        self.tx.close()


class SimDb:
    """A Db on a `disk`: group commit like the real one, drawn delays, drawn faults.

    It runs the real store functions; two instances on one disk are a server before and after a
    crash.
    """

    queue_max = QUEUE_MAX
    away = False  # it fails for one and not for the next

    def __init__(self, loop: SimLoop, disk: Disk, random: Random, faults: StoreFaults) -> None:
        self._loop, self._disk, self._random, self._faults = loop, disk, random, faults
        self._queue: deque[Job] = deque()
        self._reports: deque[list[Outcome]] = deque()
        self._report_s = 0.0
        self._busy = False
        self._closed = False

    async def run(
        self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """The result of `fn` once its transaction has committed."""
        if self._closed or len(self._queue) >= self.queue_max:
            raise Unavailable("too many writes are waiting, or the database is closed")
        return await self._queued(fn, *args, **kwargs)

    def _queued(
        self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> "asyncio.Future[R]":
        done: asyncio.Future[R] = self._loop.create_future()
        self._queue.append(Job(fn, args, kwargs, done))
        if not self._busy:
            self._busy = True
            self._loop.call_later(self._draw(), self._commit)
        return done

    async def read(
        self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """The result of `fn`, which only reads."""
        await asyncio.sleep(self._draw())
        if self._closed or self._happens(self._faults.unread):
            raise Unavailable("the database does not answer")
        before = self._disk.raw.total_changes
        try:
            result = fn(self._disk.tx, *args, **kwargs)
        finally:
            self._disk.tx.rollback()
        assert self._disk.raw.total_changes == before, f"{fn} is no reader"
        await asyncio.sleep(self._draw())
        return result

    async def ping(self) -> bool:
        """Whether the database answers."""
        try:
            await self.read(lambda tx: tx.exec_driver_sql("SELECT 1").scalar())
        except StoreError:
            return False
        return True

    async def close(self) -> None:
        """Finish what is queued and close."""
        self._closed = True
        with contextlib.suppress(StoreError):
            await self._queued(lambda _tx: None)

    # --- the writer ------------------------------------------------------------------------

    def _commit(self) -> None:
        jobs = [self._queue.popleft() for _ in range(min(len(self._queue), BATCH_MAX))]
        batch = Batch(jobs)
        fault = self._not_done()
        if not fault:
            while batch.left:
                batch.step(self._disk.tx)
            fault = Unavailable if self._happens(self._faults.unsure) else None
        if fault:
            batch.outcomes = [Outcome(job.done, None, fault("a drawn fault")) for job in jobs]
        self._report(batch.outcomes)
        self._busy = bool(self._queue)
        if self._busy:
            self._loop.call_later(self._draw(), self._commit)

    def _not_done(self) -> type[StoreError] | None:
        """Why nothing of a commit is done; None: it is done."""
        if self._happens(self._faults.refused):
            return Unavailable
        return Conflict if self._happens(self._faults.conflict) else None

    def _report(self, outcomes: list[Outcome]) -> None:
        """Tell the outcomes a little later, but in their order."""
        self._reports.append(outcomes)
        now = self._loop.time()
        self._report_s = max(self._report_s, now + self._draw())
        self._loop.call_later(self._report_s - now, self._tell)

    def _tell(self) -> None:
        resolve(self._reports.popleft())

    def _happens(self, chance: float) -> bool:
        return chance > 0.0 and self._random.random() < chance

    def _draw(self) -> float:
        stalled = self._happens(self._faults.stall)
        return self._random.random() * (self._faults.stall_s if stalled else self._faults.delay_s)
