"""Jobs: in time, once, and over restarts."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chinwag.bots import Bot, CannotRun, MemoryStorage, Message
from chinwag.bots.jobs import daily, every
from chinwag.bots.storage import JOBS
from chinwag.bots.testing import BotTester

NOON = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)


def test_a_period_is_a_period() -> None:
    assert every(timedelta(minutes=5))(NOON) == 300


@pytest.mark.parametrize(
    ("at", "zone", "hours"),
    [
        ("13:00", "UTC", 1),
        ("12:00", "UTC", 24),
        ("11:30", "UTC", 23.5),
        ("13:30", "Europe/Berlin", 0.5),
        ("12:30", "Europe/Berlin", 22.5),  # the clocks go forward that night
    ],
)
def test_a_time_of_the_day_is_that_of_the_place(at: str, zone: str, hours: float) -> None:
    assert daily(at, zone)(NOON) == hours * 3600


@pytest.mark.parametrize(("at", "zone"), [("25:00", "UTC"), ("9", "UTC"), ("09:00", "Nowhere/At")])
def test_what_is_no_time_is_told(at: str, zone: str) -> None:
    with pytest.raises(CannotRun, match="no time of the day"):
        daily(at, zone)


def reminding(bot: Bot) -> Bot:
    """`bot` says everything again, when its time has come."""

    @bot.job("remind")
    async def remind(bot: Bot, topic: str, text: str) -> None:
        await bot.topic(topic).send(text)

    @bot.message()
    async def plan(bot: Bot, message: Message) -> None:
        minutes, _, text = message.text.partition(" ")
        when = timedelta(minutes=int(minutes))
        await bot.later("remind", when, topic=message.topic.name, text=text)
        if text == "fail":
            raise ValueError(text)

    return bot


async def test_what_is_planned_is_done_in_time(bot: Bot) -> None:
    clock = [NOON]
    bot.jobs.now = lambda: clock[0]
    async with BotTester(reminding(bot)) as tester:
        await tester.silence(await tester.say("5 tea"))
        await tester.silence(await tester.say("3 eggs"))
        clock[0] += timedelta(minutes=4)
        await tester.say("0 now")
        assert [await tester.reply(), await tester.reply()] == ["eggs", "now"]
        clock[0] += timedelta(minutes=4)
        await tester.say("0 later")
        assert [await tester.reply(), await tester.reply()] == ["tea", "later"]
        assert await bot.storage.scan(JOBS) == {}


async def test_what_is_planned_outlives_the_process(bot: Bot) -> None:
    clock = [NOON]
    bot.jobs.now = lambda: clock[0]
    async with BotTester(reminding(bot), storage=MemoryStorage()) as tester:
        await tester.silence(await tester.say("5 tea"))
        await tester.stop()
        clock[0] += timedelta(minutes=6)
        await tester.start()
        assert await tester.reply() == "tea"


async def test_a_handler_that_fails_plans_nothing(bot: Bot) -> None:
    async with BotTester(reminding(bot)) as tester:
        await tester.silence(await tester.say("0 fail"))
        assert await bot.storage.scan(JOBS) == {}
        await tester.say("0 ok")
        assert await tester.reply() == "ok"


async def test_what_is_cancelled_is_not_done(bot: Bot) -> None:
    async with BotTester(reminding(bot)) as tester:
        key = await bot.later("remind", NOON.replace(year=2100), topic=tester.me.uid, text="tea")
        assert list(await bot.storage.scan(JOBS)) == [key]
        await bot.cancel(key)
        assert await bot.storage.scan(JOBS) == {}


async def test_a_job_that_fails_is_not_done_again(bot: Bot) -> None:
    @bot.job("fail")
    async def fail() -> None:
        raise ValueError("no")

    async with BotTester(reminding(bot)) as tester:
        await tester.say("hi there")  # int("hi") fails: a fence for nothing
        await bot.later("fail", timedelta())
        await bot.later("remind", timedelta(), topic=tester.me.uid, text="next")
        assert await tester.reply() == "next"
        assert await bot.storage.scan(JOBS) == {}
    assert ("fail", "no") in [(name, str(error)) for name, error in bot.failures]


async def test_jobs_are_done_again_and_again(bot: Bot) -> None:
    done = asyncio.Event()
    slept: list[float] = []
    times: list[int] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) > 3:
            done.set()
            await asyncio.Event().wait()

    @bot.every(minutes=5)
    async def tick(bot: Bot) -> None:
        times.append(len(bot.names))

    bot.jobs.sleep = sleep
    async with BotTester(bot):
        await done.wait()
    assert slept == [300.0] * 4
    assert len(times) == 3


async def test_what_runs_all_the_time_is_begun_again(bot: Bot) -> None:
    begun: list[Any] = []
    done = asyncio.Event()

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(0)

    @bot.background
    async def watch() -> None:
        begun.append(1)
        if len(begun) < 3:
            raise ValueError("no")
        done.set()

    bot.jobs.sleep = sleep
    async with BotTester(bot):
        await done.wait()
    assert len(begun) == 3


async def test_jobs_that_cannot_be_are_told(bot: Bot) -> None:
    def slow() -> None: ...

    with pytest.raises(CannotRun, match="async def"):
        bot.background(slow)  # type: ignore[type-var]  # that is the mistake
    with pytest.raises(CannotRun, match="no job other"):
        await bot.later("other", timedelta())
    with pytest.raises(CannotRun, match="two jobs"):
        reminding(reminding(bot))
