"""One connection to a server: requests by id, everything else in its order."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, WebSocketException

from chinwag.bots.address import Address
from chinwag.bots.errors import CannotRun, Lost, Refusal
from chinwag.bots.packets import Ctrl, Meta, News, Packet, decode, encode

ANSWER_S: Final = 30.0  # a server that takes longer is gone
FRAME_MAX: Final = 1 << 25  # bytes; a list of all members is the largest frame
_REFUSED: Final = 400
_HOPELESS: Final = (400, 401, 403, 404)


class Connection:
    """Open from `open` until Lost; nothing is sent twice on it."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Ctrl | Meta]] = {}

    @classmethod
    async def open(cls, address: Address) -> "Connection":
        """Connect. Raises Lost; CannotRun if there is no such server."""
        try:
            socket = await connect(
                address.socket,
                additional_headers={"X-Tinode-APIKey": address.api_key},
                compression=None,
                max_size=FRAME_MAX,
            )
        except InvalidStatus as error:
            status = error.response.status_code
            if status in _HOPELESS:
                raise CannotRun(
                    f"{address} lets nobody in ({status}): check the address and the API key."
                ) from None
            raise Lost(f"{address} answers {status}.") from None
        except (OSError, TimeoutError, InvalidHandshake) as error:
            raise Lost(f"{address} cannot be reached: {error}.") from None
        return cls(socket)

    async def read(
        self, hear: Callable[[News], None], tap: Callable[[bytes], None] | None = None
    ) -> None:
        """Take what the server says until the connection is lost; always raises Lost.

        `tap` sees every frame as it came, before anybody else learns of it.
        """
        try:
            while True:
                frame = await self._socket.recv(decode=False)
                if tap is not None:
                    tap(frame)
                self._take(decode(frame), hear)
        except WebSocketException as error:
            raise Lost(f"The connection is lost: {error}.") from None
        finally:
            self._give_up()

    def _take(self, packet: Packet, hear: Callable[[News], None]) -> None:
        answer = packet.ctrl or packet.meta
        if answer is not None and answer.id:
            waiting = self._waiting.pop(answer.id, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(answer)
            return
        news = packet.data or packet.pres or packet.ctrl or packet.info
        if news is not None:
            hear(news)

    def _give_up(self) -> None:
        """Nobody will be answered any more."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(Lost("The connection was lost before the answer came."))
                waiting.exception()  # whoever waited may be gone as well
        self._waiting.clear()

    async def ask(self, kind: str, extra: dict[str, Any] | None = None, **body: Any) -> Ctrl | Meta:
        """The first answer to a request; `id` in `body` is kept. Raises Lost, Refusal."""
        ident = str(body.pop("id", None) or next(self._ids))
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[ident] = waiting
        message = {kind: {"id": ident, **body}}
        if extra:
            message["extra"] = extra
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._send(message)
                answer: Ctrl | Meta = await waiting
        except TimeoutError:
            await self.close()
            raise Lost("The server does not answer.") from None
        finally:
            self._waiting.pop(ident, None)
        if isinstance(answer, Ctrl) and answer.code >= _REFUSED:
            raise Refusal(answer.code, answer.text)
        return answer

    async def request(self, kind: str, extra: dict[str, Any] | None = None, **body: Any) -> Ctrl:
        """The {ctrl} that answers a request. Raises Lost, Refusal."""
        answer = await self.ask(kind, extra, **body)
        return answer if isinstance(answer, Ctrl) else Ctrl(id=answer.id, code=200, text="ok")

    async def note(self, **body: Any) -> None:
        """Say something that is not answered. Raises Lost."""
        await self._send({"note": body})

    async def _send(self, message: dict[str, Any]) -> None:
        try:
            await self._socket.send(encode(message), text=True)
        except WebSocketException as error:
            raise Lost(f"The connection is lost: {error}.") from None

    async def close(self) -> None:
        """End it."""
        await self._socket.close()
