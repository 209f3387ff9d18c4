"""One listening socket: WebSocket upgrades on the API path are ours, the rest is aiohttp's.

Source: specification 01, paragraphs 1.1 to 1.5 and 3.1.
"""

import asyncio
import base64
import hashlib
import http
import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import parse_qs, urlsplit

from chinwag.core import apikey
from chinwag.ports import Accept, Peer
from chinwag.transports.websocket import WebSocket, Wheel
from chinwag.wire import codec, ctrl
from chinwag.wire.messages import Ctrl, ServerMessage

HEAD_MAX: Final = 16384
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


class Head:
    """The head of an HTTP request, as far as it matters here."""

    def __init__(self, raw: bytes) -> None:
        lines = raw.decode("latin-1").split("\r\n")
        self.method, _, rest = lines[0].partition(" ")
        self.target = rest.rpartition(" ")[0]
        self.path = urlsplit(self.target).path if self.target.startswith("/") else self.target
        self.headers: dict[str, str] = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if colon:
                self.headers[name.strip().lower()] = value.strip()

    def api_key(self) -> str:
        """The first API key given: header, query, cookie."""
        query = parse_qs(urlsplit(self.target).query) if "?" in self.target else {}
        cookies = dict(
            part.strip().partition("=")[::2] for part in self.headers.get("cookie", "").split(";")
        )
        return (
            self.headers.get("x-tinode-apikey", "")
            or query.get("apikey", [""])[0]
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

    __slots__ = ("_buffer", "_door", "_timer", "_transport")

    def __init__(self, door: Door) -> None:
        self._door = door
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the head of a request, but not for ever."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        self._timer = asyncio.get_running_loop().call_later(HEAD_S, self._transport.abort)

    def data_received(self, data: bytes) -> None:
        """Collect the head and decide."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end >= 0:
            self._decide(Head(self._buffer[:end]), end + 4)
        elif len(self._buffer) > HEAD_MAX:
            self._stop_waiting()
            self._end(_TOO_LARGE)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has changed its mind."""
        self._stop_waiting()

    def eof_received(self) -> bool:
        """The client has closed its side: close ours too."""
        return False

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _decide(self, head: Head, end: int) -> None:
        if head.path != self._door.api_path + "v0/channels":
            self._hand_over()
            return
        self._stop_waiting()
        if not apikey.valid(head.api_key(), self._door.salt):
            self._refuse(ctrl.API_KEY_REQUIRED)
        elif head.method != "GET":
            self._refuse(ctrl.NOT_ALLOWED)
        else:
            self._upgrade(head, self._buffer[end:])

    def _upgrade(self, head: Head, rest: bytes) -> None:
        key = head.websocket_key()
        transport = self._transport
        assert transport is not None
        if key is None:
            self._end(_BAD_REQUEST)
            return
        if len(self._door.wheel.connections) >= self._door.connections_max:
            self._refuse(ctrl.UNAVAILABLE)
            return
        connection = WebSocket(transport, self._door.wheel)
        name = transport.get_extra_info("peername")
        address = str(name[0]) if name else ""
        trusted = self._door.trusted_proxies
        peer = Peer(client_address(address, head.headers, trusted), "websocket")
        connection.receiver = self._door.accept(connection, peer)
        if connection.receiver is None:
            self._door.wheel.connections.discard(connection)
            self._refuse(ctrl.UNAVAILABLE)
            return
        digest = base64.b64encode(hashlib.sha1(key.encode() + _GUID).digest())  # noqa: S324 - RFC 6455
        transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + digest + b"\r\n\r\n"
        )
        transport.set_protocol(connection)
        if rest:
            connection.data_received(rest)

    def _refuse(self, reply: ctrl.Reply) -> None:
        self._end(refusal(reply, self._door.now_ms()))

    def _end(self, response: bytes) -> None:
        """Send a whole response and close."""
        transport = self._transport
        assert transport is not None
        transport.write(response)
        transport.close()

    def _hand_over(self) -> None:
        """Let aiohttp have the connection, with all that has arrived."""
        self._stop_waiting()
        transport = self._transport
        assert transport is not None
        _give_up_on_the_silent(transport)
        protocol = self._door.http_protocol()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        cast("asyncio.Protocol", protocol).data_received(self._buffer)


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
