"""The tools for tests of bots tell the truth."""

import pytest

from chinwag.bots import Bot, Document, Message, testing
from chinwag.bots.packets import Data
from chinwag.bots.testing import BotTester, Heard, LocalServer


async def test_a_bot_that_says_nothing_is_noticed(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with BotTester(bot) as tester:
        monkeypatch.setattr(testing, "WAIT_S", 0.0)
        with pytest.raises(AssertionError, match="Ann hears nothing"):
            await tester.reply()
        with pytest.raises(AssertionError, match="Nobody reads message 99"):
            await tester.me.sees_read(bot.uid, 99)


async def test_a_bot_that_talks_is_not_silent(bot: Bot) -> None:
    @bot.message()
    async def talk(message: Message) -> None:
        await message.reply("bla")

    async with BotTester(bot) as tester:
        with pytest.raises(AssertionError, match="should have said nothing"):
            await tester.silence(await tester.say("hush"))


async def test_people_hear_each_other(server: LocalServer) -> None:
    ann, ben = await server.person("Ann"), await server.person("Ben")
    group = await ann.group("Tea", ben.uid)
    await ben.say(group, "hi")
    await ann.say(group, Document("there").within("ST"))
    assert await ann.hear() == "hi"
    heard = await ben.hear()
    assert (heard, heard.document.spans[0].tp, heard.head["mime"]) == (
        "there",
        "ST",
        "text/x-drafty",
    )
    await ann.leave()
    await ben.leave()


def test_what_is_heard_is_its_text() -> None:
    heard = Heard.of(Data("usrA", 7, "usrA", content={"txt": "x", "fmt": [{"len": 1, "tp": "ST"}]}))
    assert (heard, heard.seq, heard.head) == ("x", 7, {})
