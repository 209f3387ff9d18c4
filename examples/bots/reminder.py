"""A bot that reminds: it asks what of and when, and remembers that over restarts."""

from datetime import timedelta

from chinwag.bots import Bot, Message, State, filters

UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}
bot = Bot()


@bot.command("remind")
async def begin(message: Message, state: State) -> None:
    """Ask what of."""
    state.step = "what"
    await message.reply("What shall I remind you of?")


@bot.message(filters.step("what") & filters.text())
async def what(message: Message, state: State) -> None:
    """Ask when."""
    state["what"] = message.text
    state.step = "when"
    await message.reply("When? Say 20 min, 2 h or 1 d.")


@bot.message(filters.step("when") & filters.regex(r"^(?P<number>\d{1,4}) ?(?P<unit>s|min|h|d)$"))
async def when(message: Message, bot: Bot, state: State, number: str, unit: str) -> None:
    """Plan it."""
    delay = timedelta(**{UNITS[unit]: int(number)})
    await bot.later("remind", delay, topic=message.topic.name, what=state.pop("what"))
    state.step = ""
    await message.reply("I will.")


@bot.message(filters.step("when"))
async def unclear(message: Message) -> None:
    """Ask again."""
    await message.reply("I do not understand that. Say 20 min, 2 h or 1 d.")


@bot.job("remind")
async def remind(bot: Bot, topic: str, what: str) -> None:
    """The time has come."""
    await bot.topic(topic).send(f"⏰ {what}")


@bot.message(filters.text())
async def explain(message: Message) -> None:
    """Say what the bot does."""
    await message.reply("Say /remind.")
