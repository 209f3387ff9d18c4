"""Those who attack: over WebSocket, with broken HTTP, with uploads."""

import asyncio
import base64
import contextlib
import json
from random import Random
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from fuzz.oracle import Oracle
from fuzz.packets import Maker, Pools
from live import API_KEY

HI = {"hi": {"id": "hi", "ver": "0.25", "ua": "Fuzz/1.0"}}
LOST = (ConnectionClosed, InvalidHandshake, OSError, TimeoutError)


async def session(port: int) -> ClientConnection:
    """A connection that has said nothing yet."""
    url = f"ws://127.0.0.1:{port}/v0/channels?apikey={API_KEY}"
    return await connect(url, max_size=None, compression=None, open_timeout=20)


async def ask(ws: ClientConnection, packet: dict[str, Any]) -> dict[str, Any]:
    """Say `packet` and wait for the {ctrl} that bears its id."""
    ident = next(iter(packet.values()))["id"]
    await ws.send(json.dumps(packet))
    async with asyncio.timeout(20):
        while True:
            heard = json.loads(await ws.recv())
            if heard.get("ctrl", {}).get("id") == ident:
                return dict(heard["ctrl"])


def new_account(login: str, password: str, **more: Any) -> dict[str, Any]:
    """The {acc} that registers somebody and logs in."""
    secret = base64.b64encode(f"{login}:{password}".encode()).decode()
    acc = {"id": "acc", "user": "new", "scheme": "basic", "secret": secret, "login": True, **more}
    return {"acc": acc}


class Attacker:
    """One hostile user with several sessions, one of them not logged in."""

    def __init__(self, port: int, rng: Random, pools: Pools, oracle: Oracle, number: int) -> None:
        self.port, self.pools, self.oracle = port, pools, oracle
        self.rng = rng
        self.mark = f"MK{number:03d}"
        self.token = ""
        self.sent = 0

    async def run(self) -> None:
        """Attack until cancelled; a session that is closed is followed by the next one."""
        async with asyncio.TaskGroup() as group:
            for logged_in in (True, True, False):
                group.create_task(self._sessions(logged_in))

    async def _sessions(self, logged_in: bool) -> None:
        while True:
            with contextlib.suppress(*LOST):
                await self._session(logged_in)
            await asyncio.sleep(0.05)

    async def _session(self, logged_in: bool) -> None:
        maker = Maker(Random(self.rng.random()), self.pools, self.mark)
        ws = await session(self.port)
        reader = None
        try:
            if self.rng.random() < 0.9:
                await ask(ws, HI)
            if logged_in:
                await self._log_in(ws)
            reader = asyncio.get_running_loop().create_task(self._listen(ws, logged_in))
            for _ in range(self.rng.randrange(20, 400)):
                raw = maker.message()
                await ws.send(raw if self.rng.random() < 0.1 else raw.decode("utf-8", "replace"))
                self.sent += 1
                await asyncio.sleep(0.004)
        finally:
            if reader is not None:
                reader.cancel()
            await ws.close()

    async def _log_in(self, ws: ClientConnection) -> None:
        if self.token:
            login = {"login": {"id": "in", "scheme": "token", "secret": self.token}}
            found = await ask(ws, login)
            if found["code"] < 300:
                return
        name = f"{self.mark.lower()}{self.rng.randrange(10**9)}"
        found = await ask(ws, new_account(name, "secret99"))
        if found["code"] < 300:
            self.token = found["params"]["token"]
            self.pools.learn(self.pools.uids, found["params"]["user"])
            self.pools.learn(self.pools.topics, found["params"]["user"])

    async def _listen(self, ws: ClientConnection, logged_in: bool) -> None:
        async for frame in ws:
            text = frame if isinstance(frame, str) else frame.decode()
            message = self.oracle.check(text, self.mark if logged_in else "")
            ctrl = message.get("ctrl", {}) if isinstance(message, dict) else {}
            name = ctrl.get("topic", "")
            if name.startswith(("grp", "chn")):
                self.pools.learn(self.pools.topics, name)


# --- HTTP -----------------------------------------------------------------------------------


async def raw_http(port: int, rng: Random, pools: Pools, oracle: Oracle) -> None:
    """Send broken requests until cancelled."""
    while True:
        with contextlib.suppress(*LOST, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(_request(rng, pools))
                await writer.drain()
                async with asyncio.timeout(1):
                    oracle.check_bytes(await reader.read(1 << 20))
            finally:
                writer.close()
        await asyncio.sleep(0.02)


def _request(rng: Random, pools: Pools) -> bytes:
    paths = ("/", "/v0/channels", "/v0/file/u/", rng.choice(pools.urls), "/../etc/passwd", "/%00")
    path = rng.choice((*paths, "/v0/channels/lp", "/" + "a" * 9000, "http://x/y", "*", ""))
    method = rng.choice(("GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "BREW", "", "PRI"))
    version = rng.choice(("HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9", ""))
    headers = rng.sample(_HEADERS, rng.randrange(len(_HEADERS)))
    head = f"{method} {path} {version}\r\n" + "".join(f"{h}\r\n" for h in headers) + "\r\n"
    raw = head.encode("latin-1") + _body(rng)
    if rng.random() < 0.2:
        raw = rng.randbytes(rng.randrange(500))
    return raw[: rng.randrange(len(raw) + 1)] if rng.random() < 0.2 else raw


_HEADERS = (
    "Host: x",
    "Connection: Upgrade",
    "Connection: keep-alive",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Version: 8",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Key: short",
    f"X-Tinode-APIKey: {API_KEY}",
    "X-Tinode-APIKey: bad",
    "X-Tinode-Auth: token AAAA",
    "Authorization: Basic \xff",
    "Cookie: apikey=; auth=token; secret=%00",
    "Content-Length: 10",
    "Content-Length: -1",
    "Content-Length: 99999999999",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: chunked, chunked",
    "Content-Type: multipart/form-data; boundary=B",
    "Content-Type: multipart/form-data",
    "Range: bytes=5-1",
    "Range: bytes=0-0,1-1,-1",
    "Expect: 100-continue",
    "X: " + "y" * 8000,
    "no colon",
    ": no name",
)


def _body(rng: Random) -> bytes:
    part = (
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="../../x"\r\n\r\n<html>\r\n'
    )
    wholes = (
        b"",
        part + b"--B--\r\n",
        part,
        part * 20 + b"--B--",
        b"--B\r\n\r\n\r\n--B--\r\n",
        b"5\r\nhello\r\n0\r\n\r\n",
        b"fffffffff\r\nx",
        b"-5\r\n",
        b'{"hi":{"id":"1","ver":"0.25"}}',
        b"\x81\x05hello",
    )
    return rng.choice(wholes)


async def uploads(port: int, rng: Random, pools: Pools, oracle: Oracle) -> None:
    """Upload hostile forms as somebody who is logged in, and look at what can be fetched."""
    token = ""
    while True:
        with contextlib.suppress(*LOST, asyncio.IncompleteReadError):
            if not token:
                ws = await session(port)
                await ask(ws, HI)
                found = await ask(ws, new_account(f"up{rng.randrange(10**12)}", "secret99"))
                token = found.get("params", {}).get("token", "")
                await ws.close()
            await _upload(port, rng, pools, oracle, token)
        await asyncio.sleep(0.05)


async def _upload(port: int, rng: Random, pools: Pools, oracle: Oracle, token: str) -> None:
    names = (b'name="file"', b'name="topic"', b'name=""', b'name="file"; filename="\xff\x00.html"')
    types = (b"", b"Content-Type: text/html\r\n", b"Content-Type: image/svg+xml\r\n", b"Bad\r\n")
    content = rng.choice((b"", b"<script>", b"\x89PNG\r\n\x1a\n", rng.randbytes(3000), b"--B--"))
    body = b"".join(
        b"--B\r\nContent-Disposition: form-data; " + rng.choice(names) + b"\r\n"
        + rng.choice(types) + b"\r\n" + content + b"\r\n"
        for _ in range(rng.randrange(4))
    ) + rng.choice((b"--B--\r\n", b"", b"--B"))  # fmt: skip
    length = len(body) + rng.choice((0, 0, 0, -2, 5))
    head = (
        f"POST /v0/file/u/ HTTP/1.1\r\nHost: x\r\nX-Tinode-APIKey: {API_KEY}\r\n"
        f"X-Tinode-Auth: token {token}\r\nContent-Type: multipart/form-data; boundary=B\r\n"
        f"Content-Length: {length}\r\nConnection: close\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(head.encode() + body)
        await writer.drain()
        async with asyncio.timeout(1):
            answer = await reader.read(1 << 20)
    finally:
        writer.close()
    oracle.check_bytes(answer)
    start = answer.find(b'"url":"')
    if start >= 0:
        pools.learn(pools.urls, answer[start + 7 :].partition(b'"')[0].decode())
