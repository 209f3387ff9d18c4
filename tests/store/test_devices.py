"""Devices for push notifications: specification 04, paragraph 2.6."""

import sqlalchemy as sa

from chinwag.store import devices, schema
from chinwag.store.db import Db, Tx
from rows import ALICE, BOB, NOW


def _all(tx: Tx) -> list[tuple[object, ...]]:
    found = tx.execute(sa.select(schema.devices).order_by(schema.devices.c.device))
    return [tuple(row) for row in found]


async def test_a_device_belongs_to_whoever_registered_it_last(db: Db) -> None:
    await db.run(devices.put, ALICE, "phone", platform="ios", lang="en", now_ms=NOW)
    await db.run(devices.put, BOB, "phone", platform="web", lang="de", now_ms=NOW + 1)
    assert await db.read(_all) == [("phone", BOB, "web", "de", NOW + 1)]


async def test_devices_that_differ_in_case_are_two(db: Db) -> None:
    for device in ("tokenA", "tokena"):
        await db.run(devices.put, ALICE, device, platform="ios", lang="en", now_ms=NOW)
    assert [row[0] for row in await db.read(_all)] == ["tokenA", "tokena"]


async def test_removing_says_whether_there_was_one(db: Db) -> None:
    await db.run(devices.put, ALICE, "phone", platform="ios", lang="en", now_ms=NOW)
    assert await db.run(devices.remove, "phone")
    assert not await db.run(devices.remove, "phone")
    assert await db.read(_all) == []


async def test_what_a_client_says_of_itself_is_cut_and_never_refused(db: Db) -> None:
    """D-14: one database refuses NUL characters, another texts that are too long."""
    await db.run(devices.put, ALICE, "x\0y", platform="p" * 99, lang="é\0" * 99, now_ms=NOW)
    (row,) = await db.read(_all)
    assert row == ("x\ufffdy", ALICE, "p" * 32, ("é\ufffd" * 99)[:64], NOW)
    assert await db.run(devices.remove, "x\0y")


async def test_the_oldest_of_too_many_devices_are_forgotten(db: Db) -> None:
    """Nobody makes pushes as long as he likes."""
    await db.run(devices.put, BOB, "his", platform="", lang="", now_ms=0)
    for n in range(devices.DEVICES_MAX + 2):
        await db.run(devices.put, ALICE, f"{n:03}", platform="", lang="", now_ms=NOW + n)
    kept = [row[0] for row in await db.read(_all)]
    assert kept == [*(f"{n:03}" for n in range(2, devices.DEVICES_MAX + 2)), "his"]
