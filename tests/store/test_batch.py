"""Group commit, on a database that fails where it is told to."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from chinwag.store.batch import TRIES, Batch, Job, Outcome, resolve
from chinwag.store.db import Db, Tx, Unavailable, joining
from chinwag.store.sqlite import make_engine

LOST = exc.OperationalError("", {}, Exception("lost"), connection_invalidated=True)


class Deadlock(Exception):
    """MySQL's."""

    def __init__(self) -> None:
        super().__init__(1213, "Deadlock found")


IN_THE_WAY = exc.OperationalError("", {}, Deadlock())


class Faulty:
    """A connection that fails at some commits; it counts them."""

    def __init__(self, tx: sa.Connection) -> None:
        self.tx = tx
        self.commits = 0
        self.calls: list[list[int]] = []
        self.fail_commit: list[Exception | None] = []
        self.fail_rollback = False

    def execute(self, statement: Any) -> Any:
        """Go on as usual."""
        return self.tx.execute(statement)

    def commit(self) -> None:
        """Commit, or fail before it."""
        error = self.fail_commit.pop(0) if self.fail_commit else None
        if error is not None:
            raise error
        self.commits += 1
        self.tx.commit()

    def rollback(self) -> None:
        """Undo, and perhaps fail then."""
        self.tx.rollback()
        if self.fail_rollback:
            raise LOST


@pytest.fixture
def tx() -> Iterator[Any]:
    with make_engine(None).connect() as connection:
        connection.execute(sa.text("CREATE TABLE t (a INTEGER PRIMARY KEY)"))
        connection.commit()
        yield Faulty(connection)


def rows_of(tx: Any) -> list[int]:
    """What is stored, as the transaction sees it."""
    return list(tx.execute(sa.text("SELECT a FROM t ORDER BY a")).scalars())


def rows(tx: Any) -> list[int]:
    """What is stored."""
    found = rows_of(tx)
    tx.rollback()
    return found


async def batch(*calls: Callable[[Any], Any]) -> Batch:
    """Jobs for `calls`."""
    loop = asyncio.get_running_loop()
    return Batch([Job(call, (), {}, loop.create_future()) for call in calls])


def put(number: int, error: Exception | None = None) -> Callable[[Any], int]:
    """Store a number; fail after it if told so."""

    def call(tx: Any) -> int:
        tx.execute(sa.text(f"INSERT INTO t VALUES ({number})"))
        if error is not None:
            raise error
        return number

    return call


def once(error: Exception, call: Callable[[Any], int]) -> Callable[[Any], int]:
    """`call`, but `error` the first time."""
    errors = [error]

    def fails(tx: Any) -> int:
        if errors:
            raise errors.pop()
        return call(tx)

    return fails


def commit(work: Batch, tx: Any, *, sound: bool = True) -> bool:
    """Commit all that one connection can; whether it can be used again."""
    while work.left:
        if not work.step(tx, sound=sound):
            return False
        sound = True
    return True


def told(work: Batch) -> list[Any]:
    """Results and errors, in order."""
    return [o.error or o.result for o in work.outcomes]


async def test_all_share_one_commit(tx: Any) -> None:
    work = await batch(*map(put, range(5)))
    assert commit(work, tx)
    assert (told(work), tx.commits) == ([0, 1, 2, 3, 4], 1)


async def test_a_bad_one_costs_one_more_commit(tx: Any) -> None:
    bad, ran = ValueError(), []

    def fails(tx: Any) -> int:
        ran.append(tx)
        return put(2, bad)(tx)

    work = await batch(put(0), put(1), fails, put(3), put(4))
    assert commit(work, tx)
    assert len(ran) == 2, "once among the others and once alone"
    assert (told(work), tx.commits) == ([0, 1, bad, 3, 4], 2)
    assert rows(tx) == [0, 1, 3, 4]


async def test_the_outcome_of_a_failed_commit_is_open_and_nothing_runs_twice(tx: Any) -> None:
    tx.fail_commit = [LOST]
    work = await batch(put(0), put(1))
    assert not commit(work, tx)
    assert [type(e) for e in told(work)] == [Unavailable, Unavailable]
    assert work.left == []


async def test_those_behind_a_failed_commit_go_on_with_another_connection(tx: Any) -> None:
    bad = ValueError()
    tx.fail_commit = [LOST]
    work = await batch(put(0), put(1, bad), put(2))
    assert not commit(work, tx)
    assert len(work.left) == 2
    assert commit(work, tx)
    assert told(work)[1:] == [bad, 2]
    assert rows(tx) == [2]


async def test_a_stale_connection_costs_nobody_anything(tx: Any) -> None:
    work = await batch(once(LOST, put(0)), put(1))
    assert not commit(work, tx, sound=False)
    assert work.outcomes == []
    assert commit(work, tx)
    assert told(work) == [0, 1]


async def test_one_that_ruins_its_connection_does_so_alone(tx: Any) -> None:
    work = await batch(put(0), put(1, LOST), put(2))
    while not commit(work, tx):
        pass
    assert [type(t) for t in told(work)] == [int, Unavailable, int]
    assert rows(tx) == [0, 2]


async def test_what_another_transaction_was_in_the_way_of_is_tried_again(tx: Any) -> None:
    tx.fail_commit = [IN_THE_WAY]
    work = await batch(put(0), once(IN_THE_WAY, put(1)))
    assert commit(work, tx)
    assert (told(work), rows(tx)) == ([0, 1], [0, 1])


async def test_but_not_for_ever(tx: Any) -> None:
    tx.fail_commit = [IN_THE_WAY] * TRIES
    work = await batch(put(0))
    assert not commit(work, tx)
    assert isinstance(told(work)[0], Unavailable)
    endless = await batch(put(0, IN_THE_WAY), put(1))
    while not commit(endless, tx):
        pass
    assert [type(t) for t in told(endless)] == [Unavailable, int]


async def test_a_connection_that_cannot_roll_back_is_not_trusted(tx: Any) -> None:
    tx.fail_rollback = True
    work = await batch(put(0), put(1, ValueError()))
    assert not commit(work, tx)
    tx.fail_rollback = False
    assert commit(work, tx)
    assert rows(tx) == [0]


async def test_without_a_database_everybody_is_told(tx: Any) -> None:
    work = await batch(put(0), put(1))
    work.give_up("refused")
    assert [str(e) for e in told(work)] == ["refused", "refused"]
    assert len({id(e) for e in told(work)}) == 2
    assert commit(work, tx)
    assert tx.commits == 0


async def test_those_who_stopped_waiting_are_passed_over() -> None:
    loop = asyncio.get_running_loop()
    gone, good, bad = (loop.create_future() for _ in range(3))
    gone.cancel()
    error = Unavailable("x")
    resolve([Outcome(gone, 1, None), Outcome(good, 2, None), Outcome(bad, None, error)])
    assert await good == 2
    assert bad.exception() is error


# --- calls that become one ------------------------------------------------------------------


@joining
def put_all(tx: Any, numbers: list[int]) -> None:
    """Store numbers; 13 is not liked."""
    if 13 in numbers:
        raise ValueError
    tx.calls.append(numbers)
    for number in numbers:
        tx.execute(sa.text(f"INSERT INTO t VALUES ({number})"))


async def lists(*lists: list[int]) -> Batch:
    """Jobs that may become one."""
    loop = asyncio.get_running_loop()
    return Batch([Job(put_all, (each,), {}, loop.create_future()) for each in lists])


async def test_neighbours_become_one_call(tx: Any) -> None:
    work = await lists([1], [2, 3], [])
    assert commit(work, tx)
    assert told(work) == [None, None, None]
    assert (tx.calls, rows(tx), tx.commits) == ([[1, 2, 3]], [1, 2, 3], 1)


async def test_what_stands_between_keeps_its_place(tx: Any) -> None:
    work = await lists([1], [2], [3])
    between = Job(rows_of, (), {}, asyncio.get_running_loop().create_future())
    work.jobs.insert(2, between)
    assert commit(work, tx)
    assert told(work) == [None, None, [1, 2], None]
    assert tx.calls == [[1, 2], [3]]


async def test_one_that_fails_among_them_fails_alone(tx: Any) -> None:
    work = await lists([1], [2], [13], [4], [5])
    assert commit(work, tx)
    assert [type(t) for t in told(work)] == [type(None)] * 2 + [ValueError] + [type(None)] * 2
    assert (rows(tx), tx.commits) == ([1, 2, 4, 5], 2)


async def test_all_may_fail(tx: Any) -> None:
    work = await lists([13], [13], [13])
    assert commit(work, tx)
    assert [type(t) for t in told(work)] == [ValueError] * 3


async def test_whoever_waits_is_told_of_what_no_future_takes(db: Db) -> None:
    """A StopIteration ended the writer of PostgreSQL and MySQL; everybody waited for ever."""

    def stops(_tx: Tx) -> None:
        next(iter(()))

    with pytest.raises(RuntimeError, match="StopIteration"):
        await db.run(stops)
    await db.run(lambda _tx: None)
