"""Virtual time, and lives that end."""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

from chinwag.testing import loop as loops
from chinwag.testing.loop import Deadlock, Endless, Life, SimLoop


@pytest.fixture
def loop() -> Iterator[SimLoop]:
    made = SimLoop()
    yield made
    made.close()


def test_time_jumps(loop: SimLoop) -> None:
    async def wait() -> list[float]:
        at = [loop.time()]
        await loop.pause(86_400)
        at.append(loop.time())
        await asyncio.wait([loop.create_future()], timeout=0.5)
        return [*at, loop.time()]

    assert loop.run_until_complete(wait()) == [0.0, 86_400.0, 86_400.5]


def ended(loop: SimLoop, work: Coroutine[Any, Any, object]) -> None:
    """Run `work`, whatever becomes of it."""
    task = loop.create_task(work)
    try:
        loop.run_until_complete(task)
    finally:
        task.cancel()
        loop.run_until_complete(asyncio.gather(task, return_exceptions=True))


def test_waiting_for_nothing_is_an_error(loop: SimLoop) -> None:
    with pytest.raises(Deadlock):
        ended(loop, asyncio.wait([loop.create_future()]))


def test_going_on_for_ever_is_an_error(loop: SimLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "TURNS_MAX", 100)

    async def spin() -> None:
        for _ in range(1000):
            await asyncio.sleep(0)

    with pytest.raises(Endless):
        ended(loop, spin())


def test_failures_that_nobody_hears_are_kept(loop: SimLoop) -> None:
    loop.call_soon(lambda: 1 // 0)
    loop.run_until_complete(loop.pause(1))
    assert loop.unheard == ["ZeroDivisionError('integer division or modulo by zero')"]


def test_a_life_ends_with_everything_it_began(loop: SimLoop) -> None:
    """Timers that its timers begin belong to it, what others begin does not."""
    rung: list[str] = []
    life = Life(loop)

    def begin(name: str) -> None:
        loop.call_later(2, rung.append, name)

    life.run(loop.call_later, 1, begin, "of the life")
    begin("of somebody else")
    loop.run_until_complete(loop.pause(1.5))
    assert len(life.timers()) == 1
    life.end()
    assert life.timers() == []
    loop.run_until_complete(loop.pause(5))
    assert rung == ["of somebody else"]
