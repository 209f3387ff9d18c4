"""One client of a server under load: it asks, and hears what comes."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any, Final, Self
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI, WebSocketException

API_KEY: Final = "AQEAAAABAAD_rAp4DJh05a1HAwFT3A6K"  # the key that every stock client carries
ANSWER_S: Final = 30.0
FRAME_MAX: Final = 1 << 25  # bytes
_REFUSED: Final = 400
_PATH: Final = "/v0/channels"
_SCHEMES: Final = {"http": "ws", "ws": "ws", "https": "wss", "wss": "wss"}


class CannotMeasure(Exception):
    """Nothing can be measured; the message says why, in one sentence."""


class Refusal(Exception):
    """The server has refused a request."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}")
        self.code = code


class Ctrl(Struct):
    """The answer to a request."""

    code: int = 0
    text: str = ""
    id: str = ""
    topic: str = ""
    params: dict[str, Any] | None = None

    def param(self, name: str) -> str:
        """One of the params, a text; empty: there is none."""
        return str((self.params or {}).get(name, ""))


class Said(Struct):
    """What the server says, as far as a load cares: {data} is only counted."""

    ctrl: Ctrl | None = None
    data: msgspec.Raw = msgspec.Raw()


_NOTHING: Final = msgspec.Raw()
_decode = msgspec.json.Decoder(Said).decode
_encode = msgspec.json.Encoder().encode


def socket_of(url: str) -> str:
    """Where the WebSocket of the server at `url` is. Raises CannotMeasure."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise CannotMeasure(
            f"{url} is no address of a server: it should look like http://127.0.0.1:6060."
        )
    path = parts.path.rstrip("/").removesuffix(_PATH)
    return f"{_SCHEMES[parts.scheme]}://{parts.netloc}{path}{_PATH}"


class Client:
    """A connection; `on_data` is called for each {data}, `on_ctrl` for what nobody waits for."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Ctrl]] = {}
        self._reader = asyncio.ensure_future(self._read())
        self.on_data: Callable[[], None] = lambda: None
        self.on_ctrl: Callable[[Ctrl], None] = lambda _ctrl: None
        self.closed = False

    @classmethod
    async def open(cls, socket_url: str, api_key: str) -> Self:
        """Connect and greet. Raises CannotMeasure, Refusal."""
        try:
            socket = await connect(
                socket_url,
                additional_headers={"X-Tinode-APIKey": api_key},
                compression=None,
                max_size=FRAME_MAX,
                open_timeout=ANSWER_S,
            )
        except InvalidStatus as error:
            status = error.response.status_code
            raise CannotMeasure(
                f"{socket_url} lets nobody in ({status}): check the address and the API key."
            ) from None
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI) as error:
            why = str(error).rstrip(".") or "it does not answer"
            raise CannotMeasure(f"{socket_url} cannot be reached: {why}.") from None
        made = cls(socket)
        await made.ask("hi", ver="0.25", ua="chinwag-bench/1.0")
        return made

    async def ask(self, kind: str, **body: Any) -> Ctrl:
        """The answer to a request. Raises Refusal, CannotMeasure."""
        answer = await self.answer(kind, **body)
        if answer.code >= _REFUSED:
            raise Refusal(answer.code, answer.text)
        return answer

    async def answer(self, kind: str, **body: Any) -> Ctrl:
        """The answer to a request, whatever it is. Raises CannotMeasure."""
        ident = f"q{next(self._ids)}"
        waiting: asyncio.Future[Ctrl] = asyncio.get_running_loop().create_future()
        self._waiting[ident] = waiting
        try:
            async with asyncio.timeout(ANSWER_S):
                await self.say({kind: {"id": ident, **body}})
                return await waiting
        except TimeoutError:
            raise CannotMeasure(f"The server has not answered for {ANSWER_S:.0f} s.") from None
        finally:
            self._waiting.pop(ident, None)

    async def say(self, message: dict[str, Any]) -> None:
        """Say something; waits where the server does not read. Raises CannotMeasure."""
        try:
            await self._socket.send(_encode(message), text=True)
        except WebSocketException:
            raise CannotMeasure("The server has closed a connection.") from None

    async def close(self) -> None:
        """End it."""
        await self._socket.close()
        await self._reader

    async def _read(self) -> None:
        try:
            while True:
                said = _decode(await self._socket.recv(decode=False))
                if said.data != _NOTHING:
                    self.on_data()
                elif said.ctrl is not None:
                    self._take(said.ctrl)
        except (WebSocketException, msgspec.DecodeError):
            self.closed = True
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(CannotMeasure("The server has closed a connection."))
                waiting.exception()  # whoever waited may be gone as well

    def _take(self, ctrl: Ctrl) -> None:
        waiting = self._waiting.pop(ctrl.id, None)
        if waiting is None:
            self.on_ctrl(ctrl)
        elif not waiting.done():
            waiting.set_result(ctrl)
