"""Fixtures: a stage for operations, and people on it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cast import Cast
from chinwag.core.limits import Limits
from chinwag.store import topics
from stage import ALICE, BOB, CAROL, Actor, MoodyDb, Open, Stage


@pytest.fixture
async def open_stage(tmp_path: Path) -> AsyncIterator[Open]:
    """A stage with these limits, and with Alice, Bob and Carol."""
    opened: list[Stage] = []

    async def opens(limits: Limits) -> Stage:
        stage = Stage(await MoodyDb.open(tmp_path / f"{len(opened)}.db"), limits)
        opened.append(stage)
        await stage.db.run(topics.ensure_sys, stage.now())
        for uid, name in ((ALICE, "Alice"), (BOB, "Bob"), (CAROL, "Carol")):
            await stage.account(uid, name, ["basic:" + name.lower(), name.lower()])
        return stage

    yield opens
    for stage in opened:
        await stage.quiet()
        await stage.check_memory()
        for topic in stage.hub.topics.values():
            if topic._timer is not None:
                topic._timer.cancel()
        stage.passwords.close()
        await stage.db.close()
    await asyncio.sleep(0)


@pytest.fixture
async def stage(open_stage: Open) -> Stage:
    """A stage with the usual limits."""
    return await open_stage(Limits())


@pytest.fixture
async def cast(stage: Stage) -> Cast:
    """The cast of specification 03, paragraph 13."""
    cast = Cast(stage)
    await cast.people()
    return cast


@pytest.fixture
def alice(stage: Stage) -> Actor:
    """A session of Alice."""
    return stage.actor(ALICE)


@pytest.fixture
def bob(stage: Stage) -> Actor:
    """A session of Bob."""
    return stage.actor(BOB)
