"""A bot serves every message once: over lost connections, crashes, and while it was away."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from chinwag.bots import Bot, CannotRun, MemoryStorage, Message, Options, filters
from chinwag.bots.storage import MARKS, Change
from chinwag.bots.testing import BotTester


def counting(bot: Bot) -> Bot:
    """`bot` counts what somebody says, and tells how much it was."""

    @bot.message()
    async def count(message: Message, state: dict[str, Any]) -> None:
        state["said"] = state.get("said", 0) + 1
        await message.reply(f"{state['said']}: {message.text}")

    return bot


async def no_pause(_: float) -> None:
    await asyncio.sleep(0)


async def test_what_is_said_while_the_bot_is_away_is_served_later(bot: Bot) -> None:
    async with BotTester(counting(bot), storage=MemoryStorage()) as tester:
        await tester.say("a")
        assert await tester.reply() == "1: a"
        await tester.stop()
        for text in "bcd":
            await tester.say(text)
        await tester.start()
        assert [await tester.reply() for _ in "bcd"] == ["2: b", "3: c", "4: d"]
        await tester.say("e")
        assert await tester.reply() == "5: e"


async def test_what_is_said_before_the_bot_ever_ran_is_served() -> None:
    bot = counting(Bot(options=Options(answers_max=None)))
    async with BotTester(bot) as tester:
        await tester.stop()
        for number in range(120):
            await tester.say(str(number))
        await tester.start()
        heard = [await tester.reply() for _ in range(120)]
        assert heard == [f"{number + 1}: {number}" for number in range(120)]


async def test_a_bot_goes_on_when_the_server_comes_back(bot: Bot) -> None:
    bot.line.sleep = no_pause
    async with BotTester(counting(bot)) as tester:
        await tester.say("a")
        assert await tester.reply() == "1: a"
        await tester.server.stop()
        await tester.server.start()
        await tester.bot.line.present()
        ben = await tester.person("Ben")
        await ben.say(bot.uid, "hi")
        assert await ben.hear() == "1: hi"


class Crashing(MemoryStorage):
    """Loses the next commit of a mark, with the process."""

    armed = False

    async def commit(self, changes: Sequence[Change]) -> None:
        if self.armed and any(change.space == MARKS for change in changes):
            self.armed = False
            raise CannotRun("The power is gone.")
        await super().commit(changes)


async def test_a_crash_between_answer_and_mark_doubles_nothing(bot: Bot) -> None:
    """The message is served again, the answer is the same one, the state counts it once."""
    storage = Crashing()
    async with BotTester(counting(bot), storage=storage) as tester:
        await tester.say("a")
        assert await tester.reply() == "1: a"
        storage.armed = True
        await tester.say("b")
        assert await tester.reply() == "2: b"
        assert tester._running is not None
        with pytest.raises(CannotRun, match="power"):
            await tester._running
        await tester.start()
        await tester.say("c")
        assert await tester.reply() == "3: c"


async def test_a_handler_that_fails_hurts_nobody_else(
    bot: Bot, caplog: pytest.LogCaptureFixture
) -> None:
    @bot.message(filters.text("fail"))
    async def fail(state: dict[str, Any]) -> None:
        state["said"] = 99
        raise ValueError("no")

    async with BotTester(counting(bot)) as tester:
        await tester.silence(await tester.say("fail"))
        await tester.say("a")
        assert await tester.reply() == "1: a"
    (record,) = [r for r in caplog.records if r.message == "bot_handler_failed"]
    assert record.__dict__["handler"] == "fail"
    assert record.exc_info is not None


async def test_the_owner_is_told(bot: Bot) -> None:
    @bot.message(filters.text("fail"))
    async def fail() -> None:
        raise ValueError("no")

    async with BotTester(bot) as tester:
        ben = await tester.person("Ben")
        bot.options = Options(owner=ben.uid)
        await ben.say(bot.uid, "I am the owner")
        await tester.say("fail")
        assert await ben.hear() == f"fail failed in {tester.me.uid}: ValueError: no"


async def test_what_programs_say_is_not_answered(bot: Bot) -> None:
    async with BotTester(counting(bot)) as tester:
        await tester.silence(await tester.say("a", auto=True))
        bot.options = Options(answer_bots=True)
        await tester.say("b", auto=True)
        assert await tester.reply() == "1: b"


async def test_a_loop_becomes_slow_and_loses_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Beyond `answers_max` at once, one answer each second."""
    bot = counting(Bot(options=Options(answers_max=3)))
    clock = [0.0]

    async def sleep(seconds: float) -> None:
        clock[0] += seconds

    async with BotTester(bot) as tester:
        bot.now_ms, bot.line.sleep = lambda: int(clock[0] * 1000), sleep
        for text in "abcde":
            await tester.say(text)
        assert [await tester.reply() for _ in "abcde"] == ["1: a", "2: b", "3: c", "4: d", "5: e"]
        assert clock == [2.0]
    assert caplog.messages.count("bot_loop_guard") == 2


async def test_people_see_that_they_are_read(bot: Bot) -> None:
    async with BotTester(bot) as tester:
        await tester.me.sees_read(bot.uid, await tester.say("a"))


async def test_new_versions_are_no_new_messages(bot: Bot) -> None:
    @bot.edited()
    async def changed(message: Message) -> None:
        await message.reply(f"{message.replaces}: {message.text}")

    async with BotTester(counting(bot)) as tester:
        seq = await tester.say("a")
        assert await tester.reply() == "1: a"
        await tester.say("b", replace=f":{seq}")
        assert await tester.reply() == f"{seq}: b"


async def test_people_do_not_share_their_state(bot: Bot) -> None:
    async with BotTester(counting(bot)) as tester:
        ben = await tester.person("Ben")
        await tester.say("a")
        assert await tester.reply() == "1: a"
        await ben.say(bot.uid, "a")
        assert await ben.hear() == "1: a"


async def test_state_that_is_no_json_is_told(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    @bot.message()
    async def keep(state: dict[str, Any]) -> None:
        state["x"] = object()

    async with BotTester(bot) as tester:
        await tester.silence(await tester.say("a"))
    assert "bot_state_is_no_json" in caplog.messages


async def test_a_bot_without_a_name_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CHINWAG_BOT_LOGIN", "CHINWAG_BOT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(CannotRun, match="Who is the bot"):
        await Bot().serve()
