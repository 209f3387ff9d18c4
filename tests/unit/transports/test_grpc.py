"""Streams and files over gRPC. Source: specification 06, paragraphs 4 and 5."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import grpc.aio
import pytest

from chinwag.core.errors import Refused
from chinwag.ports import Frame, Outbox, Peer, Receiver, Served, TooLarge
from chinwag.transports import grpc as transport
from chinwag.transports.grpc import CannotListen, Node, Settings
from chinwag.wire import ctrl
from chinwag.wire.pbx import model_pb2 as pb

HELLO = b'{"ctrl":{"code":200,"text":"hello","ts":"2026-01-01T00:00:00.000Z"}}'
AUTH = pb.Auth(scheme="token", secret=base64.b64encode(b"secret").decode())


class Parrot:
    """A session that answers every message with the same words."""

    def __init__(self, outbox: Outbox, peer: Peer) -> None:
        self.outbox, self.peer = outbox, peer
        self.heard: list[bytes] = []
        self.ended = asyncio.Event()

    def feed(self, message: bytes) -> None:
        """Answer."""
        self.heard.append(message)
        self.outbox.put(Frame(HELLO))

    def gone(self) -> None:
        """Note the end."""
        self.ended.set()


class Shelf:
    """Uploads in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: dict[str, str] = {}

    async def user(self, scheme: str, secret: bytes, address: str = "") -> str:
        """Only one secret is right."""
        if (scheme, secret) != ("token", b"secret"):
            raise Refused(ctrl.AUTH_FAILED)
        return "usrAAAAAAAAAAA"

    async def root(self, scheme: str, secret: bytes, address: str = "") -> str:
        """Nobody orders anything here."""
        raise Refused(ctrl.PERMISSION_DENIED)

    def user_of_session(self, sid: str) -> str | None:
        """There are none."""
        return None

    def admit(self, uid: str | None, address: str) -> None:
        """There is room."""

    async def own(self, fid: str, uid: str) -> None:
        """It is known from the start."""

    async def save(
        self, uid: str | None, mime: str, chunks: AsyncIterator[bytes], limit: int
    ) -> str:
        """Keep a file."""
        data = b"".join([chunk async for chunk in chunks])
        if len(data) > limit:
            raise TooLarge
        fid = f"file{len(self.kept):020d}"
        (self.folder / fid).write_bytes(data)
        self.kept[fid] = mime
        return fid

    async def discard(self, fid: str) -> None:
        """Forget a file."""
        del self.kept[fid]

    async def find(self, fid: str) -> Served | None:
        """A kept file."""
        mime = self.kept.get(fid)
        return None if mime is None else Served(self.folder / fid, mime, "etag")

    async def is_picture(self, fid: str) -> bool:
        """None is."""
        return False


class World:
    """A listener, its sessions and its files."""

    def __init__(self, folder: Path) -> None:
        self.parrots: list[Parrot] = []
        self.shelf = Shelf(folder)
        self.full = False
        self.address = f"unix:{folder}/grpc.sock"
        self.settings = Settings(self.address, 4096, 20_000, 3_000_000, "/v0/file/s/")

    def accept(self, outbox: Outbox, peer: Peer) -> Receiver | None:
        """One more session."""
        if self.full:
            return None
        self.parrots.append(Parrot(outbox, peer))
        return self.parrots[-1]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A running listener."""
    world = World(tmp_path)
    node = Node(world.accept, world.shelf, world.settings)
    server = transport.make_server(node, world.settings)
    await server.start()
    yield world
    await server.stop(None)


Loop = grpc.aio.StreamStreamCall[bytes, bytes]


async def read_all(call: Loop) -> None:
    """Read to the end."""
    while await call.read() != grpc.aio.EOF:
        pass


async def ctrl_of(call: Loop) -> pb.ServerCtrl:
    """The next {ctrl}."""
    raw = await call.read()
    assert isinstance(raw, bytes)
    return pb.ServerMsg.FromString(raw).ctrl


async def test_packets_in_packets_out(world: World) -> None:
    async with grpc.aio.insecure_channel(world.address) as channel:
        call: Loop = channel.stream_stream("/pbx.Node/MessageLoop")()
        await call.write(b"one")
        assert (await ctrl_of(call)).text == "hello"
        await call.write(b"two")
        await call.done_writing()
        assert (await ctrl_of(call)).code == 200
        assert await call.read() == grpc.aio.EOF
        assert await call.code() is grpc.StatusCode.OK
    assert world.parrots[0].heard == [b"one", b"two"]
    await world.parrots[0].ended.wait()


async def test_one_conversion_is_shared_by_all(world: World) -> None:
    frame = Frame(HELLO)
    streams = [transport.Stream(1000), transport.Stream(1000)]
    assert [stream.put(frame) for stream in streams] == [True, True]
    assert streams[0]._queue[0] is streams[1]._queue[0]


async def test_a_client_that_does_not_read_is_cut_at_once(world: World) -> None:
    """DEFECT 06-13: a half-dead session hung until the client said something more."""
    async with grpc.aio.insecure_channel(world.address) as channel:
        call: Loop = channel.stream_stream("/pbx.Node/MessageLoop")()
        await call.write(b"one")
        await call.read()
        outbox = world.parrots[0].outbox
        frame = Frame(HELLO[:-3] + b"x" * 5000 + HELLO[-3:])
        while outbox.put(frame):
            pass
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await read_all(call)
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        await world.parrots[0].ended.wait()


async def test_a_cut_stream_ends_the_session(world: World) -> None:
    async with grpc.aio.insecure_channel(world.address) as channel:
        call: Loop = channel.stream_stream("/pbx.Node/MessageLoop")()
        await call.write(b"one")
        await call.read()
        call.cancel()
    await world.parrots[0].ended.wait()


async def test_closing_sends_what_is_queued_first(world: World) -> None:
    """An evicted client is told so, then its stream ends."""
    async with grpc.aio.insecure_channel(world.address) as channel:
        call: Loop = channel.stream_stream("/pbx.Node/MessageLoop")()
        await call.write(b"one")
        await call.read()
        outbox = world.parrots[0].outbox
        outbox.put(Frame(HELLO.replace(b"hello", b"evicted")))
        outbox.close()
        assert not outbox.put(Frame(HELLO))
        assert (await ctrl_of(call)).text == "evicted"
        assert await call.read() == grpc.aio.EOF


async def test_a_held_client_is_not_read_from(world: World) -> None:
    async with grpc.aio.insecure_channel(world.address) as channel:
        call: Loop = channel.stream_stream("/pbx.Node/MessageLoop")()
        await call.write(b"one")
        await call.read()
        world.parrots[0].outbox.hold(True)
        await call.write(b"two")
        other: Loop = channel.stream_stream("/pbx.Node/MessageLoop")()
        await other.write(b"fence")
        await other.read()
        assert world.parrots[0].heard == [b"one"]
        world.parrots[0].outbox.hold(False)
        await call.read()
        assert world.parrots[0].heard == [b"one", b"two"]


async def test_a_full_server_says_unavailable(world: World) -> None:
    world.full = True
    async with grpc.aio.insecure_channel(world.address) as channel:
        call: Loop = channel.stream_stream("/pbx.Node/MessageLoop")()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_message_over_the_limit_ends_the_stream(world: World) -> None:
    """Paragraph 4.2."""
    async with grpc.aio.insecure_channel(world.address) as channel:
        call: Loop = channel.stream_stream("/pbx.Node/MessageLoop")()
        await call.write(b"x" * 5000)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def upload(world: World, *requests: pb.FileUpReq) -> pb.FileUpResp:
    """The answer to an upload."""
    async with grpc.aio.insecure_channel(world.address) as channel:
        call: grpc.aio.StreamUnaryMultiCallable[bytes, bytes]
        call = channel.stream_unary("/pbx.Node/LargeFileReceive")
        raw = [request.SerializeToString() for request in requests]
        return pb.FileUpResp.FromString(await call(iter(raw)))


async def download(world: World, request: pb.FileDownReq) -> list[pb.FileDownResp]:
    """The answers to a download."""
    async with grpc.aio.insecure_channel(world.address) as channel:
        call: grpc.aio.UnaryStreamMultiCallable[bytes, bytes]
        call = channel.unary_stream("/pbx.Node/LargeFileServe")
        answers = call(request.SerializeToString())
        return [pb.FileDownResp.FromString(raw) async for raw in answers]


@pytest.mark.parametrize("first", [b"", b"\x89PNG\r\n\x1a\n1"])
async def test_a_file_goes_up_and_comes_down_whole(world: World, first: bytes) -> None:
    """DEFECT 06-03: the first chunk was lost, the type was wrong.

    DEFECT 06-04: only the file's name.

    D-78.
    """
    meta = pb.FileMeta(name="a.png", mime_type="image/png")
    rest = b"\x89PNG\r\n\x1a\n" + b"2" * 1500
    sent = await upload(
        world,
        pb.FileUpReq(id="7", auth=AUTH, meta=meta, content=first),
        pb.FileUpReq(content=rest),
        pb.FileUpReq(content=b"3"),
    )
    whole = first + rest + b"3"
    assert (sent.id, sent.code, sent.text) == ("7", 200, "OK")
    assert (sent.meta.mime_type, sent.meta.size, sent.meta.etag) == (
        "image/png",
        len(whole),
        "etag",
    )
    came = await download(world, pb.FileDownReq(id="8", auth=AUTH, uri=sent.meta.name))
    assert b"".join(each.content for each in came) == whole
    assert {(e.code, e.text, e.meta.name) for e in came} == {
        (200, "OK", sent.meta.name.rpartition("/")[2])
    }


async def test_an_empty_file_is_one_message(world: World) -> None:
    """DEFECT 06-04: there was none."""
    world.shelf.kept["x" * 24] = "text/plain"
    (world.shelf.folder / ("x" * 24)).write_bytes(b"")
    came = await download(world, pb.FileDownReq(auth=AUTH, uri="/v0/file/s/" + "x" * 24))
    assert [(each.code, each.content) for each in came] == [(200, b"")]


async def test_whoever_does_not_say_who_it_is_is_refused(world: World) -> None:
    """DEFECT 06-02: the server crashed."""
    assert (await upload(world, pb.FileUpReq(id="1"))).code == 401
    bad = pb.Auth(scheme="token", secret="*")
    assert (await upload(world, pb.FileUpReq(id="1", auth=bad))).code == 400
    assert [each.code for each in await download(world, pb.FileDownReq(id="1"))] == [401]
    assert (await upload(world)).code == 408


async def test_too_large_missing_or_empty_files(world: World) -> None:
    big = [pb.FileUpReq(content=b"x" * 3000)] * 1001
    assert (await upload(world, pb.FileUpReq(id="1", auth=AUTH), *big)).code == 413
    assert (await upload(world, pb.FileUpReq(id="1", auth=AUTH))).code == 400
    for uri in ("/v0/file/s/" + "y" * 24, "../../etc/passwd", ""):
        came = await download(world, pb.FileDownReq(id="1", auth=AUTH, uri=uri))
        assert [(each.id, each.code) for each in came] == [("1", 404)]


def test_addresses_of_peers() -> None:
    assert transport._address("ipv4:127.0.0.1:5000") == "127.0.0.1"
    assert transport._address("ipv6:%5B::1%5D:5000") == "::1"
    assert transport._address("unix:") == ""


async def test_nobody_can_listen_twice(world: World) -> None:
    settings = Settings("127.0.0.1:1", 4096, 1, 1, "/")
    node = Node(world.accept, world.shelf, settings)
    with pytest.raises(CannotListen):
        transport.make_server(node, Settings("no.such.host.invalid:1", 4096, 1, 1, "/"))
    assert node is not None
