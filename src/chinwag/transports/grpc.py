"""The protocol for programs: gRPC, on a listener of its own.

A stream is a session like any other; its frames are converted once and their bytes are shared.
Source: specification 06, paragraphs 1, 4 and 5.
"""

import asyncio
import base64
import binascii
import logging
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from chinwag.core import ids
from chinwag.core.errors import Refused
from chinwag.ports import Accept, Frame, Peer, TooLarge, Uploads
from chinwag.transports.sniff import sniff
from chinwag.wire import ctrl, protobuf
from chinwag.wire.pbx import model_pb2 as pb

log = logging.getLogger(__name__)

CHUNK: Final = 1 << 20  # bytes of one message of a download
QUIET_S: Final = 0.2  # of silence after which a client that has said all is let go
LINGER_S: Final = 3.0  # longest time to answer such a client
PING_MS: Final = 60_000  # of idleness until the server asks whether the client is there
PONG_MS: Final = 20_000
CLIENT_PING_MS: Final = 1_000  # clients may ask this often
Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the listener is and what it lets through."""

    listen: str  # HOST:PORT or unix:PATH
    size_max: int  # bytes of one message
    backlog_max: int  # unsent bytes of one client
    file_max: int  # bytes of one uploaded file; 0: no uploads
    serve_prefix: str  # such as /v0/file/s/
    certificate: bytes = b""  # PEM; empty: no TLS
    key: bytes = b""


class Stream:
    """One client's stream; an Outbox for its session."""

    def __init__(self, backlog_max: int) -> None:
        self._backlog_max = backlog_max
        self._queue: deque[bytes] = deque()
        self._size = 0
        self._news = asyncio.Event()
        self._reading = asyncio.Event()
        self._reading.set()
        self.closing = False
        self.overflow = False

    def put(self, frame: Frame) -> bool:
        """Queue `frame`; False: the client is gone or too slow."""
        if self.closing:
            return False
        if frame.packed is None:
            frame.packed = protobuf.encode(frame.body)
        self._queue.append(frame.packed)
        self._size += len(frame.packed)
        if self._size > self._backlog_max:
            log.info("slow_client_closed")
            self.overflow = self.closing = True
        self._news.set()
        return not self.overflow

    def put_all(self, frames: Sequence[Frame]) -> bool:
        """Queue `frames`, likewise."""
        return all(map(self.put, frames))

    def close(self) -> None:
        """Send what is queued, then end the stream."""
        self.closing = True
        self._reading.set()
        self._news.set()

    def hold(self, on: bool) -> None:
        """Stop reading from the client, or go on."""
        if on:
            self._reading.clear()
        else:
            self._reading.set()

    async def may_read(self) -> None:
        """Wait until the session takes more."""
        await self._reading.wait()

    async def write_all(self, context: Context) -> None:
        """Send what is queued until the stream is to end."""
        while not self.overflow:
            while self._queue and not self.overflow:
                packed = self._queue.popleft()
                self._size -= len(packed)
                await context.write(packed)
            if self.closing:
                return
            self._news.clear()
            await self._news.wait()

    async def fall_silent(self) -> None:
        """Wait until nothing more seems to come for a client that has said all it had to say."""
        loop = asyncio.get_running_loop()
        end = loop.time() + LINGER_S
        while loop.time() < end and not self.closing:
            self._news.clear()
            try:
                async with asyncio.timeout(QUIET_S):
                    await self._news.wait()
            except TimeoutError:
                if not self._queue:
                    return


class Node:
    """The service that clients call."""

    def __init__(self, accept: Accept, uploads: Uploads, settings: Settings) -> None:
        self._accept = accept
        self._uploads = uploads
        self._settings = settings

    # --- packets ---------------------------------------------------------------------------

    async def message_loop(self, requests: AsyncIterator[bytes], context: Context) -> None:
        """Serve MessageLoop: one session."""
        stream = Stream(self._settings.backlog_max)
        session = self._accept(stream, Peer(_address(context.peer()), "grpc"))
        if session is None:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the server is full or stopping")
            return
        loop = asyncio.get_running_loop()
        reader = loop.create_task(self._read(requests, stream, session.feed))
        writer = loop.create_task(stream.write_all(context))
        try:
            await asyncio.wait([reader, writer], return_when=asyncio.FIRST_COMPLETED)
            if not writer.done():
                await stream.fall_silent()
                stream.close()
            if not stream.overflow:
                await writer
        finally:
            reader.cancel()
            writer.cancel()
            session.gone()
        if stream.overflow:  # the client is told at once, and comes back (DEFECT 13)
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "too much lies unread")

    @staticmethod
    async def _read(requests: AsyncIterator[bytes], stream: Stream, feed: Any) -> None:
        async for request in requests:
            await stream.may_read()
            if stream.closing:
                return
            feed(request)

    # --- files -----------------------------------------------------------------------------

    async def receive(self, requests: AsyncIterator[bytes], context: Context) -> bytes:
        """Serve LargeFileReceive: take one file (DEFECTs 2 and 3)."""
        ident = ""
        try:
            first = await anext(aiter(requests), None)
            if first is None:
                return _up(ident, 408, "disconnected")
            head = pb.FileUpReq.FromString(first)
            ident = head.id
            uid = await self._user(head.auth, context)
            return await self._keep(head, uid, requests)
        except DecodeError:
            return _up(ident, *ctrl.MALFORMED)
        except TooLarge:
            return _up(ident, *ctrl.TOO_LARGE)
        except Refused as refused:
            return _up(ident, *refused.reply)

    async def _keep(self, head: pb.FileUpReq, uid: str, requests: AsyncIterator[bytes]) -> bytes:
        if not self._settings.file_max:
            raise Refused(ctrl.NOT_IMPLEMENTED)
        self._uploads.admit(uid, "")
        chunks = _contents(head, requests)
        first = await anext(chunks, b"")
        if not first:
            raise Refused(ctrl.MALFORMED)
        mime = sniff(first)
        if mime in ("application/octet-stream", "text/plain") and head.meta.mime_type:
            mime = head.meta.mime_type.partition(";")[0].strip().lower()

        async def whole() -> AsyncIterator[bytes]:
            yield first
            async for chunk in chunks:
                yield chunk

        fid = await self._uploads.save(uid, mime, whole(), self._settings.file_max)
        found = await self._uploads.find(fid)
        assert found is not None
        meta = pb.FileMeta(
            name=self._settings.serve_prefix + fid,
            mime_type=found.mime,
            etag=found.etag,
            size=found.path.stat().st_size,
        )
        return pb.FileUpResp(id=head.id, code=200, text="OK", meta=meta).SerializeToString()

    async def serve(self, request: bytes, context: Context) -> None:
        """Serve LargeFileServe: give one file (DEFECT 4)."""
        ident = ""
        try:
            asked = pb.FileDownReq.FromString(request)
            ident = asked.id
            await self._user(asked.auth, context)
            await self._give(asked, context)
        except DecodeError:
            await context.write(_down(ident, *ctrl.MALFORMED))
        except Refused as refused:
            await context.write(_down(ident, *refused.reply))

    async def _give(self, asked: pb.FileDownReq, context: Context) -> None:
        path = urlsplit(asked.uri).path
        fid = ids.file_id(path)
        found = await self._uploads.find(fid) if fid else None
        if found is None or not found.path.is_file():
            raise Refused(ctrl.NOT_FOUND)
        size = found.path.stat().st_size
        meta = pb.FileMeta(name=path.rpartition("/")[2], mime_type=found.mime, size=size)
        with found.path.open("rb") as file:
            while True:
                chunk = await asyncio.to_thread(file.read, CHUNK)
                if chunk or file.tell() == 0:
                    answer = pb.FileDownResp(code=200, text="OK", meta=meta, content=chunk)
                    await context.write(answer.SerializeToString())
                if len(chunk) < CHUNK:
                    return

    async def _user(self, auth: pb.Auth, context: Context) -> str:
        if not auth.scheme:
            raise Refused(ctrl.AUTH_REQUIRED)
        try:
            secret = base64.b64decode(auth.secret, validate=True)
        except (binascii.Error, ValueError):
            raise Refused(ctrl.MALFORMED) from None
        return await self._uploads.user(auth.scheme, secret, _address(context.peer()))


async def _contents(head: pb.FileUpReq, requests: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if head.content:
        yield head.content
    async for raw in requests:
        content = pb.FileUpReq.FromString(raw).content
        if content:
            yield content


def _up(ident: str, code: int, text: str) -> bytes:
    return pb.FileUpResp(id=ident, code=code, text=text).SerializeToString()


def _down(ident: str, code: int, text: str) -> bytes:
    return pb.FileDownResp(id=ident, code=code, text=text).SerializeToString()


def _address(peer: str) -> str:
    """The address in what gRPC calls a peer, such as `ipv4:127.0.0.1:5000`."""
    kind, _, rest = peer.partition(":")
    if kind == "unix":
        return ""
    return rest.replace("%5B", "[").replace("%5D", "]").rpartition(":")[0].strip("[]")


# --- the listener ---------------------------------------------------------------------------


class CannotListen(Exception):
    """Nobody can listen there."""


def make_server(node: Node, settings: Settings) -> grpc.aio.Server:
    """A listener that is not started yet. Raises CannotListen."""
    server = grpc.aio.server(
        options=[
            ("grpc.max_receive_message_length", settings.size_max),
            ("grpc.keepalive_time_ms", PING_MS),
            ("grpc.keepalive_timeout_ms", PONG_MS),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.min_recv_ping_interval_without_data_ms", CLIENT_PING_MS),
            ("grpc.so_reuseport", 0),
        ]
    )
    methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
        "MessageLoop": grpc.stream_stream_rpc_method_handler(node.message_loop),
        "LargeFileReceive": grpc.stream_unary_rpc_method_handler(node.receive),
        "LargeFileServe": grpc.unary_stream_rpc_method_handler(node.serve),
    }
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("pbx.Node", methods)])
    try:
        if settings.certificate:
            credentials = grpc.ssl_server_credentials([(settings.key, settings.certificate)])
            bound = server.add_secure_port(settings.listen, credentials)
        else:
            bound = server.add_insecure_port(settings.listen)
    except RuntimeError:
        bound = 0
    if not bound and not settings.listen.startswith("unix:"):
        raise CannotListen(settings.listen)
    return server
