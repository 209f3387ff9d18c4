"""An answer that grows: one message, edited again and again, and not too often.

Each edit is a message that the server keeps and that everybody receives, so the longer an answer
takes, the rarer its edits become.
"""

import asyncio
import secrets
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from chinwag.core.documents import Document
from chinwag.core.markdown import markdown

if TYPE_CHECKING:
    from chinwag.bots.messages import Sent, Topic

FIRST_S: Final = 1.0  # between the first edits
SLOWER: Final = 1.25  # times as long each time
LONGEST_S: Final = 10.0
FILL: Final = 0.5  # of the largest message: a longer answer goes on in another one


class Stream:
    """`async with topic.stream() as out: await out.write(…)`."""

    def __init__(self, topic: "Topic", room: int, *, is_markdown: bool) -> None:
        self._topic = topic
        self._most = int(room * FILL)
        self._is_markdown = is_markdown
        self._text = ""
        self._shown = ""
        self._sent: Sent | None = None
        self._pause_s = FIRST_S
        self._next_s = 0.0
        self.now_s: Callable[[], float] = asyncio.get_running_loop().time

    async def __aenter__(self) -> Self:
        await self._topic.typing()
        return self

    async def write(self, text: str) -> None:
        """Add `text`. Raises Refusal, Lost."""
        self._text += text
        while len(self._text.encode()) > self._most:
            at = _place_to_break(self._text, self._most)
            self._text, rest = self._text[:at], self._text[at:]
            await self._show()
            self._text, self._shown, self._sent = rest, "", None
        if self._text.strip() and self.now_s() >= self._next_s:
            await self._show()
            self._next_s = self.now_s() + self._pause_s
            self._pause_s = min(LONGEST_S, self._pause_s * SLOWER)

    async def _show(self) -> None:
        """Show all there is. Edits may come twice: the last one counts, and it is whole."""
        if self._text == self._shown or not self._text.strip():
            return
        document = markdown(self._text) if self._is_markdown else Document(self._text)
        if self._sent is None:
            self._sent = await self._topic.send(document)
        else:
            await self._sent.edit(document, once=secrets.token_urlsafe(12))
        self._shown = self._text

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not isinstance(error, asyncio.CancelledError):
            await self._show()


def _place_to_break(text: str, most: int) -> int:
    """Where to end a message of at most `most` bytes: behind a paragraph, a line, a word."""
    longest = len(text.encode()[:most].decode(errors="ignore"))
    for mark in ("\n\n", "\n", " "):
        at = text.rfind(mark, longest // 2, longest)
        if at >= 0:
            return at + len(mark)
    return longest
