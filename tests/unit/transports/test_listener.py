"""New connections: what they want is found out within bounds."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from chinwag.core import apikey
from chinwag.ports import Outbox, Peer
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


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Where a listener is that lets nobody in."""
    wheel = Wheel(size_max=1000, backlog_max=100_000, ping_s=1000, dead_s=2000)
    door = Door("/", SALT, _nobody, asyncio.Protocol, wheel, now_ms=lambda: 0)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Listener(door), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    wheel.stop()


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
