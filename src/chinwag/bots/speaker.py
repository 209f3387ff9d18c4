"""Says things: attaches where it must, sends again what may be lost, obeys the server's bounds."""

from collections.abc import Callable
from typing import Any, Final

from chinwag.bots import turn
from chinwag.bots.errors import BotError, Lost, Refusal
from chinwag.bots.line import Line
from chinwag.bots.packets import Ctrl, encode
from chinwag.core import documents
from chinwag.core.documents import Document
from chinwag.core.graphemes import clusters

TRIES: Final = 5  # of a message whose connection is lost again and again
ATTACHED_MAX: Final = 10_000  # conversations that are listened to at once; others announce news
ENVELOPE: Final = 512  # bytes of a packet around head and content
_DETACHED: Final = 409
Heads = dict[str, Any]


class TooLong(BotError):
    """A message is larger than the server takes, and cannot be split."""


class Speaker:
    """The bot's voice in all topics."""

    def __init__(self, line: Line, spoken: Callable[[str, int], None]) -> None:
        self._line = line
        self._spoken = spoken  # told the topic and seq of everything that is said
        self._attached: dict[str, None] = {}  # the longest unused first

    def detach(self, topic: str | None = None) -> None:
        """The server does not send us messages of `topic` any more; None: of any."""
        if topic is None:
            self._attached.clear()
        else:
            self._attached.pop(topic, None)

    async def attach(self, topic: str) -> None:
        """Have the messages of `topic` sent to us. Raises Lost, Refusal."""
        known = topic in self._attached
        self._attached.pop(topic, None)
        if not known:
            await self._line.ask("sub", topic=topic)
        self._attached[topic] = None
        if len(self._attached) > ATTACHED_MAX:
            await self._part()

    def attached(self, topic: str) -> None:
        """The server sends us the messages of `topic` already."""
        self._attached[topic] = None

    async def _part(self) -> None:
        """Leave the conversation that was quiet for longest; groups are never left."""
        quiet = next((t for t in self._attached if not t.startswith("grp")), None)
        if quiet is not None:
            del self._attached[quiet]
            await self._line.ask("leave", topic=quiet)

    async def say(
        self, topic: str, document: Document, head: Heads, once: str | None = None
    ) -> int:
        """Publish; the seq of the (last) message. What is too long becomes several messages.

        If it replaces a message, the first of them does.

        Raises Lost, Refusal, TooLong.
        """
        seq = 0
        for part in self.parts(document, head):
            full = {**head, "auto": True, "x-once": once or turn.once()}
            seq = await self._publish(topic, part, full)
            once = None
            head = {key: value for key, value in head.items() if key != "replace"}
        return seq

    def parts(self, document: Document, head: Heads) -> list[Document]:
        """`document`, cut where it must be to fit into messages. Raises TooLong."""
        room = self._line.limits.message_bytes - ENVELOPE - len(encode(head))
        if len(encode({"content": document.wire})) <= room:
            return [document]
        middle = document.size // 2
        if middle == 0 or any(span.at < 0 for span in document.spans):
            raise TooLong(f"The message is longer than the server takes, {room} bytes.")
        at = _place_to_cut(document, middle)
        first, second = document.cut(0, at), document.cut(at, document.size)
        return [*self.parts(first, head), *self.parts(second, head)]

    async def see(self) -> None:
        """Show that the bot has read what it is serving."""
        now = turn.current.get()
        if now is not None and (seen := now.see()) is not None:
            await self._line.note(topic=seen[0], what="read", seq=seen[1])

    async def _publish(self, topic: str, document: Document, head: Heads) -> int:
        """Publish once, however often the connection is lost meanwhile."""
        if document.spans:
            head = {**head, "mime": documents.MIME}
        await self.see()
        files = _files(document)
        extra = {"attachments": files} if files else None
        for left in reversed(range(TRIES)):
            try:
                await self.attach(topic)
                answer = await self._line.ask(
                    "pub", extra, topic=topic, noecho=True, head=head, content=document.wire
                )
                return self._said(topic, answer)
            except Lost:
                if not left:
                    raise
            except Refusal as refusal:
                if refusal.code != _DETACHED or not left:
                    raise
                self.detach(topic)
        raise AssertionError("the last try returns or raises")

    def _said(self, topic: str, answer: object) -> int:
        seq = int(answer.param("seq") or 0) if isinstance(answer, Ctrl) else 0
        if seq:
            self._spoken(topic, seq)
        return seq


def _files(document: Document) -> list[str]:
    """The files of this server that a message needs: they live as long as it does."""
    refs = [e.data.get(key) for e in document.entities for key in ("ref", "preref")]
    return [ref for ref in refs if isinstance(ref, str) and ref.startswith("/")]


def _place_to_cut(document: Document, middle: int) -> int:
    """A place not behind `middle` where a paragraph, a line or a word ends."""
    parts = clusters(document.plain)
    for breaks in ("\n", " "):
        for at in range(middle, middle // 2, -1):
            if parts[at - 1] in breaks:
                return at
    return middle
