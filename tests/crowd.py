"""Many real clients at once: they flood topics and upload files, and note what was acknowledged."""

import asyncio
import base64
import contextlib
import hashlib
import json
import random
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from live import API_KEY

WINDOW = 8  # messages of one author that wait for their acknowledgement
PAGE = 100
ASK_S = 30.0
DIGEST = 32  # bytes
LOST = (ConnectionClosed, InvalidHandshake, ConnectionError, EOFError, asyncio.IncompleteReadError)
Packet = dict[str, Any]


@dataclass(slots=True)
class Diary:
    """What the clients of a topic know for certain."""

    sent: dict[str, str] = field(default_factory=dict)  # text: who sent it
    acknowledged: dict[int, str] = field(default_factory=dict)  # seq: text
    seen: dict[int, str] = field(default_factory=dict)  # seq: text, by anybody who listened
    faults: list[str] = field(default_factory=list)

    def note(self, kind: str, known: dict[int, str], seq: int, text: str) -> None:
        """Enter `text` at `seq`; a second text at the same seq is a fault."""
        if known.setdefault(seq, text) != text:
            self.faults.append(f"{kind} twice at {seq}: {known[seq]} and {text}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    name: str
    uid: str
    token: str


class Client:
    """One connection; replies go to those who asked, messages into the diaries."""

    def __init__(self, ws: ClientConnection) -> None:
        self.ws = ws
        self.uid = ""
        self.token = ""
        self.data: list[Packet] = []
        self.metas: list[Packet] = []
        self.diaries: dict[str, Diary] = {}  # by the name of the topic
        self._newest: dict[str, int] = {}
        self._waiting: dict[str, asyncio.Future[Packet]] = {}
        self._serial = 0
        self._lost = False
        self._reader = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        try:
            async for raw in self.ws:
                self._take(json.loads(raw))
        finally:
            self._lost = True
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionError("the connection is lost"))
                    waiting.exception()  # it may be that nobody asks any more

    def _take(self, packet: Packet) -> None:
        match packet:
            case {"ctrl": {"id": ident, **_rest}} if ident in self._waiting:
                waiting = self._waiting.pop(ident)
                if not waiting.done():
                    waiting.set_result(packet["ctrl"])
            case {"data": data}:
                self.data.append(data)
                self._listen(data)
            case {"meta": meta}:
                self.metas.append(meta)

    def _listen(self, data: Packet) -> None:
        diary = self.diaries.get(data["topic"])
        if diary is None:
            return
        seq = data["seq"]
        if seq <= self._newest.get(data["topic"], 0):
            diary.faults.append(f"{self.uid} hears {seq} after {self._newest[data['topic']]}")
        self._newest[data["topic"]] = seq
        diary.note("heard", diary.seen, seq, data["content"])

    def ask(self, kind: str, **body: Any) -> "asyncio.Future[Packet]":
        """Send a packet; its {ctrl}."""
        self._serial += 1
        ident = f"q{self._serial}"
        answer: asyncio.Future[Packet] = asyncio.get_running_loop().create_future()
        if self._lost:
            answer.set_exception(ConnectionError("the connection is lost"))
            return answer
        self._waiting[ident] = answer
        packet = json.dumps({kind: {"id": ident, **body}})
        sending = asyncio.ensure_future(self.ws.send(packet))
        sending.add_done_callback(lambda done: done.cancelled() or done.exception())
        return answer

    async def get(self, kind: str, **body: Any) -> Packet:
        """The {ctrl} of a packet, which must be a success."""
        answer = await asyncio.wait_for(self.ask(kind, **body), ASK_S)
        if answer["code"] >= 400:
            raise AssertionError(f"{kind} {body}: {answer}")
        return answer

    async def close(self) -> None:
        """Say goodbye."""
        await self.ws.close()
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError, *LOST):
            await self._reader


@contextlib.asynccontextmanager
async def session(port: int, person: Person | None = None) -> AsyncIterator[Client]:
    """A connection that has said {hi} and, as `person`, is logged in."""
    url = f"ws://127.0.0.1:{port}/v0/channels?apikey={API_KEY}"
    ws = await connect(url, max_size=None, compression=None, open_timeout=ASK_S, ping_interval=None)
    client = Client(ws)
    try:
        await client.get("hi", ver="0.25", ua="Crowd/1.0")
        if person is not None:
            await client.get("login", scheme="token", secret=person.token)
            client.uid = person.uid
        yield client
    finally:
        await client.close()


async def register(port: int, name: str) -> Person:
    """A new account."""
    secret = base64.b64encode(f"{name}:password".encode()).decode()
    async with session(port) as client:
        made = await client.get("acc", user="new", scheme="basic", secret=secret, login=True)
    return Person(name, made["params"]["user"], made["params"]["token"])


async def flood(client: Client, topic: str, diary: Diary, rng: random.Random, mark: str) -> None:
    """Publish to `topic` until the connection is lost, WINDOW messages ahead."""
    room = asyncio.Semaphore(WINDOW)
    lost = asyncio.Event()
    number = 0

    def answered(text: str, answer: "asyncio.Future[Packet]") -> None:
        room.release()
        if answer.exception() is not None:
            lost.set()
            room.release()
        elif answer.result()["code"] == 202:
            diary.note("acknowledged", diary.acknowledged, answer.result()["params"]["seq"], text)

    while not lost.is_set():
        await room.acquire()
        number += 1
        text = f"{mark} {number} {'x' * rng.randrange(300)}"
        diary.sent[text] = client.uid
        pub = client.ask("pub", topic=topic, noecho=True, content=text)
        pub.add_done_callback(lambda answer, text=text: answered(text, answer))  # type: ignore[misc]
        if rng.random() < 0.02:
            await asyncio.sleep(rng.random() / 50)


async def history(client: Client, topic: str) -> list[Packet]:
    """All messages of an attached topic in the order of their seqs, fetched page by page."""
    found: list[Packet] = []
    before = 0
    while True:
        client.data.clear()
        await client.get("get", topic=topic, what="data", data={"before": before, "limit": PAGE})
        if not client.data:
            return sorted(found, key=lambda data: int(data["seq"]))
        found += client.data
        before = min(data["seq"] for data in client.data)


# --- files ----------------------------------------------------------------------------------


def proven(body: bytes) -> bytes:
    """A file that shows whether all of it is there."""
    return hashlib.sha256(body).digest() + body


def whole(content: bytes) -> bool:
    """Whether `content` is all of a file made by `proven`."""
    return hashlib.sha256(content[DIGEST:]).digest() == content[:DIGEST]


async def upload(port: int, person: Person, content: bytes, pause_s: float) -> str:
    """Upload a file in two halves; its path on the server."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        body += content + b"\r\n--b--\r\n"
        writer.write(_head("POST", "/v0/file/u/", person, len(body)))
        half = len(body) // 2
        writer.write(body[:half])
        await writer.drain()
        await asyncio.sleep(pause_s)
        writer.write(body[half:])
        head = await reader.readuntil(b"\r\n\r\n")
        answer = await reader.readuntil(b"}\n")
    finally:
        writer.close()
    if b" 200 " not in head[:20]:
        raise AssertionError(f"upload: {head!r} {answer!r}")
    return str(json.loads(answer)["ctrl"]["params"]["url"])


def _head(method: str, path: str, person: Person, size: int) -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: x\r\nX-Tinode-APIKey: {API_KEY}\r\n"
        f"X-Tinode-Auth: token {person.token}\r\nContent-Length: {size}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    ).encode()


def download(port: int, person: Person, path: str) -> bytes | None:
    """The content of a file; None: it is not there."""
    headers = {"X-Tinode-APIKey": API_KEY, "X-Tinode-Auth": f"token {person.token}"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", None, headers)
    try:
        with urllib.request.urlopen(request, timeout=ASK_S) as response:
            return bytes(response.read())
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 404:
            return None
        raise
