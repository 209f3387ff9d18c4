"""Plug-ins: who is asked, who is told, and what becomes of those who fail."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chinwag.core.errors import Refused
from chinwag.core.state import Level, User
from chinwag.engine import hooks as module
from chinwag.engine.hooks import FailedTo, Hooks
from chinwag.engine.tasks import Tasks
from chinwag.ports import Frame
from chinwag.ports_hooks import (
    AccountEvent,
    Action,
    Asked,
    Event,
    HookFailed,
    MessageEvent,
    Ruling,
    SearchRuling,
    SubscriptionEvent,
    TopicEvent,
    Verdict,
)
from chinwag.wire import codec
from chinwag.wire.codec import Decoded
from chinwag.wire.ctrl import Reply
from chinwag.wire.messages import Acs, Packet, Pub, SubRow
from stage import ALICE, BOB, Device, Stage, new_group

Answer = Callable[[Asked], Ruling]


class Program:
    """A plug-in that does as the test says."""

    def __init__(self, name: str = "p", answer: Answer | None = None) -> None:
        self.name = name
        self.failure: Reply | None = None
        self.finds = True
        self.answer = answer
        self.asked: list[Asked] = []
        self.search = SearchRuling(Verdict.CONTINUE)
        self.sought: list[tuple[str, str]] = []
        self.told: list[Event] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.broken = False

    def watches(self, packet: Packet) -> bool:
        """{pub} only."""
        return self.answer is not None and isinstance(packet, Pub)

    async def judge(self, asked: Asked) -> Ruling:
        """As the test says."""
        self.asked.append(asked)
        await self.gate.wait()
        if self.broken:
            raise HookFailed("broken")
        assert self.answer is not None
        return self.answer(asked)

    async def find(self, uid: str, query: str) -> SearchRuling:
        """As the test says."""
        self.sought.append((uid, query))
        if self.broken:
            raise HookFailed("broken")
        return self.search

    def wants(self, event: Event) -> bool:
        """Everything."""
        return True

    async def tell(self, event: Event) -> None:
        """Remember it."""
        await self.gate.wait()
        if self.broken:
            raise HookFailed("broken")
        self.told.append(event)

    async def open(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing to do."""


def use(stage: Stage, *programs: Program) -> None:
    """Let the stage have these plug-ins."""
    hooks = Hooks(programs, stage.tasks)
    stage.services = stage.hub.services = replace(stage.services, hooks=hooks)


@pytest.fixture
async def writer(stage: Stage) -> tuple[Device, str]:
    """Alice in a group of her own."""
    device = await stage.device()
    device.session.authenticated(ALICE, Level.AUTH)
    answer = await device.says({"sub": {"id": "s", "topic": "newA"}})
    return device, str(answer[0]["ctrl"]["topic"])


async def publish(writer: tuple[Device, str], text: str) -> list[Any]:
    """What comes back to Alice when she says `text`, without times."""
    device, group = writer
    heard = await device.says({"pub": {"id": "7", "topic": group, "content": text}})
    return [_short(message) for message in heard]


def _short(message: dict[str, Any]) -> Any:
    if "data" in message:
        return message["data"]["content"]
    return message["ctrl"]["code"], message["ctrl"]["text"]


def respond(asked: Asked) -> Ruling:
    """Say 403 in a {ctrl}."""
    body = {"ctrl": {"code": 403, "text": "language!", "ts": "x"}}
    return Ruling(Verdict.RESPOND, Frame(json.dumps(body).encode()))


def soften(asked: Asked) -> Ruling:
    """Replace every message by stars."""
    packet = asked.decoded.packet
    assert isinstance(packet, Pub)
    other = {"pub": {"id": packet.id, "topic": packet.topic, "content": "***"}}
    return Ruling(Verdict.REPLACE, decoded=codec.decode(json.dumps(other).encode()))


def accept(_asked: Asked) -> Ruling:
    """Let it pass."""
    return Ruling(Verdict.CONTINUE)


@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        (accept, [(202, "accepted"), "bad"]),
        (lambda _asked: Ruling(Verdict.DROP), []),
        (respond, [(403, "language!")]),
        (lambda _asked: Ruling(Verdict.RESPOND), []),
        (soften, [(202, "accepted"), "***"]),
        (lambda _asked: Ruling(Verdict.REPLACE), [(400, "malformed")]),
    ],
)
async def test_what_a_plugin_rules(
    stage: Stage, writer: tuple[Device, str], answer: Answer, heard: list[Any]
) -> None:
    """06 §6.3 and §18.4."""
    use(stage, Program(answer=answer))
    assert await publish(writer, "bad") == heard
    use(stage)
    assert await publish(writer, "more") == [(202, "accepted"), "more"]


async def test_the_first_verdict_counts(stage: Stage, writer: tuple[Device, str]) -> None:
    first, second, third = Program("1", accept), Program("2", soften), Program("3", respond)
    use(stage, first, second, third)
    assert await publish(writer, "bad") == [(202, "accepted"), "***"]
    assert [len(p.asked) for p in (first, second, third)] == [1, 1, 0]
    asked = first.asked[0]
    assert (asked.uid, asked.level, asked.remote_addr) == (ALICE, Level.AUTH, "192.0.2.1")
    await publish(writer, "again")
    assert asked.sid == first.asked[1].sid
    assert len(asked.sid) >= 22


async def test_a_failure_counts_only_where_it_is_meant_to(
    stage: Stage, writer: tuple[Device, str]
) -> None:
    program, next_one = Program("1", accept), Program("2", accept)
    program.broken = True
    use(stage, program, next_one)
    assert await publish(writer, "a") == [(202, "accepted"), "a"]
    assert len(next_one.asked) == 1
    program.failure = Reply(503, "try later")
    assert await publish(writer, "b") == [(503, "try later")]
    assert len(next_one.asked) == 1


async def test_what_follows_waits_and_nobody_else_does(
    stage: Stage, writer: tuple[Device, str]
) -> None:
    program = Program(answer=accept)
    program.gate.clear()
    use(stage, program)
    device, group = writer
    device.wire.heard.clear()
    for text in ("one", "two"):
        pub = {"pub": {"id": text, "topic": group, "content": text}}
        device.session.feed(json.dumps(pub).encode())
    device.session.feed(b'{"get":{"id":"g","topic":"me","what":"tags"}}')
    bob = await _bob(stage)
    assert device.wire.heard == []
    assert bob["code"] == 201
    program.gate.set()
    await stage.quiet()
    ids = [m["ctrl"]["id"] for m in device.wire.heard if "ctrl" in m]
    assert [each for each in ids if each != "g"] == ["one", "two"]
    assert len(device.wire.heard) == 5


async def _bob(stage: Stage) -> Any:
    """Bob's greeting, while Alice waits."""
    device = Device(stage)
    device.session.feed(b'{"hi":{"id":"1","ver":"0.25"}}')
    async with asyncio.timeout(10):
        while not device.wire.heard:
            await asyncio.sleep(0)
    return device.wire.heard[0]["ctrl"]


async def test_what_waits_goes_on_though_a_plugin_is_broken_inside(
    stage: Stage, writer: tuple[Device, str], caplog: pytest.LogCaptureFixture
) -> None:
    def judge(asked: Asked) -> Ruling:
        if getattr(asked.decoded.packet, "id", "") == "1":
            raise ZeroDivisionError
        return accept(asked)

    use(stage, Program(answer=judge))
    device, group = writer
    device.wire.heard.clear()
    for ident in ("1", "2"):
        pub = {"pub": {"id": ident, "topic": group, "content": ident}}
        device.session.feed(json.dumps(pub).encode())
    await stage.quiet()
    assert [m["ctrl"]["id"] for m in device.wire.heard if "ctrl" in m] == ["2"]
    assert [record.getMessage() for record in caplog.records] == ["task_failed"]


async def test_a_client_that_left_meanwhile_gets_nothing(
    stage: Stage, writer: tuple[Device, str]
) -> None:
    program = Program(answer=accept)
    program.gate.clear()
    use(stage, program)
    device, group = writer
    device.wire.heard.clear()
    device.session.feed(json.dumps({"pub": {"topic": group, "content": "x"}}).encode())
    await asyncio.sleep(0)
    device.session.gone()
    program.gate.set()
    await stage.quiet()
    assert device.wire.heard == []
    state = stage.hub.topic(group).state
    assert state is None or state.seq == 0


# --- searches -------------------------------------------------------------------------------


async def found(stage: Stage, query: str) -> Any:
    """Whom Alice finds; a {ctrl} where that is the answer."""
    device = await stage.device()
    device.session.authenticated(ALICE, Level.AUTH)
    await device.says({"sub": {"topic": "fnd"}})
    await device.says({"set": {"topic": "fnd", "desc": {"public": query}}})
    (answer,) = await device.says({"get": {"id": "g", "topic": "fnd", "what": "sub"}})
    if "ctrl" in answer:
        return answer["ctrl"]["code"]
    return [row.get("user") or row["topic"] for row in answer["meta"]["sub"]]


@pytest.mark.parametrize(
    ("ruling", "answer"),
    [
        (SearchRuling(Verdict.CONTINUE), [BOB]),
        (SearchRuling(Verdict.DROP), 204),
        (SearchRuling(Verdict.REPLACE, query="carol"), "carol"),
        (SearchRuling(Verdict.REPLACE), 204),
        (SearchRuling(Verdict.RESPOND), 204),
        (SearchRuling(Verdict.RESPOND, found=[SubRow(Acs(), topic="grpX")]), ["grpX"]),
    ],
)
async def test_searches(stage: Stage, ruling: SearchRuling, answer: Any) -> None:
    """06 §6.4."""
    program = Program()
    program.search = ruling
    use(stage, program)
    got = await found(stage, "bob")
    assert program.sought == [(ALICE, "bob")]
    if answer == "carol":
        assert got != [BOB]
        assert len(got) == 1
    else:
        assert got == answer


async def test_a_search_that_fails(stage: Stage) -> None:
    program = Program()
    program.broken = True
    use(stage, program)
    assert await found(stage, "bob") == 500


async def test_nobody_is_asked_about_no_query() -> None:
    program = Program()
    assert (await Hooks([program]).find(ALICE, "")).verdict is Verdict.CONTINUE
    assert program.sought == []


# --- events ---------------------------------------------------------------------------------


async def test_what_is_told_of_a_group(stage: Stage) -> None:
    """06 §6.5: made, changed, written in, joined, left, deleted, in this order."""
    program = Program()
    use(stage, program)
    alice, bob = stage.actor(ALICE), stage.actor(BOB)
    group = await new_group(alice)
    await alice.say(set={"topic": group, "desc": {"public": {"fn": "G"}}})
    await alice.say(pub={"topic": group, "content": "hello"})
    await bob.say(sub={"topic": group})
    await alice.say(set={"topic": group, "sub": {"user": BOB, "mode": "JRP"}})
    await bob.say(leave={"topic": group, "unsub": True})
    gone: dict[str, Any] = {"del": {"topic": group, "what": "topic", "hard": True}}
    await alice.say(**gone)
    await stage.quiet()
    assert [_named(event) for event in program.told] == [
        ("topic", "C"),
        ("topic", "U"),
        ("message", "C"),
        ("subscription", "C"),
        ("subscription", "U"),
        ("subscription", "D"),
        ("topic", "D"),
    ]
    changed = next(e for e in program.told if _named(e) == ("subscription", "U"))
    assert isinstance(changed, SubscriptionEvent)
    assert (changed.member.uid, changed.want_changed, changed.given_changed) == (BOB, False, True)
    message = next(e for e in program.told if isinstance(e, MessageEvent))
    assert (message.topic, message.message.content) == (group, b'"hello"')


def _named(event: Event) -> tuple[str, str]:
    name = type(event).__name__.removesuffix("Event").lower()
    return name, event.action.value


async def test_what_is_told_of_an_account(stage: Stage) -> None:
    """DEFECT 06-16: deletion too."""
    program = Program()
    use(stage, program)
    device = await stage.device()
    await device.asks(
        acc={"user": "newA", "scheme": "basic", "secret": "dora:dora12", "login": True}
    )
    await device.asks(acc={"scheme": "basic", "secret": "dora:dora34"})
    uid = device.session.uid
    await device.asks(**{"del": {"id": "1", "what": "user", "hard": True}})
    await stage.quiet()
    accounts = [event for event in program.told if isinstance(event, AccountEvent)]
    assert [event.action.value for event in accounts] == ["C", "U", "D"]
    assert {event.user.uid for event in accounts} == {uid}
    assert accounts[0].user.tags == ["basic:dora"]


async def test_a_slow_plugin_delays_nothing(
    stage: Stage, writer: tuple[Device, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """DEFECT 06-17; what does not fit into its queue is dropped."""
    monkeypatch.setattr(module, "QUEUE_MAX", 3)
    program = Program()
    program.gate.clear()
    hooks = Hooks([program], Tasks())
    for n in range(10):
        hooks.topic(Action.UPDATE, f"grp{n}")
    await asyncio.sleep(0)
    hooks.topic(Action.UPDATE, "grpX")
    program.gate.set()
    for _ in range(20):
        await asyncio.sleep(0)
    told = [event.name for event in program.told if isinstance(event, TopicEvent)]
    assert told == ["grp0", "grp1", "grp2", "grpX"]


async def test_a_failing_plugin_is_told_the_next_thing(stage: Stage) -> None:
    program = Program()
    program.broken = True
    hooks = Hooks([program], stage.tasks)
    user = User(ALICE, 1, 1)
    hooks.account(Action.CREATE, user)
    await stage.quiet()
    program.broken = False
    hooks.account(Action.DELETE, user)
    await stage.quiet()
    assert [event.action for event in program.told] == [Action.DELETE]


async def test_judging_without_plugins_lets_everything_through() -> None:
    decoded = Decoded(codec.decode(b"{}").envelope, None)
    asked = Asked(decoded, "s", "", Level.NONE, "", "", "", "")
    assert (await Hooks().judge(asked)).verdict is Verdict.CONTINUE
    assert not Hooks()
    assert issubclass(FailedTo, Exception)
    assert not issubclass(FailedTo, Refused)
