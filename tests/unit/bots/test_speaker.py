"""What a bot says arrives, once, and in pieces where it is too long."""

import pytest

from chinwag.bots import Bot, Document
from chinwag.bots.limits import Limits
from chinwag.bots.messages import Message
from chinwag.bots.speaker import ENVELOPE, TooLong
from chinwag.bots.testing import BotTester
from chinwag.core.documents import Entity, Span


def bot_with(message_bytes: int) -> Bot:
    bot = Bot()
    bot.line.limits = Limits(message_bytes + ENVELOPE)
    return bot


def test_what_is_too_long_is_cut_between_words() -> None:
    text = " ".join(f"word{n}" for n in range(100))
    parts = bot_with(200).speaker.parts(Document(text), {})
    assert len(parts) > 3
    assert "".join(part.text for part in parts) == text
    assert all(part.text.endswith(" ") for part in parts[:-1])


def test_pieces_keep_their_styles() -> None:
    parts = bot_with(100).speaker.parts(Document("x" * 150).within("ST"), {})
    assert [part.spans for part in parts] == [(Span(0, part.size, "ST"),) for part in parts]


def test_what_cannot_be_cut_is_refused() -> None:
    attached = Document("", (Span(-1, 0, Entity("EX", {"val": "x" * 1000})),))
    with pytest.raises(TooLong, match="longer than the server takes"):
        bot_with(500).speaker.parts(attached, {})


async def test_long_answers_come_in_several_messages(bot: Bot) -> None:
    @bot.message()
    async def lecture(message: Message) -> None:
        await message.reply("word " * 200_000)

    async with BotTester(bot) as tester:
        await tester.say("go on")
        heard = ""
        while len(heard) < 1_000_000:
            heard += await tester.reply()
        assert heard == "word " * 200_000


async def test_a_long_new_version_goes_on_behind_the_first_part(bot: Bot) -> None:
    @bot.message()
    async def think(message: Message) -> None:
        sent = await message.reply("hm …")
        await sent.edit("word " * 60_000)

    async with BotTester(bot) as tester:
        await tester.say("?")
        heard = [await tester.reply(), await tester.reply(), await tester.reply()]
        assert [one.head.get("replace") for one in heard] == [None, f":{heard[0].seq}", None]
        assert heard[1] + heard[2] == "word " * 60_000


async def test_a_bot_that_was_detached_attaches_again(bot: Bot) -> None:
    async with BotTester(bot) as tester:
        await tester.say("hi")
        await bot.topic(tester.me.uid).send("one")
        await bot.line.ask("leave", topic=tester.me.uid)  # the bot believes it is attached
        await bot.topic(tester.me.uid).send("two")
        assert [await tester.reply(), await tester.reply()] == ["one", "two"]
