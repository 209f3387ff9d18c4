"""Somebody's session with a server, as a script or a person uses it."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec

from chinwag.bots.address import Address
from chinwag.bots.credentials import Credentials
from chinwag.bots.errors import Lost, Refusal
from chinwag.bots.line import Line
from chinwag.bots.packets import News, Packet, decode
from chinwag.chat.commands import Request

MORE_S: Final = 3.0  # how long further answers to a request may take; a server may have none
_REFUSED: Final = 400
Frame = dict[str, Any]
_FRAME: Final = msgspec.json.Decoder(Frame)


class Answer(dict[str, Any]):
    """What has been answered to a request: the first answer, and what later ones add."""

    @property
    def is_refusal(self) -> bool:
        """Whether the server has said no."""
        return int(self.get("code") or 0) >= _REFUSED

    @property
    def sentence(self) -> str:
        """Why it has."""
        return str(Refusal(int(self["code"]), str(self.get("text") or "no reason given")))


class _Waiting:
    """A request whose answers are due."""

    def __init__(self, answers: int, shown: bool) -> None:
        self.answer = Answer()
        self.shown = shown
        self._left = answers
        self._all = asyncio.Event()

    def take(self, body: Frame) -> None:
        for key, value in body.items():
            self.answer.setdefault(key, value)
        self._left -= 1
        code = int(body.get("code") or 0)
        if self._left <= 0 or (code >= _REFUSED and not (body.get("params") or {}).get("what")):
            self._all.set()

    async def rest(self) -> None:
        """Wait for what is still due, but not for ever."""
        try:
            async with asyncio.timeout(MORE_S):
                await self._all.wait()
        except TimeoutError:
            return


class Client:
    """Asks, waits for all answers, attaches where it must."""

    def __init__(
        self,
        address: Address,
        credentials: Credentials | None,
        hear: Callable[[bytes, Packet], None],
    ) -> None:
        self.line = Line(address, credentials, self)
        self.line.agent = "ChinwagChat"
        self.line.tap = self._tap
        self.attached: set[tuple[str, str]] = set()  # on whose behalf, to what
        self.arrived: Callable[[], Awaitable[None]] | None = None  # called whenever it is there
        self._hear = hear
        self._waiting: dict[str, _Waiting] = {}
        self._ids = itertools.count(1)

    def hear(self, news: News) -> None:
        """Nothing: everything has come through the tap."""

    async def connected(self) -> None:
        """The line is there (again)."""
        self.attached.clear()
        if self.arrived is not None:
            await self.arrived()

    def _tap(self, frame: bytes) -> None:
        """Take what the server says; show it unless it answers what nobody has asked for."""
        packet = decode(frame)
        answer = packet.ctrl or packet.meta
        if answer is None or not answer.id:
            self._hear(frame, packet)
            return
        waiting = self._waiting.get(answer.id)
        if waiting is None:
            return
        waiting.take(next(iter(_FRAME.decode(frame).values())))
        if waiting.shown:
            self._hear(frame, packet)

    async def ask(self, request: Request, *, shown: bool = True) -> Answer:
        """What is answered; attaches first where that is needed. Raises Lost."""
        if request.attaches and not self.is_attached(request):
            answer = await self._send(Request("sub", {"topic": request.topic}, request.extra))
            if answer.is_refusal:
                return answer
        return await self._send(request, shown=shown)

    def is_attached(self, request: Request) -> bool:
        """Whether its topic sends us what happens there."""
        return (str(request.extra.get("obo", "")), request.topic) in self.attached

    async def _send(self, request: Request, *, shown: bool = False) -> Answer:
        connection = await self.line.present()
        if not request.answers:
            await connection.note(**request.body)
            return Answer()
        ident = f"c{next(self._ids)}"
        waiting = self._waiting[ident] = _Waiting(request.answers, shown)
        try:
            await connection.ask(request.kind, request.extra or None, id=ident, **request.body)
            await waiting.rest()
        except Refusal:
            pass  # it is in the answer
        finally:
            del self._waiting[ident]
        self._remember(request, waiting.answer)
        return waiting.answer

    def _remember(self, request: Request, answer: Answer) -> None:
        """Which topics we are attached to now, and who we are."""
        if answer.is_refusal:
            return
        who = str(request.extra.get("obo", ""))
        if request.kind == "sub":
            self.attached |= {(who, request.topic), (who, str(answer.get("topic")))}
        elif request.kind == "leave" or (request.kind == "del" and request.body["what"] == "topic"):
            self.attached.discard((who, request.topic))
        params = answer.get("params")
        if isinstance(params, dict) and isinstance(params.get("token"), str):
            self.line.uid = str(params.get("user") or self.line.uid)
            self.line.token = params["token"]


async def once(client: Client, work: Awaitable[int]) -> int:
    """The result of `work`, done while `client` is connected. Raises Lost, CannotRun."""
    serving = asyncio.ensure_future(client.line.serve())
    working = asyncio.ensure_future(work)
    try:
        await asyncio.wait((serving, working), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        await serving
        raise Lost("The connection is lost.")
    finally:
        for task in (serving, working):
            task.cancel()
        await asyncio.gather(serving, working, return_exceptions=True)
