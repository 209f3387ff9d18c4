"""A bare client: says packets, hears packets, knows no rules."""

import base64
import itertools
import json
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from live import API_KEY

HEAR_S = 20.0
Packet = dict[str, Any]

_serial = itertools.count(1)


def fresh(name: str) -> str:
    """A log-in name nobody else has."""
    return f"{name}{next(_serial)}"


def secret(text: str) -> str:
    """`text` as the wire has it."""
    return base64.b64encode(text.encode()).decode()


def plain(ctrl: Packet) -> Packet:
    """A {ctrl} without its time, which must be one that every client can read."""
    ts = ctrl.pop("ts")
    assert len(ts) == len("2026-01-01T00:00:00.000Z"), ts
    assert ts.endswith("Z"), ts
    return ctrl


class Talk:
    """One connection to a server."""

    def __init__(self, port: int, *, greet: bool = True) -> None:
        url = f"ws://127.0.0.1:{port}/v0/channels?apikey={API_KEY}"
        self._stack = ExitStack()
        opening = connect(url, max_size=None, compression=None, open_timeout=20)
        self.ws: ClientConnection = self._stack.enter_context(opening)
        self.uid = ""
        self.token = ""
        if greet:
            assert self.ask("hi", ver="0.25")["code"] == 201

    def say(self, message: Packet | str | bytes) -> None:
        """Send one frame: text, or binary for bytes."""
        self.ws.send(json.dumps(message) if isinstance(message, dict) else message)

    def hear(self) -> Packet:
        """The next packet."""
        heard = json.loads(self.ws.recv(timeout=HEAR_S))
        assert isinstance(heard, dict)
        return heard

    def answer(self, ident: str) -> Packet:
        """The {ctrl} with this id; what comes before it is passed over."""
        while True:
            heard: Packet = self.hear().get("ctrl", {})
            if heard.get("id") == ident:
                return heard

    def rest(self) -> tuple[list[Packet], int]:
        """All that still comes, and the code the server closes with; 0: it says none."""
        heard: list[Packet] = []
        try:
            while True:
                heard.append(self.hear())
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 0
        return heard, code

    def ask(self, kind: str, **body: Any) -> Packet:
        """The {ctrl} that answers a packet."""
        ident = f"q{next(_serial)}"
        self.say({kind: {"id": ident, **body}})
        return self.answer(ident)

    def register(self, login: str, password: str = "password") -> Self:
        """Make an account and log in."""
        return self._become(
            self.ask(
                "acc", user="new", scheme="basic", secret=secret(f"{login}:{password}"), login=True
            )
        )

    def log_in(self, token: str) -> Self:
        """Log in by token."""
        return self._become(self.ask("login", scheme="token", secret=token))

    def _become(self, ctrl: Packet) -> Self:
        assert ctrl["code"] == 200, ctrl
        self.uid, self.token = ctrl["params"]["user"], ctrl["params"]["token"]
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()


def refuses(talk: Talk, message: Packet | str | bytes, **expected: object) -> None:
    """`talk` says `message`, gets exactly the {ctrl} `expected`, and can go on."""
    talk.say(message)
    heard = talk.hear()
    assert list(heard) == ["ctrl"]
    assert plain(heard["ctrl"]) == expected
    talk.say("1")
    assert talk.ws.recv() == "0"
