"""The bots under examples/bots do what their pages say."""

import importlib.util
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from chinwag.bots import Bot, MemoryStorage
from chinwag.bots.testing import BotTester
from fake_model import FakeModel

EXAMPLES = Path(__file__).parents[3] / "examples/bots"


def example(name: str) -> Bot:
    """The bot of an example, fresh."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    bot = module.bot
    assert isinstance(bot, Bot)
    return bot


async def test_echo_says_what_it_hears() -> None:
    async with BotTester(example("echo")) as tester:
        await tester.say("hi")
        assert await tester.reply() == "hi"
        await tester.say("/help")
        assert await tester.reply() == "Say something, and I say it too."


async def test_quotes_says_something_wise() -> None:
    quotes = (EXAMPLES / "quotes.txt").read_text().splitlines()
    async with BotTester(example("quotes")) as tester:
        await tester.say("hi")
        assert await tester.reply() in quotes


async def test_poll_counts_the_last_vote_of_each() -> None:
    bot = example("poll")
    async with BotTester(bot) as tester:
        ann, ben = tester.me, await tester.person("Ben")
        group = await ann.group("Trip", bot.uid, ben.uid)
        await ben.connection.request("sub", topic=group)
        await ann.say(group, '/poll "Where to?" Sea Mountains')
        poll = await ann.hear()
        assert poll == "Where to?\nSea (0)\nMountains (0)"
        await ann.press(group, poll, "Sea (0)")
        first = await ann.hear()
        assert first == "Where to?\nSea (1)\nMountains (0)"
        assert first.head["replace"] == f":{poll.seq}"
        await ann.press(group, first, "Mountains (0)")
        assert await ann.hear() == "Where to?\nSea (0)\nMountains (1)"
        await ben.press(group, poll, "Mountains (0)")
        heard = [await ben.hear() for _ in range(7)]  # all that was said and pressed
        assert heard[-1] == "Where to?\nSea (0)\nMountains (2)"


async def test_poll_explains_itself() -> None:
    async with BotTester(example("poll")) as tester:
        await tester.say("/poll Where?")
        assert (await tester.reply()).startswith("Ask a question")


async def test_reminder_reminds_after_a_restart() -> None:
    bot = example("reminder")
    clock = [datetime(2026, 3, 1, 12, tzinfo=UTC)]
    bot.jobs.now = lambda: clock[0]
    async with BotTester(bot, storage=MemoryStorage()) as tester:
        for said, answer in [
            ("hello", "Say /remind."),
            ("/remind", "What shall I remind you of?"),
            ("the eggs", "When? Say 20 min, 2 h or 1 d."),
            ("soon", "I do not understand that. Say 20 min, 2 h or 1 d."),
            ("5 min", "I will."),
        ]:
            await tester.say(said)
            assert await tester.reply() == answer
        await tester.stop()
        clock[0] += timedelta(minutes=6)
        await tester.start()
        assert await tester.reply() == "⏰ the eggs"


async def test_assistant_lets_the_model_speak(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeModel() as fake, BotTester(example("assistant")) as tester:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.url)
        fake.answers = [["Hel", "lo **you**"], ["Again"]]
        await tester.say("hi")
        heard = [await tester.reply(), await tester.reply()]
        assert heard == ["Hel", "Hello you"]
        assert heard[1].head["replace"] == f":{heard[0].seq}"
        await tester.say("and?")
        assert await tester.reply() == "Again"
        assert [said["content"] for said in fake.asked[1]["messages"][1:]] == [
            "hi",
            "Hello **you**",
            "and?",
        ]
        await tester.say("/forget")
        assert await tester.reply() == "Forgotten."
        fake.failure = web.HTTPServiceUnavailable
        await tester.say("hi")
        assert await tester.reply() == "The model refuses: Service Unavailable (503)."
        assert len(fake.asked[2]["messages"]) == 2
