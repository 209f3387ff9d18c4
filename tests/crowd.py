"""Many real clients at once: they flood topics and upload files, and note what was acknowledged."""

import asyncio
import base64
import contextlib
import hashlib
import json
import random
import urllib.error
import urllib.request
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from live import API_KEY
from polls import Polling

WINDOW = 8  # messages of one author that wait for their acknowledgement
PAGE = 100
ASK_S = 30.0
DIGEST = 32  # bytes
LOST = (ConnectionClosed, InvalidHandshake, ConnectionError, EOFError, asyncio.IncompleteReadError)
AGAIN_S = 0.1  # before a message that was not accepted is sent once more
Packet = dict[str, Any]


class Wire(AsyncIterable[Any], Protocol):
    """A connection to the server."""

    async def send(self, message: str) -> None:
        """Say something."""

    async def close(self) -> None:
        """End it."""


class Words(NamedTuple):
    """A message with what tells the server that it comes again."""

    text: str
    id: str  # empty: a new one for each attempt
    head: Packet | None


@dataclass(slots=True)
class Diary:
    """What the clients of a topic know for certain."""

    sent: dict[str, str] = field(default_factory=dict)  # text: who sent it
    again: set[str] = field(default_factory=set)  # texts that were sent more than once
    unsure: dict[str, list[Words]] = field(default_factory=dict)  # by author: answers were lost
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

    def __init__(self, ws: Wire) -> None:
        self.ws = ws
        self.uid = ""
        self.token = ""
        self.data: list[Packet] = []
        self.metas: list[Packet] = []
        self.diaries: dict[str, Diary] = {}  # by the name of the topic
        self._newest: dict[str, int] = {}
        self._waiting: dict[str, asyncio.Future[Packet]] = {}
        self._serial = 0
        self.lost = False
        self.enough = False  # whoever floods says no more that is new
        self._reader = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        try:
            async for raw in self.ws:
                self._take(json.loads(raw))
        finally:
            self.lost = True
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
        ident = body.setdefault("id", f"q{self._serial}")
        answer: asyncio.Future[Packet] = asyncio.get_running_loop().create_future()
        if self.lost:
            answer.set_exception(ConnectionError("the connection is lost"))
            return answer
        self._waiting[ident] = answer
        packet = json.dumps({kind: body})
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
async def session(
    port: int, person: Person | None = None, *, polls: bool = False
) -> AsyncIterator[Client]:
    """A connection that has said {hi} and, as `person`, is logged in."""
    client = Client(await (Polling.open(port) if polls else _websocket(port)))
    try:
        await client.get("hi", ver="0.25", ua="Crowd/1.0")
        if person is not None:
            await client.get("login", scheme="token", secret=person.token)
            client.uid = person.uid
        yield client
    finally:
        await client.close()


async def _websocket(port: int) -> Wire:
    url = f"ws://127.0.0.1:{port}/v0/channels?apikey={API_KEY}"
    return await connect(
        url, max_size=None, compression=None, open_timeout=ASK_S, ping_interval=None
    )


async def register(port: int, name: str) -> Person:
    """A new account."""
    secret = base64.b64encode(f"{name}:password".encode()).decode()
    async with session(port) as client:
        made = await client.get("acc", user="new", scheme="basic", secret=secret, login=True)
    return Person(name, made["params"]["user"], made["params"]["token"])


class Talker:
    """Somebody who floods a topic, WINDOW messages ahead, until the connection is lost.

    What was not answered, or not accepted for lack of a database, is said again: some messages
    are then known by their id, the others by the name in their head (DEFECT D01).
    """

    def __init__(
        self, client: Client, topic: str, diary: Diary, rng: random.Random, mark: str
    ) -> None:
        self._client, self._topic, self._diary = client, topic, diary
        self._rng, self._mark = rng, mark
        self._number = 0
        self._before = diary.unsure.pop(client.uid, [])
        diary.again.update(words.text for words in self._before)

    async def run(self) -> None:
        """Talk until the connection is lost, or until it is enough."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WINDOW):
                group.create_task(self._talk())
        self._diary.unsure.setdefault(self._client.uid, []).extend(self._before)

    async def _talk(self) -> None:
        while (words := self._next()) is not None:
            await self._insist(words)
            if self._rng.random() < 0.02:
                await asyncio.sleep(self._rng.random() / 50)

    def _next(self) -> Words | None:
        """What to say next."""
        if self._client.lost:
            return None
        if self._before:
            return self._before.pop()
        if self._client.enough:
            return None
        self._number += 1
        name = f"{self._mark} {self._number}"
        text = f"{name} {'x' * self._rng.randrange(300)}"
        self._diary.sent[text] = self._client.uid
        if self._rng.random() < 0.5:
            return Words(text, name, None)
        return Words(text, "", {"x-once": name})

    async def _insist(self, words: Words) -> None:
        """Say it until it is accepted or the connection is lost."""
        while not await self._accepted(words):
            if self._client.lost:
                self._diary.unsure.setdefault(self._client.uid, []).append(words)
                return
            self._diary.again.add(words.text)
            await asyncio.sleep(AGAIN_S)

    async def _accepted(self, words: Words) -> bool:
        """Say it once; False: nobody knows what became of it."""
        packet: Packet = {"topic": self._topic, "noecho": True, "content": words.text}
        packet |= {"id": words.id} if words.id else {}
        packet |= {"head": words.head} if words.head else {}
        diary = self._diary
        try:
            answer = await asyncio.wait_for(self._client.ask("pub", **packet), ASK_S)
        except ConnectionError:
            return False
        except TimeoutError:
            diary.faults.append(f"no answer to {words.text[:40]}")
            return True
        if answer["code"] == 202:
            diary.note("acknowledged", diary.acknowledged, answer["params"]["seq"], words.text)
        elif answer["code"] != 503:
            diary.faults.append(f"{words.text[:40]} is refused: {answer}")
        return bool(answer["code"] != 503)


async def history(client: Client, topic: str, since: int = 0) -> list[Packet]:
    """All messages of an attached topic from `since` on in their order, fetched page by page."""
    found: list[Packet] = []
    before = 0
    while True:
        client.data.clear()
        wanted = {"since": since, "before": before, "limit": PAGE}
        await client.get("get", topic=topic, what="data", data=wanted)
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
    """Upload a file in two halves; its path on the server, empty: there is no database."""
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
    if b" 503 " in head[:20]:
        return ""
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
