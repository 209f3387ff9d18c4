"""The chatbot of the original server, over gRPC: the same options, the same behaviour.

It answers every message with a line of a file, and hears of new accounts as a plug-in. Works with
every server that speaks Tinode's protocol: python quotes_grpc.py --login-basic tino:PASSWORD
"""

import argparse
import asyncio
import base64
import itertools
import json
import platform
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio

from chinwag.wire.pbx import model_pb2 as pb

AGAIN_S = 3.0  # until it connects again
THINKS_S = 0.1  # until it answers
REFUSED = 400
ALREADY, UNREACHABLE = 409, 502


def options(words: list[str] | None = None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description="Tino, the chatbot.")
    parser.add_argument("--host", default="localhost:16060", help="the server")
    parser.add_argument("--ssl", action="store_true", help="connect by TLS")
    parser.add_argument("--ssl-host", help="the name in the server's certificate")
    parser.add_argument("--listen", default="0.0.0.0:40051", help="where the plug-in is")
    parser.add_argument("--login-basic", help="user:password")
    parser.add_argument("--login-token", help="a token")
    parser.add_argument("--login-cookie", default=".tn-cookie", help="a file that has either")
    parser.add_argument("--quotes", default=str(Path(__file__).with_name("quotes.txt")))
    return parser.parse_args(words)


def credentials(given: argparse.Namespace) -> tuple[str, bytes] | None:
    """The scheme and the secret to log in with; None: there are none."""
    if given.login_token:
        return "token", base64.b64decode(given.login_token)
    if given.login_basic:
        return "basic", given.login_basic.encode()
    try:
        cookie = json.loads(Path(given.login_cookie).read_text(encoding="utf-8"))
        scheme, secret = cookie["schema"], cookie["secret"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return scheme, base64.b64decode(secret) if scheme == "token" else str(secret).encode()


class Rejected(Exception):
    """The server does not want us."""


class Tino:
    """One connection after the other, with the same log-in."""

    def __init__(self, login: tuple[str, bytes], cookie: Path, quotes: list[str]) -> None:
        self._login = login
        self._cookie = cookie
        self._quotes = quotes
        self._ids = itertools.count(101)
        self._asked: dict[str, tuple[str, str]] = {}  # what is to be answered: kind and topic
        self._attached: set[str] = set()
        self._answered_to: dict[str, int] = {}  # up to which message, in each topic
        self._out: asyncio.Queue[pb.ClientMsg | None] = asyncio.Queue()
        self._me = ""

    async def talk(self, channel: grpc.aio.Channel) -> None:
        """Serve until the stream ends. Raises Rejected, grpc.RpcError."""
        self._out, self._asked, self._attached = asyncio.Queue(), {}, set()
        agent = f"Tino-chatbot/1.2.3 ({platform.system()}/{platform.release()}); chinwag"
        self._ask("hi", user_agent=agent, ver="0.25", lang="EN")
        self._ask("login", scheme=self._login[0], secret=self._login[1])
        call = channel.stream_stream(
            "/pbx.Node/MessageLoop",
            request_serializer=pb.ClientMsg.SerializeToString,
            response_deserializer=pb.ServerMsg.FromString,
        )
        async for message in call(self._requests()):
            kind = message.WhichOneof("Message")
            if kind == "ctrl":
                self._answered(message.ctrl)
            elif kind == "pres" and message.pres.topic == "me":
                self._presence(message.pres)
            elif kind == "data":
                await self._heard(message.data)

    async def _requests(self) -> AsyncIterator[pb.ClientMsg]:
        while (message := await self._out.get()) is not None:
            yield message

    def _ask(self, kind: str, **body: Any) -> None:
        ident = str(next(self._ids))
        self._asked[ident] = (kind, body.get("topic", ""))
        self._out.put_nowait(pb.ClientMsg(**{kind: {"id": ident, **body}}))

    def _answered(self, ctrl: pb.ServerCtrl) -> None:
        kind, topic = self._asked.pop(ctrl.id, ("", ""))
        well = ctrl.code < REFUSED
        match kind:
            case "hi" if well:
                said = {key: json.loads(ctrl.params[key]) for key in ("build", "ver")}
                print("Server:", said["build"], said["ver"], flush=True)
            case "login" if well:
                self._entered({key: json.loads(value) for key, value in ctrl.params.items()})
            case "sub" if not well and topic != "me":
                self._attached.discard(topic)
            case "sub" if topic == "me" and ctrl.code == UNREACHABLE:
                self._out.put_nowait(None)
            case "hi" | "login" if ctrl.code != ALREADY:
                raise Rejected(f"{ctrl.code} {ctrl.text}")
            case "sub" if not well:
                raise Rejected(f"{ctrl.code} {ctrl.text}")

    def _entered(self, params: dict[str, Any]) -> None:
        self._me = str(params.get("user"))
        print("Logged in as", self._me, flush=True)
        kept = {**params, "schema": "token", "secret": params.get("token")}
        kept.pop("token", None)
        self._cookie.touch(0o600)
        self._cookie.write_text(json.dumps(kept), encoding="utf-8")
        self._ask("sub", topic="me")

    def _presence(self, pres: pb.ServerPres) -> None:
        came = pres.what in (pb.ServerPres.ON, pb.ServerPres.MSG)
        if came and pres.src not in self._attached:
            self._attached.add(pres.src)
            self._ask("sub", topic=pres.src)
        if pres.what == pb.ServerPres.MSG:  # it was said before we were there
            self._ask("get", topic=pres.src, query={"what": "data", "data": {"limit": 1}})
        elif pres.what == pb.ServerPres.OFF and pres.src in self._attached:
            self._attached.discard(pres.src)
            self._ask("leave", topic=pres.src)

    async def _heard(self, data: pb.ServerData) -> None:
        is_new = data.seq_id > self._answered_to.get(data.topic, 0)
        if data.from_user_id in (self._me, "") or not is_new:
            return
        self._answered_to[data.topic] = data.seq_id
        note = pb.ClientNote(topic=data.topic, what=pb.READ, seq_id=data.seq_id)
        self._out.put_nowait(pb.ClientMsg(note=note))
        await asyncio.sleep(THINKS_S)
        content = json.dumps(random.choice(self._quotes)).encode()
        head = {"auto": b"true"}
        self._ask("pub", topic=data.topic, no_echo=True, head=head, content=content)


async def account(request: bytes, _: Any) -> bytes:
    """Hear of an account."""
    event = pb.AccountEvent.FromString(request)
    what = ("created", "updated", "deleted")[min(event.action, 2)]
    print("Account", what, event.user_id, event.public.decode(), flush=True)
    return pb.Unused().SerializeToString()


async def main() -> None:
    """Connect, again and again, while the plug-in listens."""
    given = options()
    login = credentials(given)
    if login is None:
        sys.exit("Who is the bot? Say --login-basic, --login-token or --login-cookie.")
    quotes = lines_of(Path(given.quotes))
    plugin = grpc.aio.server()
    methods = {"Account": grpc.unary_unary_rpc_method_handler(account)}
    plugin.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("pbx.Plugin", methods)])
    plugin.add_insecure_port(given.listen)
    await plugin.start()
    tino = Tino(login, Path(given.login_cookie), quotes)
    try:
        await serve(tino, given)
    except Rejected as rejected:
        sys.exit(f"The server refuses: {rejected}.")
    finally:
        await plugin.stop(None)


async def serve(tino: Tino, given: argparse.Namespace) -> None:
    """Connect again whenever the connection ends. Raises Rejected."""
    while True:
        try:
            async with channel_to(given) as channel:
                await tino.talk(channel)
        except grpc.RpcError as error:
            print("Lost:", error.code(), flush=True)
        await asyncio.sleep(AGAIN_S)


def lines_of(file: Path) -> list[str]:
    """The lines of a file that are not empty."""
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def channel_to(given: argparse.Namespace) -> grpc.aio.Channel:
    """The way to the server."""
    if not given.ssl:
        return grpc.aio.insecure_channel(given.host)
    name = [("grpc.ssl_target_name_override", given.ssl_host)] if given.ssl_host else None
    return grpc.aio.secure_channel(given.host, grpc.ssl_channel_credentials(), options=name)


if __name__ == "__main__":
    asyncio.run(main())
