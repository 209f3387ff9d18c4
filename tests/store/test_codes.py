"""Codes for a new password in the store. Source: specification 04, paragraph 4.4."""

from chinwag.core.codes import DAY_MS
from chinwag.store import codes
from chinwag.store.codes import FAILURES_MAX, Code
from chinwag.store.db import Db
from rows import ALICE, NOW

SUBJECT = "email:" + "a" * 100 + "@example.com"
MINUTE = 60_000
GOOD, BAD = b"good", b"bad"


async def issue(db: Db, now_ms: int = NOW, code: bytes = GOOD) -> bool:
    """Whether Alice gets a code."""
    return await db.run(codes.issue, ALICE, SUBJECT, code, now_ms=now_ms, life_s=900)


async def check(db: Db, code: bytes = GOOD, now_ms: int = NOW) -> Code | None:
    """Whose code it is."""
    return await db.run(codes.check, SUBJECT, code, now_ms=now_ms, tries_max=3)


async def test_a_code_is_good_until_it_is_spent(db: Db) -> None:
    """DEFECT-07: it was burnt by a password that was refused. D-32 (v): long addresses."""
    assert await check(db) is None
    assert await issue(db)
    assert await check(db) == await check(db) == Code(ALICE, NOW + 15 * MINUTE)
    await db.run(codes.spend, SUBJECT)
    assert await check(db) is None


async def test_a_code_ends_on_time(db: Db) -> None:
    """D-32 (i, ii): age was never looked at, and a wrong guess made the code younger."""
    await issue(db)
    assert await check(db, BAD, now_ms=NOW + 14 * MINUTE) is None
    assert await check(db, now_ms=NOW + 15 * MINUTE) is None


async def test_a_code_can_be_tried_three_times(db: Db) -> None:
    await issue(db)
    assert [await check(db, BAD) for _ in range(3)] == [None] * 3
    assert await check(db) is None


async def test_nobody_is_locked_out_by_the_guesses_of_others(db: Db) -> None:
    """D-32 (iii): after three wrong guesses no new code could be had."""
    await issue(db)
    for _ in range(3):
        await check(db, BAD)
    assert await issue(db, now_ms=NOW + MINUTE)
    assert await check(db, now_ms=NOW + MINUTE)


async def test_a_fresh_code_is_not_replaced(db: Db) -> None:
    assert await issue(db)
    assert not await issue(db, now_ms=NOW + MINUTE - 1, code=BAD)
    assert await check(db)
    assert await issue(db, now_ms=NOW + MINUTE)


async def test_asking_again_gives_no_endless_guesses(db: Db) -> None:
    """DEFECT-07: each request reset the counter."""
    now = NOW
    for _ in range(FAILURES_MAX // 3):
        assert await issue(db, now_ms=now)
        for _ in range(3):
            await check(db, BAD, now_ms=now)
        now += MINUTE
    assert not await issue(db, now_ms=now)
    assert await issue(db, now_ms=NOW + DAY_MS)


async def test_old_codes_are_forgotten(db: Db) -> None:
    await issue(db)
    assert await db.run(codes.remove_old, NOW + DAY_MS) == 0
    assert await db.run(codes.remove_old, NOW + DAY_MS + 1) == 1
