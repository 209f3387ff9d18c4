"""Tests of bots: a server in the same process, and people who talk to the bot."""

import asyncio
import contextlib
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from chinwag import app
from chinwag.bots import forms
from chinwag.bots.address import Address
from chinwag.bots.bot import Bot
from chinwag.bots.connection import Connection
from chinwag.bots.credentials import Credentials
from chinwag.bots.errors import BotError, Lost
from chinwag.bots.events import LEFT, kind_of_change
from chinwag.bots.packets import Data, Info, News, Pres
from chinwag.bots.storage import MemoryStorage, Storage
from chinwag.config import Config
from chinwag.core.documents import Document

WAIT_S: Final = 20.0  # how long somebody waits for an answer, on a machine that is busy


class Button(NamedTuple):
    """A button in a message."""

    title: str
    name: str
    val: str


class Heard(str):
    """What somebody has heard: its text, and what else there is to it."""

    __slots__ = ("data", "document")

    data: Data
    document: Document

    @classmethod
    def of(cls, data: Data) -> Self:
        """The text of `data`, as people see it."""
        document = Document.read(data.content)
        heard = cls(document.plain)
        heard.data, heard.document = data, document
        return heard

    @property
    def buttons(self) -> list[Button]:
        """The buttons in it."""
        spans = [s for s in self.document.spans if s.tp == "BN"]
        titles = [self.document.cut(s.at, s.at + s.length).text for s in spans]
        return [
            Button(title, str(s.data.get("name", "")), str(s.data.get("val", "")))
            for title, s in zip(titles, spans, strict=True)
        ]

    @property
    def seq(self) -> int:
        """Its number in the topic."""
        return self.data.seq

    @property
    def head(self) -> dict[str, Any]:
        """What accompanies it."""
        return self.data.head or {}


class LocalServer:
    """A server in this process, on a port of its own, with its data in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: app.Server | None = None
        self._close: Callable[[], Any] | None = None
        self._listen = "127.0.0.1:0"

    async def start(self) -> Self:
        """Start it; again on the same port after a stop."""
        config = Config()
        config.grpc.listen = ""
        config.server.listen = self._listen
        config.auth.new_accounts_max = 100_000
        db = await app.open_database(config, self._folder)
        services = app.make_services(config, app.Place(self._folder), db, config.to_limits())
        self._server, self._close = app.Server(config, app.Place(self._folder), services), db.close
        await self._server.start()
        self._listen = self._server.address.removeprefix("http://")
        return self

    async def stop(self) -> None:
        """Stop it; what it knows stays in the folder."""
        if self._server is not None and self._close is not None:
            await self._server.stop()
            await self._close()
            self._server = None

    @property
    def address(self) -> Address:
        """Where it is."""
        return Address.parse(self._listen)

    async def person(self, name: str) -> "Person":
        """Somebody new, who has logged in."""
        login = f"{name.lower()[:20]}{secrets.token_hex(4)}:{secrets.token_hex(8)}"
        person = Person(name, Credentials.basic(login))
        await person.register(self.address)
        return person


@asynccontextmanager
async def local_server() -> AsyncIterator[LocalServer]:
    """A server that is gone with all its data in the end."""
    with tempfile.TemporaryDirectory() as folder:
        server = LocalServer(Path(folder) / "data")
        await server.start()
        try:
            yield server
        finally:
            await server.stop()


class Person:
    """Somebody who talks; what others say in their topics is heard."""

    def __init__(self, name: str, credentials: Credentials) -> None:
        self.name = name
        self.uid = ""
        self.credentials = credentials
        self._heard: asyncio.Queue[Data] = asyncio.Queue()
        self._read: dict[str, int] = {}  # topic -> up to where somebody else has read
        self._gone: set[tuple[str, str]] = set()
        self._news = asyncio.Event()
        self._connection: Connection | None = None
        self._reading: asyncio.Future[None] | None = None

    async def register(self, address: Address) -> None:
        """Make the account and log in."""
        self._connection = await Connection.open(address)
        self._reading = asyncio.ensure_future(self._listen(self._connection))
        await self._connection.request("hi", ver="0.25")
        answer = await self._connection.request(
            "acc",
            user="new",
            scheme="basic",
            secret=self.credentials.secret,
            login=True,
            desc={"public": {"fn": self.name}},
        )
        self.uid = str(answer.param("user"))
        await self._connection.request("sub", topic="me")

    async def _listen(self, connection: Connection) -> None:
        with contextlib.suppress(Lost):
            await connection.read(self._hear)

    def _hear(self, news: News) -> None:
        match news:
            case Data() if news.sender != self.uid:
                self._heard.put_nowait(news)
            case Pres(what="acs") if kind_of_change(news.dacs) == LEFT:
                self._gone.add((news.topic, news.src))
            case Info(what="read"):
                self._read[news.topic] = max(news.seq, self._read.get(news.topic, 0))
        self._news.set()

    @property
    def connection(self) -> Connection:
        """The connection, for whatever is not a method here."""
        assert self._connection is not None, "register first"
        return self._connection

    async def say(self, topic: str, content: object, **head: Any) -> int:
        """Say something in a topic; its seq."""
        await self.connection.request("sub", topic=topic)
        if isinstance(content, Document):
            content = content.wire
        if isinstance(content, dict):
            head = {"mime": "text/x-drafty", **head}
        more = {"head": head} if head else {}
        answer = await self.connection.request("pub", topic=topic, content=content, **more)
        return int(answer.param("seq"))

    async def press(self, topic: str, question: Heard, title: str) -> int:
        """Press the button `title` of `question` in a topic, as the web client does."""
        (button,) = [b for b in question.buttons if b.title == title]
        val = {"seq": question.seq, "resp": {button.name: button.val or 1}}
        form = {"tp": "EX", "data": {"mime": forms.MIME, "val": val}}
        return await self.say(topic, {"txt": title, "fmt": [{"at": -1}], "ent": [form]})

    async def group(self, name: str, *members: str) -> str:
        """A new group with `members`; its name."""
        public = {"desc": {"public": {"fn": name}}}
        made = await self.connection.request("sub", topic="new1", set=public)
        for member in members:
            await self.connection.request("set", topic=made.topic, sub={"user": member})
        return made.topic

    async def wait(self) -> Heard:
        """The next message of somebody else, however long it takes."""
        return Heard.of(await self._heard.get())

    async def hear(self) -> Heard:
        """The next message of somebody else."""
        try:
            async with asyncio.timeout(WAIT_S):
                return await self.wait()
        except TimeoutError:
            raise AssertionError(f"{self.name} hears nothing.") from None

    async def sees_read(self, topic: str, seq: int) -> None:
        """Wait until somebody else has read the message `seq` of `topic`."""
        try:
            async with asyncio.timeout(WAIT_S):
                while self._read.get(topic, 0) < seq:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"Nobody reads message {seq} of {self.name}.") from None

    async def sees_gone(self, topic: str, uid: str) -> None:
        """Wait until somebody is no member of the group any more."""
        try:
            async with asyncio.timeout(WAIT_S):
                while (topic, uid) not in self._gone:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{uid} does not leave the group of {self.name}.") from None

    @property
    def unheard(self) -> list[Heard]:
        """What has come and was not asked for yet."""
        found = []
        while not self._heard.empty():
            found.append(Heard.of(self._heard.get_nowait()))
        return found

    async def leave(self) -> None:
        """Go away."""
        if self._connection is not None and self._reading is not None:
            await self._connection.close()
            await self._reading


class BotTester:
    """A bot that runs on a server of its own, and somebody who talks to it.

    `async with BotTester(bot) as tester:`; a bot starts with an empty memory, unless a `storage`
    is given.
    """

    def __init__(
        self, bot: Bot, *, server: LocalServer | None = None, storage: Storage | None = None
    ) -> None:
        self.bot = bot
        self.people: list[Person] = []
        self._given = server
        self._storage = storage
        self._stack = contextlib.AsyncExitStack()
        self._running: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            if self._given is None:
                self._given = await stack.enter_async_context(local_server())
            self.server = self._given
            account = await self.server.person("Bot")
            await account.leave()
            self.bot.failures.clear()
            self.bot.storage = self._storage or MemoryStorage()
            self.bot.move(self.server.address, account.credentials)
            stack.push_async_callback(self.stop)
            await self.start()
            self.me = await self.person("Ann")
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for person in self.people:
            await person.leave()
        await self._stack.aclose()

    async def start(self) -> None:
        """Start the bot, and wait until it listens."""
        self._running = asyncio.ensure_future(self.bot.serve())
        ready = asyncio.ensure_future(self.bot.ready.wait())
        await asyncio.wait([self._running, ready], return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            ready.cancel()
            await self._running  # tells why

    async def stop(self) -> None:
        """Stop the bot, as Ctrl-C does."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError, BotError):
                await self._running

    async def person(self, name: str) -> Person:
        """Somebody else on the same server."""
        person = await self.server.person(name)
        self.people.append(person)
        return person

    async def say(self, content: object, **head: Any) -> int:
        """Say something to the bot; the seq of the message."""
        return await self.me.say(self.bot.uid, content, **head)

    async def press(self, question: Heard, title: str) -> int:
        """Press the button `title` of what the bot has asked; the seq of the answer."""
        return await self.me.press(self.bot.uid, question, title)

    async def reply(self) -> Heard:
        """What the bot says next."""
        try:
            return await self.me.hear()
        except AssertionError as error:
            for handler, failure in self.bot.failures:
                error.add_note(f"The handler {handler} has failed: {failure!r}")
            raise

    async def handled(self, seq: int) -> None:
        """Wait until the bot has handled the message `seq`, and all it has said is heard."""
        await self.bot.inbox(self.me.uid).passed(seq)
        await self.me.connection.ask("get", topic=self.bot.uid, what="desc")  # a fence

    async def silence(self, seq: int) -> None:
        """Make sure that the bot has handled the message `seq` and has said nothing."""
        await self.handled(seq)
        assert self.me.unheard == [], "the bot should have said nothing"
