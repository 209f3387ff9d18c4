"""One listening socket: WebSocket upgrades on the API path are ours, the rest is aiohttp's.

A proxy may ask for an upgrade on a connection that has served other requests: then aiohttp gives it
back.
Source: specification 01, paragraphs 1.1 to 1.5 and 3.1.
"""

import asyncio
import base64
import hashlib
import http
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, cast
from urllib.parse import parse_qs, urlsplit

from chinwag.core import apikey
from chinwag.ports import Accept, Peer
from chinwag.transports.arrivals import Arrivals
from chinwag.transports.websocket import WebSocket, Wheel
from chinwag.wire import codec, ctrl
from chinwag.wire.messages import Ctrl, ServerMessage

HEAD_MAX: Final = 16384
TARGETS_MAX: Final = 64  # that are remembered
HEAD_S: Final = 10.0
SILENT_MS: Final = 120_000
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY: Final = re.compile(r"[A-Za-z0-9+/]{22}==")
_BAD_REQUEST: Final = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Sec-Websocket-Version: 13\r\nContent-Length: 12\r\nConnection: close\r\n\r\nBad Request\n"
)
_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Length: 36\r\nConnection: close\r\n\r\nRequest Header Fields Are Too Large\n"
)


@dataclass(frozen=True, slots=True)
class Door:
    """What a listener needs to know to let clients in."""

    api_path: str  # ends with a slash
    salt: bytes  # of the API keys
    accept: Accept
    http_protocol: Callable[[], asyncio.BaseProtocol]  # makes aiohttp's side of a connection
    wheel: Wheel
    now_ms: Callable[[], int]
    trusted_proxies: frozenset[str] = frozenset()
    connections_max: int = 100_000
    arrivals: Arrivals = field(default_factory=Arrivals)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of an HTTP request, as far as it matters here."""

    method: str
    target: str
    headers: Mapping[str, str]  # by their names in lower case

    @classmethod
    def read(cls, raw: bytes) -> "Head":
        """What `raw` says, without the empty line at its end."""
        lines = raw.decode("latin-1").split("\r\n")
        method, _, rest = lines[0].partition(" ")
        headers: dict[str, str] = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if colon:
                headers[name.strip().lower()] = value.strip()
        return cls(method, rest.rpartition(" ")[0], headers)

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path if self.target.startswith("/") else self.target

    def api_key(self) -> str:
        """The first API key given: header, query, cookie."""
        cookies = dict(
            part.strip().partition("=")[::2] for part in self.headers.get("cookie", "").split(";")
        )
        return (
            self.headers.get("x-tinode-apikey", "")
            or _key_in(self.target)
            or cookies.get("apikey", "")
        )

    def websocket_key(self) -> str | None:
        """The key of a valid WebSocket handshake; None: it is none."""
        wanted = "websocket" in self.headers.get("upgrade", "").lower()
        upgrade = "upgrade" in self.headers.get("connection", "").lower()
        version = self.headers.get("sec-websocket-version") == "13"
        key = self.headers.get("sec-websocket-key", "")
        return key if wanted and upgrade and version and _KEY.fullmatch(key) else None


class Listener(asyncio.Protocol):
    """A new connection, until it is known what it wants."""

    __slots__ = ("_buffer", "_counted", "_door", "_timer", "_transport")

    def __init__(self, door: Door) -> None:
        self._door = door
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._counted: str | None = None  # the address under which it counts as an arrival

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the head of a request, but not for ever."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        address, door = _address_of(self._transport), self._door
        counted = "" if address in door.trusted_proxies else address
        if not door.arrivals.enter(counted):
            self._end(refusal(ctrl.UNAVAILABLE, door.now_ms()))
            return
        self._counted = counted
        self._timer = asyncio.get_running_loop().call_later(HEAD_S, self._transport.abort)

    def data_received(self, data: bytes) -> None:
        """Collect the head and decide."""
        if self._counted is None:  # refused
            return
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end >= 0:
            self._decide(Head.read(self._buffer[:end]), end + 4)
        elif len(self._buffer) > HEAD_MAX:
            self._stop_waiting()
            self._end(_TOO_LARGE)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has changed its mind."""
        self._stop_waiting()
        if self._counted is not None:
            self._door.arrivals.leave(self._counted)

    def eof_received(self) -> bool:
        """The client has closed its side: close ours too."""
        return False

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _decide(self, head: Head, end: int) -> None:
        self._stop_waiting()
        transport = self._transport
        assert transport is not None
        assert self._counted is not None
        if head.path != self._door.api_path + "v0/channels":
            _give_up_on_the_silent(transport)
            guest = Guest(self._door, self._counted)
            transport.set_protocol(guest)
            guest.connection_made(transport)
            guest.data_received(self._buffer)
            return
        opened = open_websocket(self._door, transport, head)
        if isinstance(opened, bytes):
            self._end(opened)
            return
        self._door.arrivals.leave(self._counted)
        if len(self._buffer) > end:
            opened.data_received(self._buffer[end:])

    def _end(self, response: bytes) -> None:
        """Send a whole response and close."""
        transport = self._transport
        assert transport is not None
        transport.write(response)
        transport.close()


class Guest(asyncio.Protocol):
    """A connection that aiohttp has, from its first byte; it may become a WebSocket later."""

    __slots__ = ("_counted", "_door", "_inner", "_transport")

    def __init__(self, door: Door, counted: str) -> None:
        self._door = door
        self._counted = counted
        self._inner = cast("asyncio.Protocol", door.http_protocol())
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let aiohttp have it."""
        self._transport = cast("asyncio.Transport", transport)
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Pass on what has arrived."""
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass on that nothing more comes."""
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        """Pass on that too much lies unsent."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass on that there is room again."""
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass on that it is over."""
        self._inner.connection_lost(exc)
        self._door.arrivals.leave(self._counted)

    def upgrade(self, head: Head) -> None:
        """Make a WebSocket of it, or refuse that; in either case aiohttp has nothing to say."""
        transport = self._transport
        assert transport is not None
        opened = open_websocket(self._door, transport, head)
        if isinstance(opened, bytes):
            transport.write(opened)
            transport.close()
            return
        self._inner.transport = None  # type: ignore[attr-defined]  # aiohttp would close it
        self._inner.connection_lost(None)
        self._door.arrivals.leave(self._counted)


def open_websocket(door: Door, transport: asyncio.Transport, head: Head) -> WebSocket | bytes:
    """The WebSocket that `head` asks for, in the place of what had `transport`; or the refusal."""
    refused = _refused(door, head)
    if refused is not None:
        return refused
    connection = WebSocket(transport, door.wheel)
    address = client_address(_address_of(transport), head.headers, door.trusted_proxies)
    connection.receiver = door.accept(connection, Peer(address, "websocket"))
    if connection.receiver is None:
        door.wheel.connections.discard(connection)
        return refusal(ctrl.UNAVAILABLE, door.now_ms())
    key = head.websocket_key() or ""
    digest = base64.b64encode(hashlib.sha1(key.encode() + _GUID).digest())  # noqa: S324 - RFC 6455
    transport.write(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + digest + b"\r\n\r\n"
    )
    transport.set_protocol(connection)
    return connection


def _refused(door: Door, head: Head) -> bytes | None:
    """Why `head` cannot become a WebSocket; None: it can.

    Source: specification 01, paragraph 1.4.
    """
    if not apikey.valid(head.api_key(), door.salt):
        return refusal(ctrl.API_KEY_REQUIRED, door.now_ms())
    if head.method != "GET":
        return refusal(ctrl.NOT_ALLOWED, door.now_ms())
    if head.websocket_key() is None:
        return _BAD_REQUEST
    if len(door.wheel.connections) >= door.connections_max:
        return refusal(ctrl.UNAVAILABLE, door.now_ms())
    return None


@lru_cache(TARGETS_MAX)
def _key_in(target: str) -> str:
    """The API key in the query of `target`: most clients of a server ask for the same."""
    query = parse_qs(urlsplit(target).query) if "?" in target else {}
    return query.get("apikey", [""])[0]


def _address_of(transport: asyncio.Transport) -> str:
    """Where the other side of a connection is; empty: nobody can tell."""
    name = transport.get_extra_info("peername")
    return str(name[0]) if name else ""


def _give_up_on_the_silent(transport: asyncio.Transport) -> None:
    """Drop a client that takes nothing of a download for a while; a slow one goes on (D-77)."""
    sock = transport.get_extra_info("socket")
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if sock is not None and option is not None and sock.family != socket.AF_UNIX:
        sock.setsockopt(socket.IPPROTO_TCP, option, SILENT_MS)


def refusal(reply: ctrl.Reply, now_ms: int) -> bytes:
    """A whole HTTP response that says `reply` (QUIRK-01: JSON labelled as text)."""
    body = ctrl_body(reply, now_ms) + b"\n"
    phrase = http.HTTPStatus(reply.code).phrase
    head = (
        f"HTTP/1.1 {reply.code} {phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


def ctrl_body(reply: ctrl.Reply, now_ms: int, **more: object) -> bytes:
    """The JSON of a {ctrl} outside a session. Source: specification 01, paragraph 1.4."""
    body = Ctrl(reply.code, reply.text, codec.stamp(now_ms), **more)  # type: ignore[arg-type]
    return codec.encode(ServerMessage(ctrl=body))


def client_address(peer: str, headers: Mapping[str, str], trusted: frozenset[str]) -> str:
    """The client's address: the last one named by proxies that are trusted (DEFECT-31)."""
    named = headers.get("x-forwarded-for", "")
    hops = [h.strip() for h in named.split(",") if h.strip()]
    while peer in trusted and hops:
        peer = hops.pop()
    return peer
