"""The bots under examples/bots do what their pages say."""

import importlib.util
from pathlib import Path

from chinwag.bots import Bot
from chinwag.bots.testing import BotTester

EXAMPLES = Path(__file__).parents[3] / "examples/bots"


def example(name: str) -> Bot:
    """The bot of an example, fresh."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    bot = module.bot
    assert isinstance(bot, Bot)
    return bot


async def test_echo_says_what_it_hears() -> None:
    async with BotTester(example("echo")) as tester:
        await tester.say("hi")
        assert await tester.reply() == "hi"
        await tester.say("/help")
        assert await tester.reply() == "Say something, and I say it too."
