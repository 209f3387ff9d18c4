"""Language models behind any HTTP endpoint that speaks as OpenAI's does."""

from collections.abc import AsyncIterator, Sequence
from typing import Final, Literal

import aiohttp
import msgspec

from chinwag.bots.errors import BotError

TIMEOUT: Final = aiohttp.ClientTimeout(total=600, sock_connect=15, sock_read=120)
LINE_MAX: Final = 1 << 20  # bytes of one event
_DATA: Final = b"data:"
_DONE: Final = b"[DONE]"
_OK: Final = 200


class ModelError(BotError):
    """The model does not answer."""


class Said(msgspec.Struct):
    """One turn of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str


class _Delta(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta = msgspec.field(default_factory=_Delta)


class _Event(msgspec.Struct):
    choices: list[_Choice] = []


class Model:
    """A model at `url`, such as `https://api.openai.com/v1`."""

    def __init__(self, url: str, model: str, key: str = "") -> None:
        self._url = url.rstrip("/") + "/chat/completions"
        self._model = model
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    async def chat(self, said: Sequence[Said]) -> AsyncIterator[str]:
        """The answer, piece by piece. Raises ModelError."""
        asked = {"model": self._model, "stream": True, "messages": msgspec.to_builtins(list(said))}
        try:
            async with aiohttp.ClientSession(
                timeout=TIMEOUT, headers=self._headers, read_bufsize=LINE_MAX
            ) as session:
                async for piece in self._pieces(session, asked):
                    yield piece
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ModelError(f"The model does not answer: {error}.") from None

    async def _pieces(self, session: aiohttp.ClientSession, asked: object) -> AsyncIterator[str]:
        async with session.post(self._url, json=asked) as response:
            if response.status != _OK:
                raise ModelError(f"The model refuses: {response.reason} ({response.status}).")
            async for line in response.content:
                if (piece := _piece(line)) is None:
                    return
                if piece:
                    yield piece


def _piece(line: bytes) -> str | None:
    """The text in one line of the stream; None: the answer is whole."""
    if not line.startswith(_DATA):
        return ""
    data = line.removeprefix(_DATA).strip()
    if data == _DONE:
        return None
    try:
        event = msgspec.json.decode(data, type=_Event)
    except msgspec.MsgspecError as error:
        raise ModelError(f"The model does not make sense: {error}.") from None
    return "".join(choice.delta.content or "" for choice in event.choices)


def recent(said: Sequence[Said], most: int) -> list[Said]:
    """The end of a conversation, with at most `most` characters, beginning with a question."""
    kept: list[Said] = []
    size = 0
    for one in reversed(said):
        size += len(one.content)
        if size > most and kept:
            break
        kept.insert(0, one)
    while kept and kept[0].role == "assistant":
        kept.pop(0)
    return kept
