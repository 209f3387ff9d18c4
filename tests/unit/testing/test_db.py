"""A database in memory: group commit, and failures on both sides of it."""

import asyncio
from collections.abc import Coroutine, Iterator
from random import Random
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from chinwag.store import schema
from chinwag.store.db import Conflict, Duplicate, Tx, Unavailable
from chinwag.testing.db import Disk, SimDb, StoreFaults
from chinwag.testing.loop import SimLoop

R = TypeVar("R")


class Rig:
    """A disk, a loop, and databases on them."""

    def __init__(self) -> None:
        self.loop = SimLoop()
        self.disk = Disk()

    def db(self, **faults: float) -> SimDb:
        return SimDb(self.loop, self.disk, Random("rig"), StoreFaults(**faults))

    def do(self, work: Coroutine[Any, Any, R]) -> R:
        return self.loop.run_until_complete(work)

    def keys(self) -> set[str]:
        return self.do(self.db().read(keys)) - {"schema_version"}


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.disk.close()
    made.loop.close()


def put(tx: Tx, key: str) -> str:
    """Store a row; the key."""
    tx.execute(sa.insert(schema.meta).values(key=key, value="1"))
    return key


def keys(tx: Tx) -> set[str]:
    """The keys of all rows."""
    return set(tx.execute(sa.select(schema.meta.c.key)).scalars())


async def gather(*work: Coroutine[Any, Any, str]) -> list[Any]:
    return list(await asyncio.gather(*work, return_exceptions=True))


def test_what_is_committed_stays(rig: Rig) -> None:
    assert rig.do(rig.db().run(put, "a")) == "a"
    assert rig.keys() == {"a"}
    assert rig.loop.time() > 0.0


def test_a_bad_function_fails_alone(rig: Rig) -> None:
    db = rig.db()
    done = rig.do(gather(*(db.run(put, key) for key in ("a", "b", "a", "c"))))
    assert [type(r) for r in done] == [str, str, Duplicate, str]
    assert rig.keys() == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("fault", "error", "stored"),
    [
        ("refused", Unavailable, set()),
        ("conflict", Conflict, set()),
        ("unsure", Unavailable, {"a"}),
    ],
)
def test_failures_before_and_behind_the_commit(
    rig: Rig, fault: str, error: type[Exception], stored: set[str]
) -> None:
    with pytest.raises(error):
        rig.do(rig.db(**{fault: 1.0}).run(put, "a"))
    assert rig.keys() == stored


def test_reads_fail_too(rig: Rig) -> None:
    db = rig.db(unread=1.0)
    with pytest.raises(Unavailable):
        rig.do(db.read(keys))
    assert not rig.do(db.ping())
    assert rig.do(rig.db().ping())


def test_a_reader_may_not_write(rig: Rig) -> None:
    with pytest.raises(AssertionError):
        rig.do(rig.db().read(put, "a"))
    assert rig.keys() == set()


def test_too_many_writes_are_refused(rig: Rig) -> None:
    db = rig.db()
    db.queue_max = 2
    done = rig.do(gather(*(db.run(put, key) for key in "abc")))
    assert [type(r) for r in done] == [str, str, Unavailable]


def test_what_waits_is_done_before_the_end(rig: Rig) -> None:
    db = rig.db()

    async def close() -> tuple[str, str]:
        work = asyncio.gather(db.run(put, "a"), db.run(put, "b"))
        await asyncio.sleep(0)
        await db.close()
        first, second = await work
        return first, second

    assert rig.do(close()) == ("a", "b")
    with pytest.raises(Unavailable):
        rig.do(db.run(put, "c"))
    with pytest.raises(Unavailable):
        rig.do(db.read(keys))


def test_the_disk_survives_who_uses_it(rig: Rig) -> None:
    rig.do(rig.db().run(put, "a"))
    assert rig.do(rig.db().read(keys)) == {"a", "schema_version"}


def test_a_quiet_database_does_not_fail(rig: Rig) -> None:
    faults = StoreFaults(refused=1.0, unsure=1.0, conflict=1.0, unread=1.0, stall=1.0)
    faults.quiet()
    assert faults == StoreFaults()
