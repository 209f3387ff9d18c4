"""A conversation in the terminal."""

import io

from chinwag.bots import Bot, Form, Message, filters
from chinwag.bots.shell import Shell


async def test_a_conversation(bot: Bot) -> None:
    tea = Form("tea", int)

    @bot.message(filters.text("tea"))
    async def ask(message: Message) -> None:
        await message.reply(tea.ask("How many?", tea.button("One", 1), tea.button("Two", 2)))

    @bot.form(tea)
    async def answered(message: Message, answer: int) -> None:
        sent = await message.reply(f"{answer}?")
        await sent.edit(f"{answer} cups")

    shown: list[str] = []
    await Shell(io.StringIO("tea\n\n2\nnothing\n"), shown.append).talk(bot)
    assert shown == [
        "bot> How many?\n       [1] One\n       [2] Two",
        "bot> 2?",
        "bot (instead)> 2 cups",
    ]
