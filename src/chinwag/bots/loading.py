"""Bots in files: found, checked, and made anew from a pattern."""

import importlib.util
import keyword
import re
import sys
from pathlib import Path
from typing import Final

from chinwag.bots.bot import Bot
from chinwag.bots.errors import CannotRun

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_BOT: Final = '''"""The bot {name}."""

from chinwag.bots import Bot, Message, filters

bot = Bot()


@bot.command("help", "start")
async def explain(message: Message) -> None:
    """Say what the bot does."""
    await message.reply("I am {name}. Say hello.")


@bot.message(filters.text("hello"))
async def greet(message: Message) -> None:
    """Be polite."""
    await message.reply("Hello!")


if __name__ == "__main__":
    bot.run()
'''
_TEST: Final = '''"""Tests of {name}: run them with pytest and pytest-asyncio."""

import pytest
from chinwag.bots.testing import BotTester
from {name} import bot


@pytest.mark.asyncio
async def test_greets() -> None:
    async with BotTester(bot) as tester:
        await tester.say("hello")
        assert await tester.reply() == "Hello!"
'''


def load(path: Path) -> Bot:
    """The bot in a file: what is called `bot` there, or the only one. Raises CannotRun."""
    if not path.is_file():
        raise CannotRun(f"There is no file {path}: make one with `chinwag bot new NAME`.")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise CannotRun(f"{path} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent.resolve()))  # it may import what lies beside it
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise CannotRun(f"{path} is no Python, line {error.lineno}: {error.msg}.") from None
    bots = [value for value in vars(module).values() if isinstance(value, Bot)]
    chosen = getattr(module, "bot", bots[0] if len(bots) == 1 else None)
    if not isinstance(chosen, Bot):
        raise CannotRun(f"{path} has no bot: it should say `bot = Bot()`.")
    return chosen


def make(folder: Path, name: str) -> list[Path]:
    """Write a bot and its test; the files. Raises CannotRun."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or name == "bot":
        raise CannotRun(
            f"{name} is no name for a bot: it should be a word in small letters, such as tino."
        )
    texts = {f"{name}.py": _BOT, f"test_{name}.py": _TEST}
    for file in texts:
        if (folder / file).exists():
            raise CannotRun(f"There is a file {folder / file} already: choose another name.")
    try:
        for file, text in texts.items():
            (folder / file).write_text(text.format(name=name), encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"{folder} cannot be written: {error.strerror}.") from None
    return [folder / file for file in texts]
