"""Clients without WebSockets: they ask again and again for the next message.

Source: specification 01, paragraph 3.2; DEFECTs 04, 13, 14 and 25.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from chinwag.core import apikey
from chinwag.ports import Accept, Frame, Peer, Receiver
from chinwag.transports import forms
from chinwag.transports.listener import client_address, ctrl_body
from chinwag.wire import ctrl

log = logging.getLogger(__name__)

POLL_S: Final = 49.5  # a poll that hears nothing is answered
LIFE_S: Final = 70.0  # a session that asks for nothing is over
SWEEP_S: Final = 5.0
BODY_S: Final = 60.0  # for the body of one request; nobody needs as long
SAYING_MAX: Final = 64  # messages of one session that may wait until they are taken
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_OWN_FIELDS: Final = frozenset({"sid", "id", "apikey"})
_HEADERS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "no-cache, no-store, must-revalidate",
    "Content-Type": "text/plain",
    "Expires": "0",
    "Vary": "Accept-Encoding",
}
_PREFLIGHT: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Max-Age": "86400",
}


class Line:
    """The way to one client that polls; an Outbox for its session."""

    def __init__(self, backlog_max: int) -> None:
        self.receiver: Receiver | None = None
        self.polls = 0  # requests that wait for a message right now
        self.saying = 0  # requests whose message waits until it is taken
        self.asked_at = asyncio.get_running_loop().time()
        self.ended = False  # nothing is added any more
        self._backlog_max = backlog_max  # bytes that may wait
        self._size = 0
        self._waiting: deque[Frame] = deque()
        self._news = asyncio.Event()
        self._reading = asyncio.Event()
        self._reading.set()

    # --- Outbox ----------------------------------------------------------------------------

    def put(self, frame: Frame) -> bool:
        """Queue `frame`; False: the client is gone or too slow."""
        if self.ended:
            return False
        self._waiting.append(frame)
        self._size += len(frame.body)
        self._news.set()
        if self._size > self._backlog_max:
            log.info("slow_client_closed")
            self._waiting.clear()  # it will come back and resynchronise
            self.close()
            return False
        return True

    def put_all(self, frames: Sequence[Frame]) -> bool:
        """Queue `frames`, likewise."""
        return all(map(self.put, frames))

    def close(self) -> None:
        """End the session at once; what is queued can still be fetched (DEFECT-14)."""
        if self.ended:
            return
        self.ended = True
        self._news.set()
        self._reading.set()
        receiver, self.receiver = self.receiver, None
        if receiver is not None:  # not at once: its session may be in the middle of something
            asyncio.get_running_loop().call_soon(receiver.gone)

    def hold(self, on: bool) -> None:
        """Let messages of the client wait, or go on."""
        if on:
            self._reading.clear()
        else:
            self._reading.set()

    # --- the client's side -----------------------------------------------------------------

    @property
    def spent(self) -> bool:
        """Whether the session is over and everything has been fetched."""
        return self.ended and not self._waiting

    async def say(self, message: bytes) -> None:
        """Hand a message of the client on, when it is time."""
        self.saying += 1
        try:
            while not self._reading.is_set():  # one of many may have been enough
                await self._reading.wait()
        finally:
            self.saying -= 1
        if self.receiver is not None:
            self.receiver.feed(message)

    async def take(self, seconds: float, is_there: Callable[[], bool]) -> Frame | None:
        """The next message; None: there was none for so long, or the session is over.

        Whoever has left meanwhile gets none (DEFECT-14).
        """
        self.polls += 1
        try:
            async with asyncio.timeout(seconds):
                while not self._waiting and not self.ended:
                    self._news.clear()
                    await self._news.wait()  # several polls wake: the first one takes it
        except TimeoutError:
            pass
        finally:
            self.polls -= 1
            self.asked_at = asyncio.get_running_loop().time()
        if not self._waiting or not is_there():
            return None
        frame = self._waiting.popleft()
        self._size -= len(frame.body)
        return frame

    def give_back(self, frame: Frame) -> None:
        """Whoever was to get `frame` was gone: the next poll gets it (DEFECT-14)."""
        self._waiting.appendleft(frame)
        self._size += len(frame.body)
        self._news.set()


@dataclass(frozen=True, slots=True)
class Rules:
    """What long polling needs to know to let clients in."""

    salt: bytes  # of the API keys
    accept: Accept
    new_sid: Callable[[], str]  # makes names that nobody can guess (DEFECT-04)
    now_ms: Callable[[], int]
    size_max: int  # bytes of one message
    backlog_max: int
    trusted_proxies: frozenset[str] = frozenset()
    lines_max: int = 100_000


@dataclass(slots=True)
class LongPolling:
    """All clients that poll, by the names of their sessions."""

    rules: Rules
    lines: dict[str, Line] = field(default_factory=dict)
    _sweeper: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to look for clients that have stopped asking."""
        self._sweeper = asyncio.get_running_loop().call_later(SWEEP_S, self._sweep)

    def stop(self) -> None:
        """No more looking."""
        if self._sweeper is not None:
            self._sweeper.cancel()

    def _sweep(self) -> None:
        now = asyncio.get_running_loop().time()
        for sid, line in list(self.lines.items()):
            if not line.polls and now - line.asked_at > LIFE_S:
                line.close()
                del self.lines[sid]
        self.start()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one request of any method (QUIRK-08)."""
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return web.Response(status=204, headers=_preflight(request))
        form = await self._form(request)
        key = _first(request, form, "X-Tinode-APIKey", "apikey")
        if not apikey.valid(key, self.rules.salt):
            return self._refuse(403, ctrl.API_KEY_REQUIRED, open_to_all=False)
        ident, sid = (request.query.get(n) or form.get(n, "") for n in ("id", "sid"))
        if not sid:
            return self._begin(request, ident)
        line = self.lines.get(sid)
        if line is None or line.spent:
            self.lines.pop(sid, None)
            return self._refuse(403, ctrl.SESSION_EXPIRED)
        line.asked_at = asyncio.get_running_loop().time()
        if _has_message(request, form):
            return await self._send(request, line, form, ident)
        return await self._poll(request, line)

    # --- the three kinds of requests -------------------------------------------------------

    def _begin(self, request: web.Request, ident: str) -> web.Response:
        """A new session."""
        rules = self.rules
        line = Line(rules.backlog_max)
        address = client_address(request.remote or "", request.headers, rules.trusted_proxies)
        if len(self.lines) < rules.lines_max:
            line.receiver = rules.accept(line, Peer(address, "longpoll"))
        if line.receiver is None:
            return self._refuse(503, ctrl.UNAVAILABLE)
        sid = rules.new_sid()
        self.lines[sid] = line
        return self._reply(201, ctrl.CREATED, id=ident, params={"sid": sid})

    async def _send(
        self, request: web.Request, line: Line, form: dict[str, str], ident: str
    ) -> web.Response:
        """One message of the client; it is answered by a later poll."""
        if (request.content_length or 0) > self.rules.size_max:
            return self._refuse(417, ctrl.MALFORMED, id=ident)
        if line.saying >= SAYING_MAX:
            return self._refuse(503, ctrl.UNAVAILABLE, id=ident)
        try:
            # A form has been read already: what is in it is no message (QUIRK-09).
            message = b"" if form else await _body(request, self.rules.size_max)
        except ValueError:
            response = self._refuse(400, ctrl.MALFORMED, id=ident)
            response.force_close()
            return response
        await line.say(message)
        return web.Response(headers=_HEADERS)

    async def _poll(self, request: web.Request, line: Line) -> web.StreamResponse:
        """The next message, if there is one in time."""

        def is_there() -> bool:
            return request.transport is not None and not request.transport.is_closing()

        frame = await line.take(POLL_S, is_there)
        response = web.StreamResponse(headers=_HEADERS)
        response.enable_compression()
        try:
            await response.prepare(request)
            if frame is not None:
                await response.write(frame.body)
            await response.write_eof()
        except (ConnectionError, asyncio.CancelledError):
            if frame is not None:
                line.give_back(frame)
            raise
        return response

    # --- replies ---------------------------------------------------------------------------

    def _reply(
        self, status: int, reply: ctrl.Reply, *, open_to_all: bool = True, **more: object
    ) -> web.Response:
        body = ctrl_body(reply, self.rules.now_ms(), **more) + b"\n"
        headers = dict(_HEADERS) if open_to_all else {"Content-Type": "text/plain"}
        return web.Response(body=body, status=status, headers=headers)

    _refuse = _reply

    async def _form(self, request: web.Request) -> dict[str, str]:
        """The fields of a form; empty: this is none, or it cannot be read."""
        if request.content_type not in _FORMS or not request.body_exists:
            return {}
        try:
            async with asyncio.timeout(BODY_S):
                fields = await request.post()
        except (*forms.BROKEN, web.HTTPException, TimeoutError):
            return {"": ""}  # whatever it is, it is no message
        return {name: value for name, value in fields.items() if isinstance(value, str)}


def _first(request: web.Request, form: dict[str, str], header: str, name: str) -> str:
    """The first value given: header, query, form, cookie (paragraph 1.5)."""
    return (
        request.headers.get(header)
        or request.query.get(name)
        or form.get(name)
        or request.cookies.get(name, "")
    )


def _has_message(request: web.Request, form: dict[str, str]) -> bool:
    """Whether the client says something; a form with nothing but our own fields says nothing."""
    return bool(set(form) - _OWN_FIELDS) if form else request.body_exists


async def _body(request: web.Request, size_max: int) -> bytes:
    """The whole body. Raises ValueError where it is too large, too slow or breaks off."""
    try:
        async with asyncio.timeout(BODY_S):
            return await _joined(request, size_max)
    except (web.RequestPayloadError, TimeoutError):
        raise ValueError("broken off") from None


async def _joined(request: web.Request, size_max: int) -> bytes:
    parts, size = [], 0
    async for part in request.content.iter_any():
        size += len(part)
        if size > size_max:
            raise ValueError("too large")
        parts.append(part)
    return b"".join(parts)


def _preflight(request: web.Request) -> dict[str, str]:
    asked = request.headers.get("Access-Control-Request-Headers", "")
    return {**_PREFLIGHT, **({"Access-Control-Allow-Headers": asked} if asked else {})}
