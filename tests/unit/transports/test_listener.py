"""New connections: what they want is found out within bounds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

import pytest
from aiohttp import web

from chinwag.core import apikey
from chinwag.ports import Accept, Frame, Outbox, Peer
from chinwag.transports import http
from chinwag.transports.arrivals import Arrivals
from chinwag.transports.http import Site
from chinwag.transports.listener import HEAD_MAX, Door, Listener, client_address, refusal
from chinwag.transports.websocket import Wheel
from chinwag.wire import ctrl

SALT = b"salt of the tests"
UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def _nobody(_outbox: Outbox, _peer: Peer) -> None:
    return None


@asynccontextmanager
async def listening(
    accept: Accept,
    http_protocol: Callable[[], asyncio.BaseProtocol] = asyncio.Protocol,
    arrivals: Arrivals | None = None,
) -> AsyncIterator[int]:
    """A listener; where it is."""
    wheel = Wheel(size_max=1000, backlog_max=100_000, ping_s=1000, dead_s=2000)
    door = Door(
        "/",
        SALT,
        accept,
        http_protocol,
        wheel,
        now_ms=lambda: 0,
        arrivals=arrivals or Arrivals(),
    )
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Listener(door), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for connection in list(wheel.connections):
        connection.drop()
    await server.wait_closed()
    wheel.stop()


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Where a listener is that lets nobody in."""
    async with listening(_nobody) as found:
        yield found


async def answer(port: int, request: bytes) -> bytes:
    """All that comes back for `request` until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    heard = await reader.read()
    writer.close()
    await writer.wait_closed()
    return heard


def head(path: str, method: str = "GET", more: str = "") -> bytes:
    """The head of a request."""
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\n{more}\r\n".encode()


async def test_a_head_that_is_too_large_gets_431(port: int) -> None:
    """Specification 01, paragraph 1.1: at most 16 KiB; it got 400 once."""
    heard = await answer(port, b"GET / HTTP/1.1\r\nX: " + b"x" * HEAD_MAX)
    first, _, body = heard.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 431 ")
    assert b"Content-Length: %d\r\n" % len(body) in first


async def test_the_key_counts_before_the_method_and_the_handshake(port: int) -> None:
    """Specification 01, paragraph 1.4."""
    key = apikey.make(SALT)
    path = "/v0/channels"
    assert await answer(port, head(path, "POST")) == refusal(ctrl.API_KEY_REQUIRED, 0)
    path = f"/v0/channels?apikey={key}"
    assert await answer(port, head(path, "POST")) == refusal(ctrl.NOT_ALLOWED, 0)
    heard = await answer(port, head(path))
    assert heard.startswith(b"HTTP/1.1 400 ")
    assert heard.endswith(b"\r\n\r\nBad Request\n")
    assert await answer(port, head(path, more=UPGRADE)) == refusal(ctrl.UNAVAILABLE, 0)


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.9", "", "192.0.2.9"),
        ("192.0.2.9", "198.51.100.1", "192.0.2.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.5, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
    ],
)
def test_whose_address_it_is(peer: str, forwarded: str, address: str) -> None:
    """DEFECT-31, 01 §1.7: the last hop named by trusted proxies; nobody else is believed."""
    trusted = frozenset({"10.0.0.1", "10.0.0.2"})
    assert client_address(peer, {"x-forwarded-for": forwarded}, trusted) == address


@pytest.mark.parametrize(
    ("where", "good"),
    [
        ({"more": "X-Tinode-APIKey: KEY\r\n"}, True),
        ({"path": "?apikey=KEY"}, True),
        ({"more": "Cookie: a=b; apikey=KEY\r\n"}, True),
        ({"path": "?apikey=KEY", "more": "X-Tinode-APIKey: bad\r\n"}, False),
        ({"path": "?apikey=bad", "more": "Cookie: apikey=KEY\r\n"}, False),
        ({"path": "?apikey=", "more": "Cookie: apikey=KEY\r\n"}, True),
    ],
)
async def test_the_first_key_given_counts(port: int, where: dict[str, str], good: bool) -> None:
    """01 §1.5: header, query, cookie; a later place is not looked at if the first is wrong."""
    found = {name: text.replace("KEY", apikey.make(SALT)) for name, text in where.items()}
    request = head("/v0/channels" + found.get("path", ""), "POST", found.get("more", ""))
    reply = ctrl.NOT_ALLOWED if good else ctrl.API_KEY_REQUIRED
    assert await answer(port, request) == refusal(reply, 0)


# --- connections that have served other requests --------------------------------------------


class Echo:
    """A session that repeats what it hears."""

    def __init__(self, outbox: Outbox, peer: Peer) -> None:
        self.outbox = outbox
        self.address = peer.remote_addr

    def feed(self, message: bytes) -> None:
        """Repeat `message`."""
        self.outbox.put(Frame(message))

    def gone(self) -> None:
        """It was nothing."""


class Pool:
    """A connection that a proxy keeps for one request after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, request: bytes) -> tuple[bytes, bytes]:
        """The first line and the body that come back."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        size = [line for line in head.split(b"\r\n") if line.startswith(b"Content-Length: ")]
        body = await self._reader.readexactly(int(size[0][16:])) if size else b""
        return head.partition(b"\r\n")[0], body

    async def rest(self) -> bytes:
        """What else comes until the server closes."""
        return await self._reader.read()

    async def say(self, data: bytes, size: int) -> bytes:
        """The `size` bytes that come back for `data`."""
        self._writer.write(data)
        return await self._reader.readexactly(size)

    async def close(self) -> None:
        """Have no more to ask."""
        self._writer.close()
        await self._writer.wait_closed()


@pytest.fixture
async def arrivals() -> Arrivals:
    """Where connections are counted."""
    return Arrivals(all_max=2)


@pytest.fixture
async def pool(arrivals: Arrivals) -> AsyncIterator[Pool]:
    """A connection to a server with HTTP, on which somebody has asked for something."""
    site = Site(web=None, ready=_always, files=None, now_ms=lambda: 0)
    runner = web.AppRunner(http.make_app(site))
    await runner.setup()
    made = cast("Callable[[], asyncio.BaseProtocol]", runner.server)
    async with listening(Echo, made, arrivals) as found:
        pool = Pool(*await asyncio.open_connection("127.0.0.1", found))
        assert await pool.ask(head("/healthz")) == (b"HTTP/1.1 200 OK", b"ok\n")
        try:
            yield pool
        finally:
            await pool.close()
            await runner.cleanup()


async def _always() -> bool:
    return True


KEY = apikey.make(SALT)
HELLO = b"\x81\x85\x00\x00\x00\x00hello"  # a masked text frame


async def test_a_proxy_may_upgrade_a_connection_it_has_kept(pool: Pool, arrivals: Arrivals) -> None:
    """It was answered 503, so that clients behind Caddy came in only at the second attempt."""
    assert arrivals.count == 1
    first, _ = await pool.ask(head(f"/v0/channels?apikey={KEY}", more=UPGRADE))
    assert first == b"HTTP/1.1 101 Switching Protocols"
    assert arrivals.count == 0  # it counts as a session
    assert await pool.say(HELLO, 7) == b"\x81\x05hello"
    assert await pool.say(HELLO, 7) == b"\x81\x05hello"


@pytest.mark.parametrize(
    ("request_head", "refused"),
    [
        (head("/v0/channels", "POST"), refusal(ctrl.API_KEY_REQUIRED, 0)),
        (head(f"/v0/channels?apikey={KEY}", "POST"), refusal(ctrl.NOT_ALLOWED, 0)),
        (head(f"/v0/channels?apikey={KEY}"), b"Bad Request\n"),
        (head("/v0/channels", more=UPGRADE), refusal(ctrl.API_KEY_REQUIRED, 0)),
    ],
)
async def test_what_is_no_upgrade_of_a_kept_connection(
    pool: Pool, arrivals: Arrivals, request_head: bytes, refused: bytes
) -> None:
    """Specification 01, paragraph 1.4: refused as on a fresh one; it was answered 503."""
    first, body = await pool.ask(request_head)
    assert refused.endswith(body)
    assert first.split()[1] == (refused.split()[1] if refused.startswith(b"HTTP") else b"400")
    assert await pool.rest() == b""
    await pool.close()
    assert arrivals.count == 0


# --- how many there may be ------------------------------------------------------------------


async def test_connections_beyond_the_limit_are_refused_at_once() -> None:
    """Nothing is waited for: not even the head of a request."""
    arrivals = Arrivals(all_max=1)
    async with listening(_nobody, arrivals=arrivals) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await answer(port, b"") == refusal(ctrl.UNAVAILABLE, 0)
        assert arrivals.count == 1
        writer.close()
        await writer.wait_closed()
        request = head("/v0/channels", more=UPGRADE)
        while (heard := await answer(port, request)) == refusal(ctrl.UNAVAILABLE, 0):
            pass  # until the server has seen that the first one is over
        assert heard == refusal(ctrl.API_KEY_REQUIRED, 0)
        while arrivals.count:
            await asyncio.sleep(0)
