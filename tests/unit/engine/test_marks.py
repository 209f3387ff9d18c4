"""Receipts on their way into the store. Source: specification 03, paragraph 5.3; DEFECT D11."""

import asyncio

import pytest

from chinwag.core.notes import Mark
from chinwag.core.state import Member
from chinwag.engine import marks
from chinwag.engine.marks import Marks, Unsaved
from chinwag.store import subs
from stage import ALICE, BOB, Stage, new_group


@pytest.fixture
async def name(stage: Stage) -> str:
    """A group of Alice and Bob."""
    name = await new_group(stage.actor(ALICE))
    await stage.actor(BOB).say(sub={"topic": name})
    return name


async def stored(stage: Stage, name: str) -> tuple[int, int]:
    """Bob's numbers."""
    member = await stage.db.read(subs.get, name, BOB)
    assert member is not None
    return member.read, member.recv


async def test_what_comes_together_is_stored_together(stage: Stage, name: str) -> None:
    """Also what comes while a transaction is running."""
    calls: list[int] = []
    run = stage.db.run

    async def counted(fn, rows, /):  # type: ignore[no-untyped-def]
        calls.append(len(rows))
        await asyncio.sleep(0)
        return await run(fn, rows)

    stage.db.run = counted  # type: ignore[assignment]
    kept = stage.hub.marks
    kept.note(name, Mark(BOB, 1, 0), stage.now())
    kept.note(name, Mark(BOB, 0, 3), stage.now())
    kept.note(name, Mark(ALICE, 2, 2), stage.now())
    await asyncio.sleep(0)
    kept.note(name, Mark(BOB, 2, 0), stage.now())
    assert kept.of_topic(name)[BOB][:2] == (2, 3)
    assert {*kept.of_user(BOB)} == {name}
    await stage.quiet()
    assert calls == [2, 1]
    assert await stored(stage, name) == (2, 3)
    assert kept.of_topic(name) == kept.of_user(BOB) == {}
    stage.hub.topics[name].forget_state()


async def test_what_fails_is_stored_later(stage: Stage, name: str) -> None:
    """DEFECT D11: again and again, and what came meanwhile with it."""
    kept = stage.hub.marks
    stage.db.moods = ["lost", "unsure"]
    kept.note(name, Mark(BOB, 5, 0), stage.now())
    await stage.quiet()
    assert kept.of_topic(name)[BOB].read == 5
    kept.note(name, Mark(BOB, 4, 4), stage.now())
    await stage.quiet()
    assert kept.of_topic(name)[BOB][:2] == (5, 4)
    await stage.elapse(marks.RETRY_S)
    assert await stored(stage, name) == (5, 4)
    assert kept.of_topic(name) == {}
    stage.hub.topics[name].forget_state()


async def test_a_topic_that_is_loaded_meanwhile_knows_them(stage: Stage, name: str) -> None:
    bob = stage.actor(BOB)
    await bob.say(sub={"topic": "me"})
    await bob.say(sub={"topic": name})
    await bob.say(pub={"topic": name, "content": "x"})
    await stage.actor(ALICE).say(sub={"topic": name})
    alice = stage.actor(ALICE)
    await alice.say(sub={"topic": "me"})
    await alice.say(sub={"topic": name})
    stage.db.moods = ["lost"]
    await alice.say(note={"topic": name, "what": "read", "seq": 1})
    stage.hub.topics[name].forget_state()
    assert (await alice.meta("desc", topic=name))["read"] == 1
    rows = await alice.meta("sub", topic="me")
    assert rows[0]["read"] == 1
    rows = await alice.meta("sub", topic=name)
    assert {r["user"]: r.get("read") for r in rows} == {ALICE: 1, BOB: 1}
    assert (await stage.actor(ALICE).meta("sub", topic=name))[0]["read"] == 1
    await stage.elapse(marks.RETRY_S)


async def test_who_comes_back_has_read_nothing(stage: Stage, name: str) -> None:
    """03 §6: whether the number is still waiting or on its way."""
    kept = stage.hub.marks
    kept.note(name, Mark(BOB, 5, 5), stage.now())
    kept.drop(name, BOB)
    kept.drop(name, "usrNobody")
    await stage.quiet()
    assert await stored(stage, name) == (0, 0)
    await stage.db.run(subs.mark_all, [(name, BOB, 5, 5, 0)])
    assert await stored(stage, name) == (0, 0)


@pytest.mark.parametrize(
    ("member", "numbers"),
    [
        (Member(BOB, 0, 0, created_ms=10, read=3, recv=4), (5, 4)),
        (Member(BOB, 0, 0, created_ms=10, read=7, recv=1), (7, 2)),
        (Member(BOB, 0, 0, created_ms=11), (0, 0)),
        (Member(BOB, 0, 0, created_ms=10, gone=True), (0, 0)),
    ],
)
def test_what_a_member_is_let_know(member: Member, numbers: tuple[int, int]) -> None:
    Unsaved(5, 2, 10).put_into(member)
    assert (member.read, member.recv) == numbers


async def test_there_is_a_bound(stage: Stage, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it numbers are kept in memory only; those that wait already may grow."""
    monkeypatch.setattr(marks, "WAITING_MAX", 1)
    kept = Marks(stage.db, stage.tasks)
    kept.note(name, Mark(BOB, 1, 0), stage.now())
    kept.note(name, Mark(ALICE, 1, 0), stage.now())
    kept.note(name, Mark(BOB, 2, 0), stage.now())
    assert {u: n.read for u, n in kept.of_topic(name).items()} == {BOB: 2}
    await stage.quiet()
    stage.hub.topics[name].forget_state()


async def test_large_numbers_of_them_go_in_parts(
    stage: Stage, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "BATCH_MAX", 1)
    stage.hub.marks.note(name, Mark(BOB, 1, 0), stage.now())
    stage.hub.marks.note(name, Mark(ALICE, 1, 0), stage.now())
    await stage.quiet()
    assert await stored(stage, name) == (1, 0)
    stage.hub.topics[name].forget_state()
