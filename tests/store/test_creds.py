"""Credentials in the store. Source: specification 04, paragraph 2.3."""

import pytest

from chinwag.core.codes import DAY_MS
from chinwag.core.creds import Cred, Verdict
from chinwag.store import creds, users
from chinwag.store.creds import Answer, Pending, Taken
from chinwag.store.db import Db
from rows import ALICE, BOB, NOW, account

UNTIL = NOW + 1000
ONE, TWO = "one@example.com", "two@example.com"
GOOD, BAD = b"good", b"bad"


@pytest.fixture(autouse=True)
async def people(db: Db) -> None:
    """Alice and Bob have accounts."""
    await account(db, ALICE, "basic:alice")
    await account(db, BOB)


async def ask(db: Db, uid: str = ALICE, value: str = ONE, now_ms: int = NOW) -> None:
    """`uid` wants to confirm `value`."""
    await db.run(creds.request, Pending(uid, "email", value, GOOD, now_ms + 1000), now_ms)


async def say(db: Db, code: bytes | None = GOOD, uid: str = ALICE, now_ms: int = NOW) -> Verdict:
    """What becomes of the answer `code`."""
    answer = Answer(uid, "email", code, 3)
    confirmed = await db.run(creds.answer, answer, now_ms, tagged=True, alias_ns="alias")
    return confirmed.verdict


async def held(db: Db, uid: str = ALICE) -> list[Cred]:
    """The credentials of `uid`."""
    return await db.run(creds.of_user, uid)


async def tags_of(db: Db, uid: str = ALICE) -> list[str]:
    """The stored tags of `uid`."""
    user = await db.run(users.get, uid)
    assert user is not None
    return user.tags


async def test_an_address_is_pending_until_the_code_comes_back(db: Db) -> None:
    assert await say(db) is Verdict.MISSING
    await ask(db)
    assert await held(db) == [Cred("email", ONE, done=False)]
    assert await db.run(creds.owner, "email", ONE) is None
    assert await db.run(creds.lacking, ALICE, ["email", "tel"]) == ["email", "tel"]
    assert await say(db) is Verdict.RIGHT
    assert await held(db) == [Cred("email", ONE, done=True)]
    assert await db.run(creds.owner, "email", ONE) == ALICE
    assert await db.run(creds.lacking, ALICE, ["email", "tel"]) == ["tel"]
    assert "email:" + ONE in await tags_of(db)
    assert await say(db) is Verdict.MISSING


async def test_only_the_latest_address_of_a_method_waits(db: Db) -> None:
    await ask(db)
    await ask(db, value=TWO)
    assert await held(db) == [Cred("email", TWO, done=False)]
    assert await say(db) is Verdict.RIGHT
    await ask(db)
    assert await held(db) == [Cred("email", ONE, done=False), Cred("email", TWO, done=True)]


async def test_a_confirmed_address_is_nobody_elses(db: Db) -> None:
    """Neither while it is asked for nor when somebody was faster."""
    await ask(db)
    await ask(db, uid=BOB)
    assert await say(db, uid=BOB) is Verdict.RIGHT
    assert await say(db) is Verdict.TAKEN
    with pytest.raises(Taken):
        await ask(db)
    with pytest.raises(Taken):
        await ask(db, uid=BOB)


async def test_codes_end(db: Db) -> None:
    """DEFECT D-50: codes never expired."""
    await ask(db)
    assert await say(db, now_ms=UNTIL) is Verdict.WRONG
    await ask(db, now_ms=UNTIL)
    assert await say(db, now_ms=UNTIL) is Verdict.RIGHT


async def test_there_are_just_so_many_attempts(db: Db) -> None:
    """DEFECT D-50: off by one. Asking again, or for another address in between, gives no more."""
    await ask(db)
    assert [await say(db, BAD) for _ in range(3)] == [Verdict.WRONG] * 3
    assert await say(db) is Verdict.LOCKED
    await ask(db)
    assert await say(db) is Verdict.LOCKED
    await ask(db, value=TWO)
    await ask(db)
    assert await say(db) is Verdict.LOCKED


async def test_failures_count_for_superseded_addresses_too(db: Db) -> None:
    await ask(db)
    await ask(db, value=TWO)
    assert [await say(db, BAD) for _ in range(3)] == [Verdict.WRONG] * 3
    await ask(db)
    assert await say(db) is Verdict.LOCKED


async def test_failures_are_forgiven_after_a_day(db: Db) -> None:
    await ask(db)
    assert [await say(db, BAD) for _ in range(4)][-1] is Verdict.LOCKED
    later = NOW + DAY_MS + 1
    await ask(db, now_ms=later)
    assert await say(db, now_ms=later) is Verdict.RIGHT


async def test_a_universal_answer_is_right_whatever_the_code(db: Db) -> None:
    await ask(db)
    assert await say(db, None) is Verdict.RIGHT


async def test_removing_a_confirmed_address_takes_the_tag_along(db: Db) -> None:
    await ask(db)
    await say(db)
    found, tags = await db.run(creds.remove, ALICE, "email", ONE)
    assert found
    assert tags == await tags_of(db)
    assert "email:" + ONE not in await tags_of(db)
    assert await held(db) == []
    assert await db.run(creds.remove, ALICE, "email", ONE) == (False, None)


async def test_removing_a_confirmed_address_without_a_tag_changes_no_tags(db: Db) -> None:
    """01 QUIRK-25, 02 §11.5: then the answer is 304, and nobody is told of tags."""
    await ask(db)
    answer = Answer(ALICE, "email", GOOD, 3)
    confirmed = await db.run(creds.answer, answer, NOW, tagged=False)
    assert (confirmed.verdict, confirmed.tags) == (Verdict.RIGHT, None)
    before = await tags_of(db)
    assert await db.run(creds.remove, ALICE, "email", ONE) == (True, None)
    assert await held(db) == []
    assert await tags_of(db) == before


async def test_a_pending_address_with_failures_can_be_removed(db: Db) -> None:
    """DEFECT D-06: it could not; and it keeps its failures when it comes back."""
    await ask(db)
    await say(db, BAD)
    assert await db.run(creds.remove, ALICE, "email", ONE) == (True, None)
    assert await held(db) == []
    assert await db.run(creds.remove, ALICE, "email", ONE) == (False, None)
    await ask(db)
    assert [await say(db, BAD) for _ in range(3)] == [Verdict.WRONG, Verdict.WRONG, Verdict.LOCKED]


async def test_the_end_of_an_account_frees_its_addresses(db: Db) -> None:
    await ask(db)
    await say(db)
    await db.run(users.delete, ALICE, hard=False, now_ms=NOW)
    assert await db.run(creds.owner, "email", ONE) is None
    await ask(db, uid=BOB)


async def test_identities_are_compared_letter_by_letter(db: Db) -> None:
    """DEFECT D-15: an accent made no difference, and took over the account."""
    await ask(db)
    await say(db)
    assert await db.run(creds.owner, "email", "óne@example.com") is None
    assert await db.run(creds.owner, "email", "One@example.com") is None
