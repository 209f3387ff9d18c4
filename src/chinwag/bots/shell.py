"""A conversation with a bot in the terminal, on a server that is gone in the end."""

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable
from typing import Final, TextIO

from chinwag.bots.bot import Bot
from chinwag.bots.testing import BotTester, Heard

LINES_MAX: Final = 1000  # that are typed ahead
PROMPT: Final = "you> "
_END: Final = None


class Shell:
    """Reads lines, says them to the bot, and shows what it says."""

    def __init__(self, source: TextIO, show: Callable[[str], None]) -> None:
        self._source = source
        self._show = show
        self._asked: Heard | None = None  # the last question with buttons
        self._lines: asyncio.Queue[str | None] = asyncio.Queue(LINES_MAX)

    async def talk(self, bot: Bot) -> None:
        """Talk until the lines end."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), daemon=True).start()
        async with BotTester(bot) as tester:
            listening = asyncio.ensure_future(self._listen(tester))
            while (line := await self._next()) is not _END:
                await self._say(tester, line)
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        """Runs in a thread of its own: a terminal makes whoever reads it wait."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            for line in self._source:
                asyncio.run_coroutine_threadsafe(self._lines.put(line.strip()), loop).result()
            asyncio.run_coroutine_threadsafe(self._lines.put(_END), loop).result()

    async def _next(self) -> str | None:
        if self._source.isatty():
            sys.stdout.write(PROMPT)
            sys.stdout.flush()
        return await self._lines.get()

    async def _say(self, tester: BotTester, line: str) -> None:
        """Say a line, or press a button where it is a number; wait until the bot has served it."""
        if not line:
            return
        buttons = self._asked.buttons if self._asked is not None else []
        if self._asked is not None and line.isdecimal() and 1 <= int(line) <= len(buttons):
            seq = await tester.press(self._asked, buttons[int(line) - 1].title)
        else:
            seq = await tester.say(line)
        await tester.handled(seq)
        for heard in tester.me.unheard:
            self._print(heard)

    async def _listen(self, tester: BotTester) -> None:
        """Show what the bot says by itself."""
        while True:
            self._print(await tester.me.wait())

    def _print(self, heard: Heard) -> None:
        before = "bot (instead)> " if "replace" in heard.head else "bot> "
        titles = [button.title for button in heard.buttons]
        rows = [f"  [{titles.index(r) + 1}] {r}" if r in titles else r for r in heard.splitlines()]
        self._show(before + "\n     ".join(rows or [""]))
        if titles:
            self._asked = heard
