"""PostgreSQL and MySQL: one connection that writes, with group commit, and a pool that reads.

While the database is away everybody is told so within a bounded time; nothing has to be started
again when it is back.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from typing import Concatenate, Final, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from chinwag.store import dialect, migrate
from chinwag.store.address import connect_args, refusal
from chinwag.store.batch import BATCH_MAX, QUEUE_MAX, READS_MAX, Batch, Job, resolve
from chinwag.store.claim import Claim
from chinwag.store.db import CannotOpen, StoreError, Unavailable
from chinwag.store.lock import Lock
from chinwag.store.translate import reason, translated

P = ParamSpec("P")
R = TypeVar("R")

CONNECT_S: Final = 4.0
ANSWER_S: Final = 8.0  # for a statement that writes; for a whole read, its connection included
CLOSE_S: Final = 1.0
AWAY_S: Final = 2.0  # how long anybody waits for a database that did not answer the last time
LOOK_S: Final = 1.0  # from one look for it to the next
READERS: Final = 5
READ_TRIES: Final = 3  # a connection may have died while it was idle

# Besides what the database says: nobody there, or options of the address that mean nothing.
_UNUSABLE: Final = (exc.SQLAlchemyError, OSError, EOFError, TypeError, ValueError)

log = logging.getLogger(__name__)


class PooledDb:
    """A database that a server of its own keeps."""

    queue_max = QUEUE_MAX
    answer_s = ANSWER_S

    def __init__(self, writer: AsyncEngine, readers: AsyncEngine, lock: Lock) -> None:
        self._writer = writer
        self._readers = readers
        self._lock = lock
        self._claim = Claim()
        self._loop = asyncio.get_running_loop()
        self._closing = False
        self._lost = ""  # why the database is believed to be away
        self._looking: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._reading = 0
        self._queue: deque[Job] = deque()
        self._tx: AsyncConnection | None = None
        self._writing: asyncio.Task[None] | None = None
        self._deadline: asyncio.Timeout | None = None
        for sign_of_life in ("before_cursor_execute", "commit"):
            sa.event.listen(writer.sync_engine, sign_of_life, self._extend)

    @classmethod
    async def open(cls, url: sa.URL, lock: Lock, *, message_max: int) -> "PooledDb":
        """Open, make or upgrade the tables in the database at `url`. Raises CannotOpen.

        `message_max`: bytes of the largest message it has to take.
        """
        db = cls(*engines(url), lock)
        try:
            tx = await db._connect()
            await tx.run_sync(take, message_max, db._claim)
        except BaseException as error:
            await db.close()
            if isinstance(error, _UNUSABLE):
                raise CannotOpen(refusal(url, error)) from None
            raise
        return db

    # --- writing ---------------------------------------------------------------------------

    async def run(
        self, fn: Callable[Concatenate[sa.Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """The result of `fn` once its transaction has committed."""
        if self._closing:
            raise Unavailable("the database is closed")
        if len(self._queue) >= self.queue_max:
            raise Unavailable("too many writes are waiting")
        if self._lost:
            await self._present()
        return await self._queued(fn, *args, **kwargs)

    def _queued(
        self, fn: Callable[Concatenate[sa.Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> "asyncio.Future[R]":
        done: asyncio.Future[R] = self._loop.create_future()
        self._queue.append(Job(fn, args, kwargs, done))
        if self._writing is None:
            self._writing = self._loop.create_task(self._write(), name="database writer")
        return done

    async def _write(self) -> None:
        while self._queue:
            most = min(len(self._queue), BATCH_MAX)
            batch = Batch([self._queue.popleft() for _ in range(most)])
            await self._commit(batch)
            resolve(batch.outcomes)
        self._writing = None

    async def _commit(self, batch: Batch) -> None:
        """Find out what becomes of `batch`; the time for each statement is bounded."""
        sound = False
        try:
            while batch.left:
                async with asyncio.timeout(self.answer_s) as self._deadline:
                    sound = await self._step(batch, sound=sound)
        except Exception as error:  # noqa: BLE001 - whatever it is: the connection is no good
            await self._drop()
            batch.jobs.extend(self._queue)  # whoever waits behind it would wait as long for nothing
            self._queue.clear()
            batch.give_up(reason(error))
            self._note(error)
        else:
            self._note(None)

    def _extend(self, *_: object) -> None:
        """The database has answered: wait anew for what it is asked now."""
        if self._deadline is not None and not self._deadline.expired():
            self._deadline.reschedule(self._loop.time() + self.answer_s)

    async def _step(self, batch: Batch, *, sound: bool) -> bool:
        """Take one transaction; whether the connection did it. One that did not is replaced."""
        if self._tx is None:
            tx = await self._connect()
            await tx.run_sync(self._claim.retake)
            sound = True
        assert self._tx is not None
        if await self._tx.run_sync(batch.step, sound=sound):
            return True
        await self._drop()
        return False

    async def _connect(self) -> AsyncConnection:
        self._tx = await connected(self._writer)
        return self._tx

    async def _drop(self) -> None:
        """Close the connection that writes, however it is."""
        tx, self._tx = self._tx, None
        if tx is None:
            return
        try:
            async with asyncio.timeout(CLOSE_S):
                await tx.invalidate()
                await tx.close()
        except Exception as error:  # noqa: BLE001 - it is gone anyway
            log.debug("database_connection_left", extra={"reason": reason(error)})

    def _note(self, error: Exception | None) -> None:
        """Tell the operator once that the database is away, and once that it is back."""
        if error is not None and not self._lost:
            log.warning("database_lost", extra={"reason": reason(error)})
            self._look_later()
        elif error is None and self._lost:
            log.warning("database_back")
        self._lost = "" if error is None else reason(error)

    # --- while it is away ------------------------------------------------------------------

    @property
    def away(self) -> bool:
        """Whether the database did not answer the last time."""
        return bool(self._lost)

    async def _present(self) -> None:
        """Wait for the database to be back, but not for long. Raises Unavailable."""
        await asyncio.wait({self._look()}, timeout=AWAY_S)
        if self._lost:
            raise Unavailable(self._lost)

    def _look(self) -> "asyncio.Task[None]":
        """Find out whether it is back; one look at a time, and again as long as it is not."""
        if self._looking is None or self._looking.done():
            self._looking = self._loop.create_task(self._look_once(), name="database look")
        return self._looking

    async def _look_once(self) -> None:
        if self._lost and not self._closing:
            with contextlib.suppress(StoreError):
                await self._queued(_select_one)
        if self._lost and not self._closing:
            self._look_later()

    def _look_later(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(LOOK_S, self._look)

    # --- reading ---------------------------------------------------------------------------

    async def read(
        self, fn: Callable[Concatenate[sa.Connection, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """The result of `fn`, which only reads."""
        if self._closing:
            raise Unavailable("the database is closed")
        if self._reading >= READS_MAX:
            raise Unavailable("too many reads are waiting")
        if self._lost:
            await self._present()
        self._reading += 1
        try:
            async with asyncio.timeout(self.answer_s):
                return await self._read(lambda tx: fn(tx, *args, **kwargs))
        except (exc.SQLAlchemyError, OSError) as error:
            meant = translated(error)
            if meant is error:
                raise
            if isinstance(meant, Unavailable):
                self._note(error)
            raise meant from error
        finally:
            self._reading -= 1

    async def _read(self, work: Callable[[sa.Connection], R]) -> R:
        """The result of `work`; it is tried again where a connection turns out to be dead."""
        for left in reversed(range(READ_TRIES)):
            try:
                async with self._readers.connect() as tx:
                    return await tx.run_sync(work)
            except (exc.DBAPIError, OSError) as error:
                if not left or not isinstance(translated(error), Unavailable):
                    raise
        raise AssertionError("the last try returns or raises")

    async def ping(self) -> bool:
        """Whether the database answers."""
        try:
            await self.read(_select_one)
        except StoreError:
            return False
        return True

    # --- closing ---------------------------------------------------------------------------

    async def close(self) -> None:
        """Finish what is queued and close."""
        if self._closing:
            return
        self._closing = True
        if self._timer is not None:
            self._timer.cancel()
        if self._writing is not None:
            await self._writing
        await self._drop()
        await self._dispose()
        self._lock.release()

    async def _dispose(self) -> None:
        await self._writer.dispose()
        await self._readers.dispose()


def engines(url: sa.URL) -> tuple[AsyncEngine, AsyncEngine]:
    """The engine that writes and the one that reads: what it reads is of one moment."""
    shared = {"connect_args": connect_args(url, CONNECT_S), "hide_parameters": True}
    writer = create_async_engine(
        url, poolclass=sa.NullPool, isolation_level="READ COMMITTED", **shared
    )
    readers = create_async_engine(
        url,
        pool_size=READERS,
        max_overflow=0,
        pool_timeout=ANSWER_S,
        pool_use_lifo=True,
        isolation_level="REPEATABLE READ",
        execution_options={"postgresql_readonly": True},
        **shared,
    )
    return writer, readers


async def connected(engine: AsyncEngine) -> AsyncConnection:
    """A connection. Raises TimeoutError where somebody listens and does not say a word."""
    async with asyncio.timeout(ANSWER_S):
        return await engine.connect()


async def look(url: sa.URL, fn: Callable[[sa.Connection], R]) -> R:
    """The result of `fn`, which only reads, on the database at `url`; a server may be using it.

    All that it reads is of one moment. Raises CannotOpen.
    """
    return await _visit(url, engines(url)[1], fn)


async def alone(url: sa.URL, fn: Callable[[sa.Connection], R], *, message_max: int) -> R:
    """The result of `fn` once its transaction has committed; no server is on the database.

    Raises CannotOpen.
    """

    def work(tx: sa.Connection) -> R:
        claim = Claim()
        take(tx, message_max, claim)
        result = fn(tx)
        claim.sign(tx)  # whatever `fn` has put into the tables: nobody else's number is in there
        tx.commit()
        return result

    return await _visit(url, engines(url)[0], work)


async def _visit(url: sa.URL, engine: AsyncEngine, fn: Callable[[sa.Connection], R]) -> R:
    try:
        tx = await connected(engine)
        try:
            return await tx.run_sync(fn)
        finally:
            await tx.close()
    except _UNUSABLE as error:
        raise CannotOpen(refusal(url, error)) from None
    finally:
        await engine.dispose()


def take(tx: sa.Connection, message_max: int, claim: Claim) -> None:
    """Make the database ours and bring it up to date. Raises CannotOpen."""
    dialect.check_server(tx, message_max)
    tx.commit()
    claim.take(tx)
    migrate.upgrade(tx, migrate.STEPS)
    claim.sign(tx)
    tx.commit()


def _select_one(tx: sa.Connection) -> object:
    return tx.execute(sa.text("SELECT 1")).scalar()
