"""An inbox begins where it should, in conversations and in groups."""

from chinwag.bots import Bot, MemoryStorage, Message
from chinwag.bots.storage import MARKS
from chinwag.bots.testing import BotTester


def repeating(bot: Bot) -> Bot:
    @bot.message()
    async def repeat(message: Message) -> None:
        await message.reply(message.text)

    return bot


async def test_in_a_group_only_what_is_said_after_the_bot_came_is_served(bot: Bot) -> None:
    async with BotTester(repeating(bot)) as tester:
        group = await tester.me.group("Tea")
        await tester.me.say(group, "before")
        await tester.me.connection.request("set", topic=group, sub={"user": bot.uid})
        await tester.me.say(group, "after")
        assert await tester.reply() == "after"


async def test_what_is_said_in_a_group_while_the_bot_is_away_is_served(bot: Bot) -> None:
    async with BotTester(repeating(bot), storage=MemoryStorage()) as tester:
        group = await tester.me.group("Tea", bot.uid)
        await tester.me.say(group, "one")
        assert await tester.reply() == "one"
        await tester.stop()
        await tester.me.say(group, "two")
        await tester.start()
        assert await tester.reply() == "two"


async def test_without_a_storage_it_begins_behind_what_was_read(bot: Bot) -> None:
    async with BotTester(repeating(bot)) as tester:
        await tester.say("one")
        assert await tester.reply() == "one"
        await tester.stop()
        bot.storage = MemoryStorage()
        await tester.say("two")
        await tester.start()
        assert await tester.reply() == "two"


async def test_deleted_messages_are_passed_over(bot: Bot) -> None:
    async with BotTester(repeating(bot), storage=MemoryStorage()) as tester:
        await tester.say("one")
        assert await tester.reply() == "one"
        await tester.stop()
        gone = await tester.say("two")
        await tester.me.connection.request(
            "del", topic=bot.uid, what="msg", delseq=[{"low": gone}], hard=True
        )
        last = await tester.say("three")
        await tester.start()
        assert await tester.reply() == "three"
        await tester.silence(last)
        assert await bot.storage.load(MARKS, tester.me.uid) == str(last).encode()


async def test_a_topic_that_is_closed_stops_nothing(bot: Bot) -> None:
    async with BotTester(repeating(bot)) as tester:
        bot.inbox("grpNotThere").announce(5)
        await tester.say("one")
        assert await tester.reply() == "one"
