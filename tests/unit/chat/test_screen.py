"""The chat in a terminal, typed into as by somebody."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from prompt_toolkit import PromptSession
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from chinwag.bots.connection import Connection
from chinwag.bots.errors import CannotRun
from chinwag.bots.packets import Info, News
from chinwag.bots.testing import LocalServer, Person
from chinwag.chat.rendering import Pieces, plain
from chinwag.chat.screen import Screen


class Seen(Screen):
    """A screen that remembers what it has shown."""

    def __init__(self, server: LocalServer, person: Person, keys: PipeInput) -> None:
        session: PromptSession[str] = PromptSession(input=keys, output=DummyOutput())
        self.lines: list[str] = []
        self._news = asyncio.Event()
        super().__init__(server.address, person.credentials, session)
        self.keys = keys

    def show(self, pieces: Pieces) -> None:
        """Remember a line, and print it."""
        self.lines.append(plain(pieces))
        self._news.set()
        super().show(pieces)

    def type(self, line: str) -> None:
        """Type a line and press Enter."""
        self.keys.send_text(line + "\r")

    async def sees(self, text: str) -> str:
        """Wait for a line with `text` in it; all of it."""
        async with asyncio.timeout(20):
            while not (found := [line for line in self.lines if text in line]):
                self._news.clear()
                await self._news.wait()
        return found[-1]

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait, looking whenever the terminal is drawn anew."""
        drawn = asyncio.Event()
        self._session.app.on_invalidate += lambda _: drawn.set()
        async with asyncio.timeout(20):
            while not is_so():
                drawn.clear()
                await drawn.wait()

    async def sees_below(self, text: str) -> None:
        """Wait until `text` stands below the line that is typed."""
        await self.until(lambda: text in self._below())


@pytest.fixture
def keys() -> Iterator[PipeInput]:
    """What somebody types."""
    with create_pipe_input() as keys:
        yield keys


@contextlib.asynccontextmanager
async def running(screen: Seen) -> AsyncIterator[None]:
    """The screen, until Ctrl-D."""
    talking = asyncio.ensure_future(screen.run())
    try:
        yield
        screen.keys.send_text("\x04")
        async with asyncio.timeout(20):
            assert await talking == 0
    finally:
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)


@pytest.fixture
async def ann(server: LocalServer, keys: PipeInput) -> Seen:
    """Somebody before a screen."""
    person = await server.person("Ann")
    await person.leave()
    return Seen(server, person, keys)


async def test_a_conversation(ann: Seen, ben: Person) -> None:
    ann.first = ben.uid
    async with running(ann):
        await ann.sees(f"— Ben ({ben.uid})")
        await ben.connection.request("sub", topic=ann.rooms.me)
        ann.type("**hello**")
        assert await ben.hear() == "hello"
        await ann.sees("#1 me  hello")
        await ben.say(ann.rooms.me, "hi\x1b[2J")
        assert (await ann.sees("#2 Ben")).endswith("hi [2J")
        await ben.sees_read(ann.rooms.me, 2)
        ann.type("//not a command")
        assert await ben.hear() == "/not a command"
        ann.type("/nonsense")
        await ann.sees("There is no command /nonsense: see /help.")
        ann.type("/help")
        await ann.sees("/invite PERSON  add somebody")
        ann.type("/help sub")
        await ann.sees("— sub ")


async def test_scripts_work_here_too(ann: Seen, ben: Person) -> None:
    async with running(ann):
        ann.type(".must $x get me --desc")
        ann.type(".log $x.topic")
        await ann.sees("me")
        ann.type("/pub grpAAAAAAAAAAA hi")
        await ann.sees("The server refuses: topic not found (404).")
        ann.type(".must sub grpAAAAAAAAAAA")
        ann.type(f"/note {ben.uid} read")
        await ann.sees("note read: of which message? Say --seq N.")
        ann.type("/login --uname ann")
        await ann.until(lambda: ann._prompt() == "Password: ")
        ann.type("secret")
        await ann.sees("already authenticated")
        assert not any("secret" in line for line in ann.lines)


async def test_news_of_others(ann: Seen, ben: Person) -> None:
    async with running(ann):
        await ann.client.line.present()
        await ann.deeds.refresh()
        await ben.say(ann.rooms.me, "psst")
        await ann.sees_below("1 unread in Ben")
        ann.type("/open Ben")
        await ann.sees("#1 Ben  psst")
        assert "unread" not in ann._below()
        await ben.connection.note(topic=ann.rooms.me, what="kp")
        await ann.sees_below("Ben types…")
        ann.type("hello")
        await ben.hear()
        await ben.connection.note(topic=ann.rooms.me, what="read", seq=2)
        await ann.sees_below("read")


async def test_others_see_that_somebody_types(ann: Seen, ben: Person, server: LocalServer) -> None:
    ann.first = ben.uid
    async with running(ann):
        await ann.sees("— Ben")
        async with other(server, ben, ann.rooms.me) as typed:
            ann.keys.send_text("hel")
            async with asyncio.timeout(20):
                await typed.wait()
        ann.keys.send_text("\x15")  # takes back what was typed


@contextlib.asynccontextmanager
async def other(server: LocalServer, ben: Person, uid: str) -> AsyncIterator[asyncio.Event]:
    """Another session of `ben`, which sees whether `uid` types."""
    typed = asyncio.Event()
    connection = await Connection.open(server.address)

    def hear(news: News) -> None:
        if isinstance(news, Info) and news.what == "kp":
            typed.set()

    reading = asyncio.ensure_future(connection.read(hear))
    await connection.request("hi", ver="0.25")
    await connection.request("login", scheme="basic", secret=ben.credentials.secret)
    await connection.request("sub", topic=uid)
    yield typed
    await connection.close()
    await asyncio.gather(reading, return_exceptions=True)


async def test_it_comes_back(ann: Seen, ben: Person, server: LocalServer) -> None:
    ann.first = ben.uid

    async def no_pause(_: float) -> None:
        await asyncio.sleep(0)

    ann.client.line.sleep = no_pause
    async with running(ann):
        await ann.sees("— Ben")
        await ben.say(ann.rooms.me, "one")
        await ann.sees("#1 Ben  one")
        await server.stop()
        await ann.sees_below("not connected")
        await server.start()
        await ann.sees("Connected again.")
        ann.type("two")
        await ann.sees("#2 me  two")


async def test_who_is_not_known_is_told(server: LocalServer, ben: Person, keys: PipeInput) -> None:
    screen = Seen(server, ben, keys)
    object.__setattr__(screen.client.line.credentials, "secret", "bm9ib2R5Om5vYm9keQ==")
    with pytest.raises(CannotRun, match="does not let in"):
        await screen.run()
