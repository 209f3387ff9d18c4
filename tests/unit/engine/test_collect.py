"""What is forgotten by itself. Source: specification 04, paragraphs 8.7 and 10."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chinwag.core.codes import DAY_MS
from chinwag.core.limits import Limits
from chinwag.core.state import Level
from chinwag.engine.collect import HOUR_MS, Collector, Schedule
from chinwag.engine.uploads import TOUCH_MS, UNUSED_MS, FileDesk
from chinwag.plugins import media_fs
from chinwag.plugins.media_fs import FolderMedia
from chinwag.store import codes, files, topics, users
from stage import ALICE, BOB, Actor, Open, Stage, new_group

REQUIRED = Limits(tagged_methods=frozenset({"email"}), required_creds={"auth": ["email"]})
CRED = [{"meth": "email", "val": "testy@example.com"}]


@pytest.fixture
def desk(stage: Stage, tmp_path: Path) -> FileDesk:
    return FileDesk(stage.services, FolderMedia(tmp_path / "uploads"))


def collector(stage: Stage, desk: FileDesk | None = None, **what: int) -> Collector:
    """A collector that is told when to work."""
    return Collector(stage.hub, stage.sessions, desk, Schedule(600, 10, **what))


async def upload(desk: FileDesk, uid: str | None = ALICE) -> str:
    """A new file."""

    async def bytes_of() -> AsyncIterator[bytes]:
        yield b"hello"

    return await desk.save(uid, "image/png", bytes_of(), 100)


async def test_files_nobody_uses_for_an_hour(stage: Stage, desk: FileDesk, alice: Actor) -> None:
    """D-11: fresh ones went where the zone is east of Greenwich."""
    name = await new_group(alice)
    used, unused = await upload(desk), await upload(desk)
    found = await desk.find(unused)
    await alice.say(pub={"topic": name, "content": "look"}, files=(used,))
    stage.clock.ms += UNUSED_MS - 1000
    young = await upload(desk)
    stage.clock.ms += 2000
    await collector(stage, desk).collect()
    assert [await desk.find(fid) is not None for fid in (used, unused, young)] == [
        True,
        False,
        True,
    ]
    assert found is not None
    assert not found.path.exists()


async def test_files_of_erased_messages(stage: Stage, desk: FileDesk, alice: Actor) -> None:
    name = await new_group(alice)
    fid = await upload(desk)
    await alice.say(pub={"topic": name, "content": "look"}, files=(fid,))
    erase: Any = {"del": {"topic": name, "delseq": [{"low": 1}], "hard": True}}
    await alice.say(**erase)
    stage.clock.ms += UNUSED_MS + 1000
    assert await desk.collect(10) == 1
    assert await desk.find(fid) is None


async def test_no_more_than_a_block_at_once(stage: Stage, desk: FileDesk) -> None:
    for _ in range(3):
        await upload(desk)
    stage.clock.ms += UNUSED_MS + 1000
    assert [await desk.collect(2) for _ in range(3)] == [2, 1, 0]


async def test_an_upload_that_takes_hours(stage: Stage, desk: FileDesk) -> None:
    """D-74: it was collected while it was going on."""

    async def slow() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x"
            stage.clock.ms += TOUCH_MS + 1
            assert await desk.collect(10) == 0

    fid = await desk.save(ALICE, "image/png", slow(), 100)
    assert await desk.find(fid) is not None


async def test_bytes_without_a_record(stage: Stage, desk: FileDesk) -> None:
    """D-74: what a crash left between record and bytes stayed for ever."""
    kept, lost = await upload(desk), await upload(desk)
    paths = []
    for fid in (kept, lost):
        found = await desk.find(fid)
        assert found is not None
        paths.append(found.path)
    await stage.db.run(files.remove, lost)
    assert await desk.sweep() == 0  # too young: it may be on its way
    for path in paths:
        past = path.stat().st_mtime - media_fs.OLD_S - 1
        os.utime(path, (past, past))
    assert await desk.sweep() == 1
    assert [path.exists() for path in paths] == [True, False]


async def test_codes_that_are_over(stage: Stage) -> None:
    await stage.services.codes.issue(ALICE, "email:a@example.com")
    stage.clock.ms += DAY_MS + 1000
    await collector(stage).collect()
    assert await stage.db.run(codes.remove_old, stage.clock.ms) == 0


async def registered(stage: Stage, **more: Any) -> str:
    """An account that has to confirm an address."""
    device = await stage.device()
    asked = {"user": "new", "scheme": "basic", "secret": "testy:testy123", "cred": CRED, **more}
    code, params = await device.asks(acc=asked)
    assert code in (200, 201, 300)
    uid: str = params["user"]
    return uid


async def exists(stage: Stage, uid: str) -> bool:
    """Whether there is such an account."""
    return await stage.db.read(users.get, uid) is not None


async def test_accounts_that_never_confirmed(open_stage: Open) -> None:
    """04 §10.2; the name and the address are free again."""
    stage = await open_stage(REQUIRED)
    uid = await registered(stage)
    work = collector(stage, unconfirmed_h=30)
    stage.clock.ms += 29 * HOUR_MS
    await work.collect()
    assert await exists(stage, uid)
    stage.clock.ms += 2 * HOUR_MS
    await work.collect()
    assert not await exists(stage, uid)
    assert await exists(stage, ALICE)  # D-95: others never used it either, and need nothing
    assert await registered(stage) != uid


async def test_accounts_that_have_confirmed_or_are_in_use_stay(open_stage: Open) -> None:
    """D-95: unused accounts, and those in their first long session, were erased."""
    stage = await open_stage(REQUIRED)
    uid = await registered(stage)
    device = await stage.device()
    device.session.authenticated(uid, Level.AUTH)
    stage.clock.ms += 31 * HOUR_MS
    work = collector(stage, unconfirmed_h=30)
    await work.collect()
    assert await exists(stage, uid)
    device.session.gone()
    other = await stage.device()
    answer = {"cred": [{"meth": "email", "resp": stage.post.code()}]}
    secret = "testy:testy123"
    stage.clock.ms -= 31 * HOUR_MS
    code, _ = await other.asks(login={"scheme": "basic", "secret": secret, **answer})
    assert code == 200
    stage.clock.ms += 31 * HOUR_MS
    other.session.gone()
    await work.collect()
    assert await exists(stage, uid)


async def test_nothing_is_erased_where_nothing_is_required(open_stage: Open) -> None:
    stage = await open_stage(Limits(tagged_methods=frozenset({"email"})))
    uid = await registered(stage)
    stage.clock.ms += 100 * HOUR_MS
    await collector(stage, unconfirmed_h=1).collect()
    assert await exists(stage, uid)


async def test_what_was_deleted_long_ago_is_gone_for_good(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """D-23: it stayed for ever."""
    name = await new_group(alice)
    await alice.say(pub={"topic": name, "content": "hello"})
    end: Any = {"del": {"topic": name, "what": "topic"}}
    await alice.say(**end)
    await bob.say(sub={"topic": ALICE})
    await stage.db.run(users.delete, BOB, hard=False, now_ms=stage.now())
    for topic in stage.hub.topics.values():
        topic.forget_state()
    work = collector(stage, erased_days=7)
    stage.clock.ms += 6 * DAY_MS
    await work.collect()
    assert await stage.db.read(_rows) == {"users": 3, "messages": 1, "topics": 3}
    stage.clock.ms += 2 * DAY_MS
    await work.collect()
    assert await stage.db.read(_rows) == {"users": 2, "messages": 0, "topics": 1}
    await work.collect()


def _rows(tx: Any) -> dict[str, int]:
    tables = ("users", "messages", "topics")
    return {t: tx.exec_driver_sql(f"SELECT count(*) FROM {t}").scalar() for t in tables}


async def test_it_works_from_time_to_time(stage: Stage, desk: FileDesk) -> None:
    """A failing store is tried again the next time."""
    await upload(desk)
    stage.clock.ms += UNUSED_MS + 1000
    never = Collector(stage.hub, stage.sessions, desk, Schedule(0, 10))
    never.start()
    never.stop()
    work = collector(stage, desk)
    work.start()
    await stage.quiet()
    assert work._timer is not None
    work._begin()
    await stage.quiet()
    assert await desk.collect(10) == 0
    work.stop()
    assert await stage.db.read(topics.erased, stage.clock.ms, 10) == []
