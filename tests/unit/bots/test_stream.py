"""Answers that grow: shown as they come, whole in the end, not edited too often."""

import pytest

from chinwag.bots import Bot, Message
from chinwag.bots.limits import Limits
from chinwag.bots.stream import FIRST_S, LONGEST_S, SLOWER, Stream, _place_to_break
from chinwag.bots.testing import BotTester


def writing(bot: Bot, pieces: list[str], clock: list[float]) -> Bot:
    """`bot` says `pieces`, one each second."""

    @bot.message()
    async def write(message: Message) -> None:
        async with message.stream(is_markdown=True) as out:
            out.now_s = lambda: clock[0]
            for piece in pieces:
                await out.write(piece)
                clock[0] += 1.0

    return bot


async def test_an_answer_grows_and_is_whole_in_the_end(bot: Bot) -> None:
    pieces = [f"{n} " for n in range(100)] + ["**end**"]
    async with BotTester(writing(bot, pieces, [0.0])) as tester:
        await tester.say("go")
        first = await tester.reply()
        assert first == "0"
        edits = [await tester.reply()]
        while not edits[-1].endswith("end"):
            edits.append(await tester.reply())
        assert {edit.head["replace"] for edit in edits} == {f":{first.seq}"}
        assert edits[-1] == "".join(f"{n} " for n in range(100)) + "end"
        assert edits[-1].document.spans[0].tp == "ST"
        assert len(edits) < 25  # ever rarer: 101 pieces came


async def test_pauses_grow_up_to_a_bound(bot: Bot) -> None:
    stream = Stream(bot.topic("usrA"), 1000, is_markdown=False)
    assert stream._pause_s == FIRST_S
    for _ in range(100):
        stream._pause_s = min(LONGEST_S, stream._pause_s * SLOWER)
    assert stream._pause_s == LONGEST_S


async def test_a_long_answer_goes_on_in_another_message(bot: Bot) -> None:
    words = [f"word{n} " for n in range(900)]
    clock = [0.0]
    async with BotTester(writing(bot, words, clock)) as tester:
        bot.line.limits = Limits(message_bytes=4000)
        await tester.say("go")
        parts: dict[str, str] = {}
        while "word899" not in "".join(parts.values()):
            heard = await tester.reply()
            parts[heard.head.get("replace", f":{heard.seq}")] = heard
        assert len(parts) > 2
        assert " ".join(" ".join(parts.values()).split()) == "".join(words).strip()


async def test_a_failure_leaves_what_there_was(bot: Bot) -> None:
    @bot.message()
    async def write(message: Message) -> None:
        async with message.stream() as out:
            await out.write("be")
            await out.write("gun")
            raise ValueError("no")

    async with BotTester(bot) as tester:
        await tester.say("go")
        assert [await tester.reply(), await tester.reply()] == ["be", "begun"]


async def test_nothing_is_no_message(bot: Bot) -> None:
    @bot.message()
    async def write(message: Message) -> None:
        async with message.stream() as out:
            await out.write("  ")

    async with BotTester(bot) as tester:
        await tester.silence(await tester.say("go"))


@pytest.mark.parametrize(
    ("text", "most", "at"),
    [("ab cd\n\nef gh", 10, 7), ("abcdef gh", 8, 7), ("abcdefgh", 4, 4), ("ääää", 5, 2)],
)
def test_messages_end_where_it_hurts_least(text: str, most: int, at: int) -> None:
    assert _place_to_break(text, most) == at
