"""What comes in one topic, handled one after the other, from where the bot stopped last time."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, Protocol

from chinwag.bots.backlog import WINDOW, Backlog, Window
from chinwag.bots.errors import Lost, Refusal
from chinwag.bots.line import Line
from chinwag.bots.packets import Data, Entry, Meta
from chinwag.bots.speaker import Speaker
from chinwag.bots.storage import MARKS, Storage

NEWS_MAX: Final = 256  # people who join and leave while handlers are busy; the first are forgotten

log = logging.getLogger("chinwag.bots")
News = Callable[[], Awaitable[None]]


class Host(Protocol):
    """The bot, as an inbox sees it."""

    line: Line
    speaker: Speaker
    storage: Storage

    async def handle(self, data: Data) -> None:
        """Serve a message and keep that it is handled. Raises Lost: it is not."""
        ...

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Have `work` done beside everything else."""
        ...


class Inbox:
    """One topic. Works while there is something to do, and costs nothing otherwise."""

    def __init__(self, name: str, host: Host) -> None:
        self.name = name
        self._host = host
        self._backlog: Backlog | None = None
        self._newest = 0  # the newest message that is announced
        self._since = ""  # older messages are not for the bot: it was not there yet
        self._news: deque[News] = deque(maxlen=NEWS_MAX)
        self._working = False
        self._progress = asyncio.Event()
        self.closed = False  # the bot does not want to be there

    async def begin(self, read: int) -> None:
        """Go on behind what is handled, or behind `read` where nothing is known of that."""
        if self._backlog is None:
            kept = await self._host.storage.load(MARKS, self.name)
            self._backlog = Backlog(read if kept is None else int(kept))
            self._backlog.announce(self._newest)

    def hear(self, data: Data) -> None:
        """A message has come."""
        self._newest = max(self._newest, data.seq)
        if self._backlog is not None:
            self._backlog.hear(data)
        self._poke()

    def announce(self, seq: int) -> None:
        """There is a message `seq`."""
        self._newest = max(self._newest, seq)
        if self._backlog is not None:
            self._backlog.announce(seq)
        self._poke()

    def spoken(self, seq: int) -> None:
        """The message `seq` is the bot's own."""
        if self._backlog is not None:
            self._backlog.skip(seq)

    def tell(self, news: News) -> None:
        """Have `news` handled in turn."""
        self._news.append(news)
        self._poke()

    async def passed(self, seq: int) -> None:
        """Wait until the message `seq` is handled."""
        while self._backlog is None or self._backlog.handled < seq:
            self._progress.clear()
            await self._progress.wait()

    def _poke(self) -> None:
        if not self._working and (self._news or self._backlog is None or not self._backlog.empty):
            self._working = True
            self._host.spawn(f"inbox {self.name}", self._work())

    async def _work(self) -> None:
        """Handle everything there is. What is cut by a lost connection goes on when it is back."""
        try:
            while await self._step_over_losses():
                pass
        except Refusal as refusal:
            log.warning("bot_topic_closed", extra={"topic": self.name, "why": str(refusal)})
            self._backlog = None  # it may be opened again: ask anew then
        finally:
            self._working = False

    async def _step_over_losses(self) -> bool:
        """Do one thing, or wait for the line; whether there may be more. Raises Refusal."""
        try:
            return await self._step()
        except Lost:
            await self._wait_for_line()
            return True

    async def _wait_for_line(self) -> None:
        while True:
            try:
                await self._host.line.present()
            except Lost:
                continue
            return

    async def _step(self) -> bool:
        """Do one thing; whether there was any."""
        if self._news:
            await self._serve_news(self._news.popleft())
            return True
        if self.closed:
            return False
        if self._backlog is None:
            await self.begin(await self._start())
        assert self._backlog is not None
        match self._backlog.next():
            case None:
                return False
            case Window() as window:
                await self._fetch(window)
            case data:
                if data.ts >= self._since:
                    await self._host.handle(data)
                self._backlog.done(data.seq)
                self._progress.set()
        return True

    async def _serve_news(self, news: News) -> None:
        try:
            await news()
        except Lost:
            self._news.appendleft(news)
            raise

    async def _fetch(self, window: Window) -> None:
        """Have the server send what there is of `window`."""
        assert self._backlog is not None
        await self._host.speaker.attach(self.name)
        wanted = {"since": window.since, "before": window.before, "limit": WINDOW}
        await self._host.line.ask("get", topic=self.name, what="data", data=wanted)
        self._backlog.fetched(window)

    async def _start(self) -> int:
        """Up to where nothing needs to be handled, if nothing is kept. Raises Lost, Refusal.

        What the bot has read; in a group, whatever was said before the bot came.
        """
        if await self._host.storage.load(MARKS, self.name) is not None:
            return 0
        entry = await self._own_entry()
        if not self.name.startswith("usr") and not entry.read:
            self._since = entry.updated
            return max(0, self._newest - WINDOW)
        return entry.read

    async def _own_entry(self) -> Entry:
        """What the server knows of the bot in this topic."""
        line = self._host.line
        await self._host.speaker.attach(self.name)
        answer = await line.ask("get", topic=self.name, what="sub", sub={"user": line.uid})
        for entry in (answer.sub or []) if isinstance(answer, Meta) else []:
            if entry.user == line.uid or not entry.user:
                return entry
        return Entry()
