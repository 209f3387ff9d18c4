"""A bot that says what it hears."""

from chinwag.bots import Bot, Message, filters

bot = Bot()


@bot.command("help", "start")
async def explain(message: Message) -> None:
    """Say what the bot does."""
    await message.reply("Say something, and I say it too.")


@bot.message(filters.text())
async def echo(message: Message) -> None:
    """Say the same."""
    await message.reply(message.document)
