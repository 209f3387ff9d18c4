"""What every database promises those who use it: style, section 7."""

import asyncio
import contextlib
import time

import pytest
import sqlalchemy as sa

from chinwag.core.state import Member
from chinwag.store import messages, schema, subs, topics
from chinwag.store.db import Conflict, Db, Duplicate, StoreError, Tx, Unavailable
from rows import ALICE, GROUP, draft, topic


class OwnError(Exception):
    """An error of a function."""


def tag(tx: Tx, tag: str, *, then: Exception | None = None) -> str:
    """Give Alice a tag, and fail if told so."""
    tx.execute(sa.insert(schema.tags).values(tag=tag, holder=ALICE))
    if then is not None:
        raise then
    return tag


def tags(tx: Tx) -> list[str]:
    """All tags, in alphabetical order."""
    return list(tx.execute(sa.select(schema.tags.c.tag).order_by(schema.tags.c.tag)).scalars())


def _raise(tx: Tx) -> None:
    raise OwnError


async def test_a_result_comes_after_its_commit(db: Db) -> None:
    for number in range(20):
        name = f"tag{number:02}"
        assert await db.run(tag, name) == name
        assert name in await db.read(tags)


async def test_one_of_many_that_wait_together_fails_alone(db: Db) -> None:
    """And leaves nothing of what it did before it failed."""
    bad = {7: OwnError("no"), 8: Conflict("no"), 20: OwnError("no"), 39: OwnError("no")}
    asked = [db.run(tag, f"{n:02}", then=bad.get(n)) for n in range(40)]
    asked.insert(30, db.run(tag, "00"))
    results: list[object] = list(await asyncio.gather(*asked, return_exceptions=True))
    assert isinstance(results.pop(30), Duplicate)
    assert results == [bad.get(n, f"{n:02}") for n in range(40)]
    assert await db.read(tags) == [f"{n:02}" for n in range(40) if n not in bad]


async def test_all_may_fail(db: Db) -> None:
    asked = [db.run(tag, "x", then=OwnError(str(n))) for n in range(30)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert [str(r) for r in results] == [str(n) for n in range(30)]
    assert await db.read(tags) == []
    assert await db.run(tag, "x") == "x"


async def test_functions_run_in_the_order_in_which_they_were_given(db: Db) -> None:
    """Also around one that fails, and across the borders of batches."""
    await topic(db, GROUP, ALICE)
    asked = []
    for seq in range(1, 1201):
        if seq % 250 == 0:
            asked.append(db.run(messages.append, [draft(5)]))
        asked.append(db.run(messages.append, [draft(seq)]))
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(r, Conflict) for r in results) == 4
    assert sum(r is None for r in results) == 1200
    state = await db.read(topics.load, GROUP)
    assert state is not None
    assert (state.seq, state.members[ALICE].read) == (1200, 1200)


async def test_a_later_function_sees_what_an_earlier_one_did(db: Db) -> None:
    _, found = await asyncio.gather(db.run(tag, "x"), db.run(tags))
    assert found == ["x"]


async def test_who_stops_waiting_stops_nothing(db: Db) -> None:
    waiting = [asyncio.ensure_future(db.run(tag, f"{n}")) for n in range(5)]
    await asyncio.sleep(0)
    waiting[2].cancel()
    await asyncio.wait(waiting)
    assert await db.run(tags) == ["0", "1", "2", "3", "4"]


async def test_what_is_only_read_does_not_wait_behind_writers(db: Db) -> None:
    await db.run(tag, "before")
    writing = [asyncio.ensure_future(db.run(tag, f"{n:03}")) for n in range(600)]
    await asyncio.sleep(0)
    seen = await db.read(tags)
    assert "before" in seen
    assert not all(w.done() for w in writing)
    await asyncio.gather(*writing)
    assert len(await db.read(tags)) == 601


async def test_a_read_sees_one_moment(db: Db) -> None:
    """Two statements of one function must not see a commit in between."""

    def twice(tx: Tx, between: asyncio.Event) -> tuple[list[str], list[str]]:
        before = tags(tx)
        loop.call_soon_threadsafe(between.set)
        wait_for_write(tx)
        return before, tags(tx)

    loop, started, written = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def wait_for_write(tx: Tx) -> None:
        last = time.monotonic() + 30
        while not written.is_set():
            assert time.monotonic() < last, "nobody wrote"
            tx.execute(sa.text("SELECT 1")).scalar()

    async def write() -> None:
        await started.wait()
        await db.run(tag, "x")
        written.set()

    writing = asyncio.ensure_future(write())
    assert await db.read(twice, started) == ([], [])
    await writing
    assert await db.read(tags) == ["x"]


async def test_many_read_at_once(db: Db) -> None:
    await db.run(tag, "x")
    found = await asyncio.gather(*(db.read(tags) for _ in range(200)))
    assert found == [["x"]] * 200


async def test_reading_writes_nothing(db: Db) -> None:
    with contextlib.suppress(StoreError, sa.exc.DBAPIError):
        await db.read(tag, "x")
    assert await db.read(tags) == []


async def test_errors_mean_the_same_everywhere(db: Db) -> None:
    await db.run(tag, "x")
    with pytest.raises(Duplicate):
        await db.run(tag, "x")
    with pytest.raises(Conflict):
        await db.run(messages.append, [draft(1)])
    with pytest.raises(OwnError):
        await db.read(_raise)


@pytest.mark.parametrize(
    "statement",
    ["SELECT nothing FROM nowhere", "SELEKT 1", "INSERT INTO subs (topic, uid) VALUES ('a', 1)"],
)
async def test_a_wrong_statement_is_a_bug_and_no_outage(db: Db, statement: str) -> None:
    def wrong(tx: Tx) -> None:
        tx.exec_driver_sql(statement)

    with pytest.raises(sa.exc.DBAPIError):
        await db.run(wrong)
    assert await db.run(tag, "x") == "x"


async def test_it_says_whether_it_answers(db: Db) -> None:
    assert await db.ping()
    await db.close()
    assert not await db.ping()


async def test_what_is_queued_is_finished_before_closing(db: Db) -> None:
    asked = [asyncio.ensure_future(db.run(tag, f"{n:03}")) for n in range(300)]
    await asyncio.sleep(0)
    await db.close()
    assert await asyncio.gather(*asked) == [f"{n:03}" for n in range(300)]


async def test_nothing_is_taken_after_closing(db: Db) -> None:
    await db.close()
    await db.close()
    with pytest.raises(Unavailable):
        await db.run(tag, "x")
    with pytest.raises(Unavailable):
        await db.read(tags)


async def test_beyond_the_bound_the_caller_is_told_at_once(
    db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(db), "queue_max", 5)
    asked = [asyncio.ensure_future(db.run(tag, f"{n:03}")) for n in range(2000)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    stored = {r for r in results if isinstance(r, str)}
    assert any(isinstance(r, Unavailable) for r in results)
    assert sorted(stored) == await db.read(tags)


async def test_a_subscription_function_may_run_twice(db: Db) -> None:
    """A batch that fails is run again: what functions keep in their arguments must not change."""
    member = Member(ALICE, 1, 1, private=b"1")
    asked = [db.run(subs.put, GROUP, member, 5), db.run(tag, "x", then=OwnError())]
    await asyncio.gather(*asked, return_exceptions=True)
    assert (await db.read(subs.get, GROUP, ALICE)) == Member(
        ALICE, 1, 1, private=b"1", created_ms=5, updated_ms=5
    )
