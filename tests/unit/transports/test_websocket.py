"""Connections on real sockets: collected output, slow clients, pings, goodbyes."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from chinwag.core import apikey
from chinwag.ports import Frame, Outbox, Peer, Receiver
from chinwag.transports.listener import Door, Listener
from chinwag.transports.websocket import WebSocket, Wheel

SALT = b"salt of the tests"
KEY = apikey.make(SALT)
PATH = f"/v0/channels?apikey={KEY}"


class Echo:
    """A session that repeats what it hears."""

    def __init__(self, outbox: Outbox, peer: Peer) -> None:
        self.outbox = outbox
        self.peer = peer
        self.heard: list[bytes] = []
        self.ended = asyncio.Event()
        self.ends = 0

    def feed(self, message: bytes) -> None:
        """Repeat `message`."""
        self.heard.append(message)
        self.outbox.put(Frame(message))

    def gone(self) -> None:
        """Note the end."""
        self.ends += 1
        self.ended.set()


class Bench:
    """A listening socket and the sessions behind it."""

    def __init__(self) -> None:
        self.sessions: list[Echo] = []
        self.wheel = Wheel(size_max=1000, backlog_max=100_000, ping_s=1000, dead_s=2000)
        self.full = False
        self.port = 0

    def accept(self, outbox: Outbox, peer: Peer) -> Receiver | None:
        """One more session."""
        if self.full:
            return None
        self.sessions.append(Echo(outbox, peer))
        return self.sessions[-1]

    def door(self) -> Door:
        """What the listener is told."""
        return Door(
            api_path="/",
            salt=SALT,
            accept=self.accept,
            http_protocol=asyncio.Protocol,
            wheel=self.wheel,
            now_ms=lambda: 0,
            connections_max=3,
        )

    async def client(self) -> ClientConnection:
        """A connected client."""
        return await connect(f"ws://127.0.0.1:{self.port}{PATH}", ping_interval=None)

    @property
    def outbox(self) -> WebSocket:
        """The way to the last client."""
        outbox = self.sessions[-1].outbox
        assert isinstance(outbox, WebSocket)
        return outbox


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """A listener on a free port."""
    bench = Bench()
    door = bench.door()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Listener(door), "127.0.0.1", 0)
    bench.port = server.sockets[0].getsockname()[1]
    yield bench
    server.close()
    for connection in list(bench.wheel.connections):
        connection.go_away()
        connection._finish()
    bench.wheel.stop()
    await server.wait_closed()


async def test_text_and_binary_messages_reach_the_session(bench: Bench) -> None:
    """Binary frames count as text. Source: specification 01, paragraph 3.1."""
    async with await bench.client() as client:
        await client.send("hello")
        assert await client.recv() == "hello"
        await client.send(b"bytes")
        assert await client.recv() == "bytes"
    await bench.sessions[0].ended.wait()
    assert bench.sessions[0].ends == 1
    assert bench.sessions[0].peer == Peer("127.0.0.1", "websocket")


async def test_what_is_put_in_one_turn_is_written_in_order(bench: Bench) -> None:
    async with await bench.client() as client:
        await client.send("1")
        await client.recv()
        for number in range(50):
            assert bench.outbox.put(Frame(b"%d" % number))
        assert [await client.recv() for _ in range(50)] == [str(n) for n in range(50)]


async def test_a_client_that_does_not_read_is_dropped(bench: Bench) -> None:
    """It would need memory without end; it reconnects and catches up (DEFECT-13, D03)."""
    raw = socket.create_connection(("127.0.0.1", bench.port))
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    head = (
        f"GET {PATH} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    await loop.sock_sendall(raw, head.encode())
    assert b"101 Switching" in await loop.sock_recv(raw, 200)
    frame = Frame(b"x" * 50_000)
    taken = 0
    while bench.outbox.put(frame):
        taken += 1
        assert taken < 2000
        await asyncio.sleep(0)
    await bench.sessions[0].ended.wait()
    assert not bench.outbox.put(frame)
    assert bench.wheel.connections == set()
    raw.close()


async def test_too_much_in_one_turn_drops_the_client(bench: Bench) -> None:
    async with await bench.client() as client:
        await client.send("1")
        await client.recv()
        frame = Frame(b"x" * 30_000)
        assert [bench.outbox.put(frame) for _ in range(5)] == [True, True, True, False, False]
        await bench.sessions[0].ended.wait()


async def test_a_message_over_the_limit_closes_with_1009(bench: Bench) -> None:
    """Source: specification 01, paragraph 3.1."""
    client = await bench.client()
    await client.send("x" * 1001)
    with pytest.raises(ConnectionClosed):
        await client.recv()
    assert client.close_code == 1009


async def test_closing_sends_what_is_queued_first(bench: Bench) -> None:
    """DEFECT-17: the last reply is not lost."""
    client = await bench.client()
    await client.send("last words")
    assert await client.recv() == "last words"
    bench.outbox.put(Frame(b"evicted"))
    bench.outbox.close()
    assert await client.recv() == "evicted"
    with pytest.raises(ConnectionClosed):
        await client.recv()
    assert client.close_code == 1008
    await bench.sessions[0].ended.wait()


async def test_going_away_closes_with_1001(bench: Bench) -> None:
    client = await bench.client()
    await client.send("1")
    await client.recv()
    bench.outbox.go_away()
    with pytest.raises(ConnectionClosed):
        await client.recv()
    assert client.close_code == 1001


async def test_a_session_that_ends_with_the_server_closes_with_1001(bench: Bench) -> None:
    """DEFECT-17: 1008 is for those who are thrown out; at shutdown everybody got it once."""
    client = await bench.client()
    await client.send("1")
    await client.recv()
    bench.wheel.stopping = True
    bench.outbox.close()
    with pytest.raises(ConnectionClosed):
        await client.recv()
    assert client.close_code == 1001


async def test_pings_are_answered_and_sent(bench: Bench) -> None:
    async with await bench.client() as client:
        await (await client.ping(b"are you there"))
        await client.send("1")
        await client.recv()
        bench.outbox.tick(bench.wheel.loop.time() + 999)
        assert bench.outbox._collected == []
        bench.outbox.tick(bench.wheel.loop.time() + 1001)
        assert bench.outbox._collected == [b"\x89\x00"]


async def test_a_client_that_talks_is_alive(bench: Bench) -> None:
    """DEFECT-16: any bytes show that it lives, though it answers no ping."""
    async with await bench.client() as client:
        await client.send("1")
        await client.recv()
        bench.outbox._heard_at -= 1900  # that was long ago
        await client.send("2")
        await client.recv()
        bench.outbox.tick(bench.wheel.loop.time() + 200)
        await client.send("3")
        assert await client.recv() == "3"


async def test_a_silent_client_is_dropped(bench: Bench) -> None:
    """DEFECT-16: nothing but bytes from it shows that it lives."""
    client = await bench.client()
    await client.send("1")
    await client.recv()
    bench.outbox.tick(bench.wheel.loop.time() + 2001)
    await bench.sessions[0].ended.wait()
    with pytest.raises(ConnectionClosed):
        await client.recv()


async def test_a_client_that_never_says_goodbye_is_dropped(bench: Bench) -> None:
    client = await bench.client()
    await client.send("1")
    await client.recv()
    bench.outbox._closing_at = bench.wheel.loop.time()
    bench.outbox.tick(bench.wheel.loop.time() + 3)
    await bench.sessions[0].ended.wait()


async def test_every_session_has_ended_when_the_server_has_departed(bench: Bench) -> None:
    """Nothing may come to a topic after its store is closed."""
    polite, mute = await bench.client(), await bench.client()
    for client in (polite, mute):
        await client.send("1")
        await client.recv()
    bench.outbox.hold(True)  # its answer is not heard
    await bench.wheel.depart(0.05)
    assert [session.ends for session in bench.sessions] == [1, 1]
    assert bench.wheel.connections == set()
    for client in (polite, mute):
        await client.wait_closed()
        assert client.close_code == 1001


async def test_holding_a_client_stops_reading(bench: Bench) -> None:
    async with await bench.client() as client:
        await client.send("1")
        await client.recv()
        held = bench.outbox
        held.hold(True)
        await client.send("2")
        async with await bench.client() as other:  # whose message would come after it
            await other.send("3")
            assert await other.recv() == "3"
        assert bench.sessions[0].heard == [b"1"]
        held.hold(False)
        assert await client.recv() == "2"


async def test_what_has_arrived_waits_while_a_client_is_held(bench: Bench) -> None:
    """One read may bring thousands of messages: holding is exact, and keeps their order."""
    async with await bench.client() as client:
        await client.send("0")
        await client.recv()
        session, held = bench.sessions[0], bench.outbox

        def feed(message: bytes) -> None:
            session.heard.append(message)
            held.hold(True)

        session.feed = feed  # type: ignore[method-assign]
        many = b"".join(masked(b"%d" % number) for number in range(1, 6))
        held.data_received(many + masked(b"9")[:3])
        held.data_received(masked(b"9")[3:] + masked(b"10"))  # some loops bring what they have
        for number in range(1, 8):
            assert len(session.heard) == number + 1
            held.hold(False)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        assert [int(message) for message in session.heard] == [0, 1, 2, 3, 4, 5, 9, 10]
        held.tick(bench.wheel.loop.time() + 10_000)  # nobody listens: silence is no fault
        assert bench.wheel.connections == {held}


async def test_a_client_that_is_lost_while_it_is_held(bench: Bench) -> None:
    client = await bench.client()
    await client.send("1")
    await client.recv()
    held = bench.outbox
    held.hold(True)
    held.data_received(masked(b"2") + masked(b"3"))
    held.drop()
    await bench.sessions[0].ended.wait()
    held.hold(False)
    await asyncio.sleep(0)
    assert bench.sessions[0].heard == [b"1", b"2"]
    await client.wait_closed()


def masked(payload: bytes) -> bytes:
    """A text frame of a client whose mask is nothing."""
    return bytes((0x81, 0x80 | len(payload))) + bytes(4) + payload


async def test_no_more_connections_than_allowed(bench: Bench) -> None:
    clients = [await bench.client() for _ in range(3)]
    with pytest.raises(Exception, match="503"):
        await bench.client()
    for client in clients:
        await client.close()


async def test_a_full_or_stopping_server_refuses_with_503(bench: Bench) -> None:
    """07-01: a refused {hi} would be tried again at once."""
    bench.full = True
    with pytest.raises(Exception, match="503"):
        await bench.client()
    assert bench.wheel.connections == set()
