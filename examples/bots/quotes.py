"""A bot that answers whatever is said with a line of a file, as the original's chatbot does."""

import os
import random
from pathlib import Path

from chinwag.bots import Bot, Message

FILE = Path(os.environ.get("QUOTES", Path(__file__).with_name("quotes.txt")))
quotes = [line for line in FILE.read_text(encoding="utf-8").splitlines() if line.strip()]
bot = Bot()


@bot.message()
async def quote(message: Message) -> None:
    """Say something wise."""
    await message.reply(random.choice(quotes))
