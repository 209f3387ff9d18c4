"""A stage for operations: real topics and a real store, clients that remember what they hear."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from typing import Any, Concatenate, ParamSpec, TypeVar

from chinwag.core import ids, modes
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.limits import Limits
from chinwag.core.state import Level, User
from chinwag.engine import load
from chinwag.engine.codes import Codes
from chinwag.engine.hub import Hub
from chinwag.engine.request import Request
from chinwag.engine.services import Services
from chinwag.engine.session import Session
from chinwag.engine.sessions import Sessions
from chinwag.engine.tasks import Tasks
from chinwag.engine.tokens import Tokens
from chinwag.engine.topic import Lost
from chinwag.plugins.auth_anonymous import AnonymousAuth
from chinwag.plugins.auth_basic import BasicAuth
from chinwag.plugins.auth_code import CodeAuth
from chinwag.plugins.auth_token import TokenAuth
from chinwag.plugins.passwords import Argon2Passwords
from chinwag.ports import Frame, Notice, Peer
from chinwag.store import users
from chinwag.store.db import Conflict, Tx, Unavailable
from chinwag.store.sqlite import SqliteDb
from chinwag.wire import codec, ctrl
from chinwag.wire.messages import Sub

START_MS = 1_767_600_000_000
ALICE, BOB, CAROL = (ids.uid_text(n) for n in (0xA11CE, 0xB0B, 0xCA801))
Said = list[dict[str, Any]]
P = ParamSpec("P")
R = TypeVar("R")


class HandClock:
    """It moves by hand only."""

    def __init__(self) -> None:
        self.ms = START_MS

    def now_ms(self) -> int:
        """What time it is."""
        return self.ms


class Numbers:
    """Predictable numbers instead of entropy."""

    def __init__(self) -> None:
        self.last = 1000

    def number(self) -> int:
        """The next number."""
        self.last += 1
        return self.last

    def token(self) -> str:
        """The next number as a text, as long as a real one."""
        return f"{self.number():022}"


class MoodyDb(SqliteDb):
    """A database that fails as often as it is told to."""

    moods: list[str]  # of the next writes: `lost` or `conflict` before, `unsure` behind the commit
    silent = 0  # so many reads fail

    async def run(
        self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """The result of `fn`, if the mood is good."""
        mood = self.moods.pop(0) if self.moods else ""
        if mood == "conflict":
            raise Conflict(mood)
        if mood == "lost":
            raise Unavailable(mood)
        result = await super().run(fn, *args, **kwargs)
        if mood == "unsure":
            raise Unavailable(mood)
        return result

    async def read(
        self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """The result of `fn`, unless the database is silent."""
        if self.silent:
            self.silent -= 1
            raise Unavailable("silent")
        return await super().read(fn, *args, **kwargs)


class Actor:
    """A client on the stage."""

    def __init__(self, stage: "Stage", uid: str, level: Level) -> None:
        self.stage = stage
        self.uid, self.level = uid, level
        self.ua = "Stage/1.0"
        self.lang, self.country = "en", "US"
        self.background = self.closed = False
        self.attached: set[str] = set()
        self.heard: Said = []

    def send(self, frame: Frame) -> bool:
        """Remember what the server says."""
        self.heard.append(json.loads(frame.body))
        return True

    def send_all(self, frames: Sequence[Frame]) -> bool:
        """Remember them all."""
        return all(map(self.send, frames))

    def request(self, **packet: Any) -> Request:
        """A packet, such as `get={"topic": "me"}`, on its way to its topic."""
        decoded = codec.decode(json.dumps(packet).encode()).packet
        assert decoded is not None
        request = Request(self, decoded, self.stage.now())
        if isinstance(request.packet, Sub) and ids.is_new(request.sent):
            request.name = ids.grp_name(self.stage.services.entropy.number())
        else:
            request.name = ids.route(request.sent, request.uid)
        return request

    async def say(self, files: tuple[str, ...] = (), **packet: Any) -> Said:
        """Say one packet, such as `get={"topic": "me"}`; what the server answers to this client."""
        request = self.request(**packet)
        request.files = files
        before = len(self.heard)
        self.stage.hub.post(request)
        await self.stage.quiet()
        return self.heard[before:]

    async def ask(self, **packet: Any) -> tuple[int, Any]:
        """Say one packet; code and params of the first {ctrl} that answers it."""
        reply = next(m["ctrl"] for m in await self.say(**packet) if "ctrl" in m)
        return reply["code"], reply.get("params")

    async def meta(self, part: str, **get: Any) -> Any:
        """Ask for one part of a description; what the {meta} says."""
        answer = await self.say(get={"what": part, **get})
        return next(m["meta"][part] for m in answer if "meta" in m)

    async def drop(self) -> None:
        """Lose the connection."""
        self.closed = True
        for name in self.attached | self.stage.hub.engaged.get(self, set()):
            self.stage.hub.topic(name).post(Lost(self))
        await self.stage.quiet()

    def news(self) -> Said:
        """The presence heard since the last call."""
        fresh = [m["pres"] for m in self.heard if "pres" in m]
        self.heard.clear()
        return fresh


class Postbox:
    """A validator of e-mail addresses that keeps what it should send."""

    name = "email"

    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def normalise(self, value: str, country: str) -> str:
        """The address in lower case."""
        if "@" not in value:
            raise Refused(ctrl.MALFORMED)
        if value.endswith("@forbidden.example"):
            raise Refused(ctrl.POLICY)
        return value.lower()

    async def send(self, notice: Notice) -> None:
        """Keep it."""
        self.notices.append(notice)

    async def close(self) -> None:
        """Nothing is open."""

    def code(self) -> str:
        """The code that was sent last."""
        return self.notices[-1].code


class Wire:
    """The way to a client that remembers what was sent."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def put(self, frame: Frame) -> bool:
        """Remember it."""
        self.heard.append(json.loads(frame.body))
        return True

    def put_all(self, frames: Sequence[Frame]) -> bool:
        """Queue `frames`, likewise."""
        return all(map(self.put, frames))

    def close(self) -> None:
        """Remember that too."""
        self.heard.append("closed")

    def hold(self, on: bool) -> None:
        """And that."""
        self.heard.append({"hold": on})


class Device:
    """A session on the stage, spoken to in JSON."""

    def __init__(self, stage: "Stage", address: str = "192.0.2.1") -> None:
        self.stage = stage
        self.wire = Wire()
        peer = Peer(address, "websocket")
        self.session = Session(self.wire, peer, stage.hub, stage.sessions)
        self.session.sessions.open(self.session)

    async def says(self, message: object) -> Any:
        """Everything the server answers to one message, a text or a packet."""
        raw = message if isinstance(message, str) else json.dumps(message)
        self.wire.heard.clear()
        self.session.feed(raw.encode())
        await self.stage.quiet()
        return list(self.wire.heard)

    async def ctrl(self, message: object) -> tuple[int, str, dict[str, Any]]:
        """Code and text of the one {ctrl} that answers, and what else it bears."""
        (answer,) = await self.says(message)
        body = answer["ctrl"]
        del body["ts"]
        return body.pop("code"), body.pop("text"), body

    async def asks(self, **packet: Any) -> tuple[int, dict[str, Any]]:
        """Say one packet, such as `login={…}`, with texts as secrets; code and params."""
        for body in packet.values():
            for key in ("secret", "tmpsecret"):
                if key in body:
                    body[key] = base64.b64encode(body[key].encode()).decode()
        answer = await self.says(packet)
        body = next(m["ctrl"] for m in answer if "ctrl" in m)
        return body["code"], body.get("params") or {}


class Stage:
    """A hub over a database in a file."""

    def __init__(self, db: MoodyDb, limits: Limits) -> None:
        self.db = db
        self.db.moods = []
        self.clock = HandClock()
        self.tasks = Tasks()
        self.sessions = Sessions()
        self.post = Postbox()
        self.passwords = Argon2Passwords(threads=1, memory_kib=8, passes=1)
        tokens = Tokens(b"0" * 32, 1, 3600, self.clock)
        codes = Codes(db, self.clock, Numbers(), b"1" * 32)
        self.services = Services(
            db,
            self.clock,
            Numbers(),
            self.tasks,
            limits,
            tokens,
            codes,
            authenticators={
                "basic": BasicAuth(db, self.passwords, self.clock),
                "token": TokenAuth(tokens.read, db),
                "anonymous": AnonymousAuth(),
                "code": CodeAuth(codes.check, str.lower),
            },
            validators={"email": self.post} if "email" in limits.tagged_methods else {},
        )
        self.hub = Hub(self.services)

    async def device(self, address: str = "192.0.2.1") -> Device:
        """A client that has greeted and not logged in."""
        device = Device(self, address)
        await device.says({"hi": {"ver": "0.25", "lang": "en"}})
        return device

    def now(self) -> int:
        """The next millisecond."""
        self.clock.ms += 1
        return self.clock.ms

    def actor(self, uid: str, level: Level = Level.AUTH) -> Actor:
        """One more session of `uid`."""
        return Actor(self, uid, level)

    async def elapse(self, seconds: float) -> None:
        """Let time pass at once: timers that are due by then go off."""
        loop = asyncio.get_running_loop()
        real_time = loop.time
        self.clock.ms += int(seconds * 1000)
        loop.time = lambda: real_time() + seconds  # type: ignore[method-assign]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until no topic has anything to do."""
        assert await self.tasks.drain(10)

    async def account(self, uid: str, name: str, tags: list[str]) -> None:
        """Make an account."""
        user = User(
            uid,
            self.now(),
            self.now(),
            auth=modes.parse("JRWPASD"),
            public=json.dumps({"fn": name}).encode(),
            tags=tags,
        )
        await self.db.run(users.create, user, private=None, auth=None, now_ms=self.now())

    async def check_memory(self) -> None:
        """Every awake group, conversation and `me` knows just what the store knows."""
        for topic in self.hub.topics.values():
            if topic.state is None or not topic.loaded or topic.kind in (Kind.FND, Kind.SLF):
                continue
            fresh = await load.state(self.db, topic.name, topic.kind)
            assert fresh is not None
            for member in topic.state.members.values():
                if member.reader:
                    fresh.members[member.uid] = member
                elif member.uid in fresh.members:
                    fresh.members[member.uid].online = member.online
            found = differences(asdict(topic.state), asdict(fresh), topic.name)
            assert not found, found


def differences(known: Any, stored: Any, where: str) -> list[str]:
    """Where two nested values differ."""
    if not (isinstance(known, dict) and isinstance(stored, dict)):
        return [] if known == stored else [f"{where}: {known!r}, stored {stored!r}"]
    both = sorted(known.keys() | stored.keys())
    return [d for k in both for d in differences(known.get(k), stored.get(k), f"{where}.{k}")]


Open = Callable[[Limits], Awaitable[Stage]]


async def new_group(owner: Actor, topic: str = "new1", **change: Any) -> str:
    """A new group of `owner`; its name."""
    answer = await owner.say(sub={"topic": topic, "set": change})
    name: str = answer[0]["ctrl"]["topic"]
    return name
