"""What a handler holds in its hands: a topic, a message in it, a message it has sent."""

from typing import TYPE_CHECKING, Any, Literal

from chinwag.bots.files import File, files_in
from chinwag.bots.packets import Data, Entry, Meta
from chinwag.bots.stream import Stream
from chinwag.core.documents import Document
from chinwag.core.markdown import to_markdown

if TYPE_CHECKING:
    from chinwag.bots.bot import Bot

Kind = Literal["p2p", "group", "channel", "self", "other"]
Sayable = str | Document
_KINDS: dict[str, Kind] = {"usr": "p2p", "grp": "group", "chn": "channel", "slf": "self"}


def kind_of(topic: str) -> Kind:
    """What sort of topic a name belongs to."""
    return _KINDS.get(topic[:3], "other")


class Topic:
    """A conversation, a group or a channel."""

    __slots__ = ("_bot", "name")

    def __init__(self, bot: "Bot", name: str) -> None:
        self._bot = bot
        self.name = name

    def __repr__(self) -> str:
        return f"Topic({self.name})"

    @property
    def kind(self) -> Kind:
        """What sort of topic it is."""
        return kind_of(self.name)

    async def send(
        self, what: Sayable, *, head: dict[str, Any] | None = None, once: str | None = None
    ) -> "Sent":
        """Say something here; twice with the same key `once`: it is said once.

        Raises Refusal, Lost, TooLong.
        """
        document = what if isinstance(what, Document) else Document(what)
        seq = await self._bot.speaker.say(self.name, document, head or {}, once)
        return Sent(self, seq)

    def stream(self, *, is_markdown: bool = False) -> Stream:
        """An answer that is written piece by piece: `async with topic.stream() as out:`."""
        return Stream(self, self._bot.line.limits.message_bytes, is_markdown=is_markdown)

    async def members(self) -> list[Entry]:
        """Who is here, as far as the bot may know. Raises Refusal, Lost."""
        await self._bot.speaker.attach(self.name)
        answer = await self._bot.line.ask("get", topic=self.name, what="sub")
        return (answer.sub or []) if isinstance(answer, Meta) else []

    async def invite(self, uid: str) -> None:
        """Add somebody. Raises Refusal, Lost."""
        await self._bot.speaker.attach(self.name)
        await self._bot.line.ask("set", topic=self.name, sub={"user": uid})

    async def leave(self) -> None:
        """Go away for good. Raises Refusal, Lost."""
        self._bot.speaker.detach(self.name)
        await self._bot.line.ask("del", topic=self.name, what="topic", hard=True)

    async def typing(self) -> None:
        """Show that an answer is on its way; for four seconds."""
        await self._bot.speaker.attach(self.name)
        await self._bot.line.note(topic=self.name, what="kp")


class Sent:
    """A message the bot has sent."""

    __slots__ = ("seq", "topic")

    def __init__(self, topic: Topic, seq: int) -> None:
        self.topic = topic
        self.seq = seq

    def __repr__(self) -> str:
        return f"Sent({self.topic.name}, {self.seq})"

    async def edit(self, what: Sayable, *, once: str | None = None) -> None:
        """Say something else instead. Raises Refusal, Lost, TooLong."""
        await self.topic.send(what, head={"replace": f":{self.seq}"}, once=once)


class Message:
    """A message somebody else has sent."""

    __slots__ = ("_data", "document", "topic")

    def __init__(self, topic: Topic, data: Data) -> None:
        self.topic = topic
        self.document = Document.read(data.content)
        self._data = data

    def __repr__(self) -> str:
        return f"Message({self.topic.name}, {self.seq})"

    @property
    def seq(self) -> int:
        """Its number in the topic."""
        return self._data.seq

    @property
    def sender(self) -> str:
        """The user id of its author; empty in a channel."""
        return self._data.sender

    @property
    def sent_at(self) -> str:
        """When it was sent, as RFC 3339."""
        return self._data.ts

    @property
    def head(self) -> dict[str, Any]:
        """What accompanies it."""
        return self._data.head or {}

    @property
    def content(self) -> Any:
        """What was sent, as it was sent."""
        return self._data.content

    @property
    def text(self) -> str:
        """Its text, without what it looks like."""
        return self.document.plain

    @property
    def markdown(self) -> str:
        """Its text with its styles, as Markdown."""
        return to_markdown(self.document)

    @property
    def files(self) -> list[File]:
        """The files and pictures in it; `bot.files.download` fetches them."""
        return files_in(self.document)

    @property
    def replaces(self) -> int | None:
        """The seq of the message of which this is a new version; None: it is a new message."""
        replace = self.head.get("replace")
        seq = replace.removeprefix(":") if isinstance(replace, str) else ""
        return int(seq) if seq.isdecimal() else None

    @property
    def is_automatic(self) -> bool:
        """Whether a program has sent it."""
        return self.head.get("auto") in (True, "true")

    async def reply(self, what: Sayable, **more: Any) -> Sent:
        """Answer in the same topic. Raises Refusal, Lost, TooLong."""
        return await self.topic.send(what, **more)

    def stream(self, *, is_markdown: bool = False) -> Stream:
        """An answer that is written piece by piece: `async with message.stream() as out:`."""
        return self.topic.stream(is_markdown=is_markdown)

    async def typing(self) -> None:
        """Show that an answer is on its way; for four seconds."""
        await self.topic.typing()
