"""Bots go where they may, and see who comes and goes."""

import pytest

from chinwag.bots import Bot, Invitation, Message, Options, Topic, invitations
from chinwag.bots.invitations import allowed, conversations, everybody, nobody, only
from chinwag.bots.testing import BotTester


def repeating(options: Options) -> Bot:
    bot = Bot(options=options)

    @bot.message()
    async def repeat(message: Message) -> None:
        await message.reply(message.text)

    return bot


async def test_policies_say_what_they_are_called() -> None:
    group = Invitation(Topic(Bot(), "grpA"), "usrAnn")
    talk = Invitation(Topic(Bot(), "usrAnn"), "usrAnn")
    assert await allowed(everybody, group)
    assert not await allowed(nobody, group)
    assert await allowed(only("usrAnn"), group)
    assert not await allowed(only("usrBen"), group)
    assert [await allowed(conversations, one) for one in (group, talk)] == [False, True]


async def test_a_policy_may_take_its_time() -> None:
    async def later(invitation: Invitation) -> bool:
        return invitation.by == "usrAnn"

    assert await allowed(later, Invitation(Topic(Bot(), "grpA"), "usrAnn"))


async def test_a_policy_that_fails_says_no(caplog: pytest.LogCaptureFixture) -> None:
    def broken(invitation: Invitation) -> bool:
        raise ValueError(invitation)

    assert not await allowed(broken, Invitation(Topic(Bot(), "grpA"), "usrAnn"))
    assert caplog.messages == ["bot_policy_failed"]


async def test_a_bot_leaves_groups_it_does_not_want_to_be_in() -> None:
    async with BotTester(repeating(Options(invitations=conversations))) as tester:
        await tester.say("hi")
        assert await tester.reply() == "hi"
        group = await tester.me.group("Tea", tester.bot.uid)
        await tester.me.sees_gone(group, tester.bot.uid)
        await tester.me.say(group, "anybody?")
        await tester.say("still there?")
        assert await tester.reply() == "still there?"


async def test_invitations_are_judged_when_the_bot_comes_back() -> None:
    async with BotTester(repeating(Options(invitations=nobody))) as tester:
        await tester.stop()
        group = await tester.me.group("Tea", tester.bot.uid)
        await tester.start()
        await tester.me.sees_gone(group, tester.bot.uid)


async def test_a_bot_greets_and_sees_who_comes_and_goes(bot: Bot) -> None:
    @bot.invited
    async def greet(topic: Topic, sender: str) -> None:
        await topic.send(f"Thanks, {sender}.")

    @bot.joined
    async def welcome(topic: Topic, sender: str) -> None:
        members = [entry.user for entry in await topic.members()]
        await topic.send(f"Welcome, {sender}: {sender in members}.")

    @bot.left
    async def farewell(topic: Topic, sender: str) -> None:
        await topic.send(f"Farewell, {sender}.")

    async with BotTester(bot) as tester:
        ann, ben = tester.me, await tester.person("Ben")
        group = await ann.group("Tea", bot.uid)
        assert await ann.hear() == f"Thanks, {ann.uid}."
        await ann.connection.request("set", topic=group, sub={"user": ben.uid})
        assert await ann.hear() == f"Welcome, {ben.uid}: True."
        await ann.connection.request("del", topic=group, what="sub", user=ben.uid)
        assert await ann.hear() == f"Farewell, {ben.uid}."


async def test_a_bot_may_add_people(bot: Bot) -> None:
    async with BotTester(bot) as tester:
        ben = await tester.person("Ben")
        made = await bot.new_group("Tea party", tester.me.uid)
        await made.invite(ben.uid)
        await made.send("Here we are.")
        await ben.say(made.name, "hi")
        await tester.me.connection.request("sub", topic=made.name)
        await made.send("Who is there?")
        assert await tester.me.hear() == "Who is there?"
    assert invitations.everybody is Options().invitations
