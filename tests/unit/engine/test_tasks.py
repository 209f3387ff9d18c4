"""Tasks are kept, their failures told, their end awaited."""

import asyncio
import logging

import pytest

from chinwag.engine.tasks import Tasks


async def fail() -> None:
    raise ValueError("on purpose")


async def endless() -> None:
    await asyncio.Event().wait()


async def test_a_failure_is_logged_and_reported(caplog: pytest.LogCaptureFixture) -> None:
    failed: list[str] = []
    tasks = Tasks(failed.append)
    with caplog.at_level(logging.ERROR):
        tasks.spawn("shaky", fail())
        assert await tasks.drain(5)
    await asyncio.sleep(0)
    assert failed == ["shaky"]
    assert [r.getMessage() for r in caplog.records] == ["task_failed"]


async def test_draining_waits_for_tasks_that_make_tasks() -> None:
    tasks, done = Tasks(), []

    async def child() -> None:
        await asyncio.sleep(0)
        done.append("child")

    async def parent() -> None:
        tasks.spawn("child", child())
        done.append("parent")

    tasks.spawn("parent", parent())
    assert tasks.count == 1
    assert await tasks.drain(5)
    assert (done, tasks.count) == (["parent", "child"], 0)


async def test_draining_has_a_deadline_and_cancelling_ends_what_is_left() -> None:
    tasks = Tasks()
    tasks.spawn("endless", endless())
    assert not await tasks.drain(0)
    await tasks.cancel()
    assert await tasks.drain(5)


async def test_cancelling_nothing_is_fine() -> None:
    await Tasks().cancel()
