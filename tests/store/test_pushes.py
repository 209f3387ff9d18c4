"""Pushes in the store: specification 03, DEFECT D13."""

from chinwag.core import ids
from chinwag.core.notify import Push, Target
from chinwag.core.state import Member, State
from chinwag.store import devices, messages, pushes, subs, users
from chinwag.store.db import Db
from chinwag.store.pushes import Job, Missed
from rows import ALICE, BOB, CAROL, CHANNEL, GROUP, NOW, account, draft, post, topic

TO = [Target("phone", ALICE, "ios", "en"), Target("pad", BOB, "web", "", silent=True)]
PUSH = Push({"what": "msg", "content": "é\0😀"}, TO)


def job(number: int, due_ms: int = NOW, tries: int = 0, push: Push = PUSH) -> Job:
    """A push."""
    return Job(number, "log", due_ms, NOW + 1000, tries, push)


async def test_what_is_put_is_there_once(db: Db) -> None:
    """Also when it comes again, as it does when nobody knows whether it was stored."""
    big = job((1 << 63) - 1)
    for _ in range(2):
        await db.run(pushes.put, [job(2, NOW + 1), job(1), big], {GROUP: 7})
    assert await db.read(pushes.due, 9) == [job(1), big, job(2, NOW + 1)]
    assert await db.read(pushes.due, 1) == [job(1)]
    assert await db.read(pushes.count) == 3


async def test_settling(db: Db) -> None:
    await account(db, ALICE)
    for device in ("phone", "other"):
        await db.run(devices.put, ALICE, device, platform="", lang="", now_ms=NOW)
    await db.run(pushes.put, [job(n) for n in range(5)], {})
    left = Push(PUSH.data, TO[1:])
    later = [job(3, NOW + 9, 1, left), job(1, NOW + 5, 2, left)]
    await db.run(pushes.settle, [4, 0], later, [("phone", ALICE), ("other", BOB)])
    assert await db.read(pushes.due, 9) == [job(2), *reversed(later)]
    await db.run(pushes.settle, [1, 2, 3], [], [])
    assert await db.read(pushes.count) == 0
    assert [d.device for d in (await db.read(devices.of, [ALICE]))[ALICE]] == ["other"]


async def test_which_topics_are_behind(db: Db) -> None:
    """Those in which somebody with a device has something to read that is not noted."""
    for uid in (ALICE, BOB, CAROL):
        await account(db, uid)
    await topic(db, GROUP, ALICE, BOB)
    await topic(db, CHANNEL, ALICE, channel=True)
    await db.run(subs.put, ids.chn_of(CHANNEL), Member(CAROL, 11, 11), NOW)
    await post(db, 3)
    await post(db, 2, CHANNEL)
    assert await db.read(pushes.behind, 0) == {}
    await db.run(devices.put, ALICE, "a", platform="", lang="", now_ms=NOW)
    assert await db.read(pushes.behind, 0) == {}  # she has written everything
    for uid in (BOB, CAROL):
        await db.run(devices.put, uid, uid, platform="", lang="", now_ms=NOW)
    assert await db.read(pushes.behind, 0) == {GROUP: (0, 3), CHANNEL: (0, 2)}
    await db.run(pushes.put, [], {GROUP: 2, CHANNEL: 2})
    assert await db.read(pushes.behind, 0) == {GROUP: (2, 3)}
    assert await db.read(pushes.behind, NOW + 3) == {}
    await db.run(pushes.put, [], {GROUP: 1})  # it does not go back
    assert await db.read(pushes.behind, 0) == {GROUP: (2, 3)}
    missed = await db.read(pushes.missed, GROUP, Missed(2, 3), 0)
    assert [(m.seq, m.content) for m in missed] == [(3, b'"message 3"')]
    await db.run(subs.mark, GROUP, BOB, 3, 3)
    assert await db.read(pushes.behind, 0) == {}


async def test_missed_messages_are_young_there_and_not_too_many(db: Db) -> None:
    await account(db, ALICE)
    await topic(db, GROUP, ALICE)
    await db.run(messages.append, [draft(n) for n in range(1, pushes.MISSED_MAX + 6)])
    await db.run(messages.erase, GROUP, [(104, 105)], del_id=1, younger_than_ms=None)
    found = [m.seq for m in await db.read(pushes.missed, GROUP, Missed(0, 105), 0)]
    assert found == [*range(5, 104), 105]
    found = [m.seq for m in await db.read(pushes.missed, GROUP, Missed(101, 104), NOW + 102)]
    assert found == [103]


async def test_devices_of_people(db: Db) -> None:
    for uid in (ALICE, BOB):
        await account(db, uid)
        await db.run(devices.put, uid, f"{uid} 1", platform="ios", lang="en", now_ms=NOW)
    await db.run(devices.put, ALICE, "two", platform="web", lang="de", now_ms=NOW + 1)
    await db.run(users.update, BOB, {"state": int(State.SUSPENDED)})
    found = await db.read(devices.of, [ALICE, BOB, CAROL])
    assert found.keys() == {ALICE, BOB}
    assert {d[:4] for d in found[ALICE]} == {
        (f"{ALICE} 1", ALICE, "ios", "en"),
        ("two", ALICE, "web", "de"),
    }
    assert found[BOB] == []
    assert await db.read(devices.holders) == {ALICE, BOB}


async def test_readers_with_devices_come_in_portions(db: Db) -> None:
    await topic(db, CHANNEL, channel=True)
    channel = ids.chn_of(CHANNEL)
    uids = [ids.uid_text(n << 60 | n) for n in range(1, 14)]  # some are negative as stored
    for n, uid in enumerate(uids):
        modes = 11 if n != 4 else 3
        await db.run(subs.put, channel, Member(uid, modes, 11), NOW)
        if n != 5:
            await db.run(devices.put, uid, uid, platform="", lang="", now_ms=NOW)
    await db.run(subs.remove, channel, uids[6], NOW)
    found: list[str] = []
    while more := await db.read(devices.readers, channel, found[-1] if found else "", 3):
        found += more
    assert sorted(found) == sorted(uid for n, uid in enumerate(uids) if n not in (4, 5, 6))
