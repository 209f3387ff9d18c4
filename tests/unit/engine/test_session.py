"""One client: what it may say when, and what it hears."""

import asyncio
import logging
import re
from typing import Any

import pytest

from chinwag.core import ids
from chinwag.core.limits import Limits
from chinwag.core.rates import Rates
from chinwag.core.state import Level, TopicState
from chinwag.engine import load, session
from chinwag.engine.hub import Hub
from chinwag.engine.request import Request
from chinwag.store.db import Db
from stage import ALICE, BOB, CAROL, Device, Open, Stage, new_group

Said = list[dict[str, Any]]
NO_GROUP = "grpAAAAAAAAAAA"


@pytest.fixture
async def stranger(stage: Stage) -> Device:
    """A client that has greeted and not logged in."""
    device = Device(stage)
    await device.says({"hi": {"ver": "0.25"}})
    return device


@pytest.fixture
async def alice(stranger: Device) -> Device:
    """A session of Alice."""
    stranger.session.authenticated(ALICE, Level.AUTH)
    return stranger


async def test_probe_is_answered_before_everything(stage: Stage) -> None:
    """01 §2.1 and §5, step 2."""
    assert await Device(stage).says("1") == [0]


DENIED = (403, "permission denied")
MALFORMED = (400, "malformed")


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ({"sub": {"topic": "me"}, "extra": {"obo": BOB}}, (*DENIED, {})),
        ({"extra": {"obo": BOB}}, (*DENIED, {})),
        ({"extra": {}}, (*MALFORMED, {})),
        ({}, (*MALFORMED, {})),
        ("null", (*MALFORMED, {})),
        (
            {"sub": {"id": "7", "topic": "me"}, "extra": {"obo": BOB}},
            (*DENIED, {"id": "7", "topic": "me"}),
        ),
        ({"note": {"topic": "me", "what": "kp"}, "extra": {"obo": BOB}}, (*DENIED, {})),
    ],
)
async def test_acting_for_others_is_refused_before_the_packet_is_looked_at(
    alice: Device, message: object, answer: object
) -> None:
    """01 §5, steps 5 and 6; an id is echoed where there is one (DEFECT-15, 06-10)."""
    assert await alice.ctrl(message) == answer


GONE = (304, "no action")
ATTACH = (409, "must attach first")
ABSENT = (404, "not found")
TABLE: list[tuple[dict[str, Any], tuple[int, str]]] = [
    ({"sub": {}}, (404, "topic not found")),
    ({"leave": {}}, (304, "not joined")),
    ({"leave": {"unsub": True}}, ATTACH),
    ({"pub": {"content": "x"}}, ATTACH),
    ({"get": {"what": "desc"}}, MALFORMED),
    ({"get": {"what": "sub"}}, ABSENT),
    ({"get": {"what": "sub", "sub": {"user": BOB}}}, DENIED),
    ({"get": {"what": "data"}}, DENIED),
    ({"get": {"what": "nonsense"}}, MALFORMED),
    ({"set": {}}, MALFORMED),
    ({"set": {"tags": ["abc"]}}, DENIED),
    ({"set": {"desc": {"public": 1}}}, (304, "not modified")),
    ({"set": {"sub": {"user": BOB, "mode": "JR"}}}, DENIED),
    ({"set": {"sub": {"mode": "JR"}}}, ABSENT),
    ({"set": {"desc": {"private": 1}}}, ABSENT),
    ({"del": {"what": "topic"}}, GONE),
    ({"del": {"what": "msg", "delseq": [{"low": 1}]}}, ATTACH),
    ({"del": {"what": "sub", "user": BOB}}, ATTACH),
    ({"del": {"what": "cred"}}, ATTACH),
    ({"del": {"what": "bogus"}}, MALFORMED),
    ({"note": {"what": "kp"}}, ATTACH),
]


@pytest.mark.parametrize(
    "topic", ["x", "new-ly", "slfAAAAAAAAAAA", "fnd_", ids.p2p_name(BOB, CAROL)]
)
@pytest.mark.parametrize(("message", "answer"), TABLE)
async def test_names_without_a_topic(
    alice: Device, topic: str, message: dict[str, Any], answer: tuple[int, str]
) -> None:
    """02 §1.4, T-S26; T01, T02, T03, DEFECT-03, D20: no name ends the server or opens a door."""
    (kind, packet) = next(iter(message.items()))
    if kind == "sub" and topic.startswith("new"):
        pytest.skip("a {sub} to such a name creates a group")
    if kind == "sub" and topic.startswith("p2p"):
        answer = DENIED
    code, text, more = await alice.ctrl({kind: {**packet, "id": "5", "topic": topic}})
    assert (code, text) == answer
    assert more == ({"topic": topic} if kind == "note" else {"id": "5", "topic": topic})


@pytest.mark.parametrize("topic", [NO_GROUP, "chnAAAAAAAAAAA", "grp", "grp' or 1"])
@pytest.mark.parametrize(("message", "answer"), TABLE)
async def test_groups_that_do_not_exist(
    alice: Device, topic: str, message: dict[str, Any], answer: tuple[int, str]
) -> None:
    """02 §10, 11.3: as above, but a group's description is not found."""
    (kind, packet) = next(iter(message.items()))
    if packet == {"what": "desc"}:
        answer = (404, "topic not found")
    code, text, _ = await alice.ctrl({kind: {**packet, "topic": topic}})
    assert (code, text) == answer


@pytest.mark.parametrize(
    "note",
    [
        {"what": "recv", "seq": 1},
        {"what": "call", "seq": 1, "event": "hang-up"},
        {"what": "call", "seq": 1, "event": "offer"},
        {"what": "kp", "seq": 1},
        {"what": "read"},
        {"what": "nonsense"},
    ],
)
@pytest.mark.parametrize("topic", ["x", NO_GROUP, ALICE, ""])
async def test_notes_that_are_dropped_in_silence(alice: Device, topic: str, note: Any) -> None:
    """01 §6.11, D20: receipts from elsewhere, calls outside conversations, ill-formed notes."""
    assert await alice.says({"note": {"topic": topic, **note}}) == []


async def test_notes_without_log_in_are_dropped(stage: Stage, stranger: Device) -> None:
    """01 §5, steps 8 and 9."""
    assert await stranger.says({"note": {"topic": "me", "what": "kp"}}) == []
    assert await Device(stage).says({"note": {"topic": "me", "what": "kp"}}) == []


async def test_own_notes_of_others_cannot_be_reached(stage: Stage, alice: Device) -> None:
    """T02, D22, 01 DEFECT-03, T-S42: `slf…`, `fnd…` are no names of clients, even loaded ones."""
    await stage.actor(BOB).say(sub={"topic": "slf"})
    for name in (ids.slf_name(BOB), ids.slf_name(ALICE), ids.fnd_name(BOB)):
        code, text, _ = await alice.ctrl({"sub": {"topic": name}})
        assert (code, text) == (404, "topic not found")


async def test_requests_in_the_name_of_another_user(stage: Stage, alice: Device) -> None:
    """01 §5.1: root publishes for a user; the message tells who really did."""
    alice.session.level = Level.ROOT
    name = await new_group(stage.actor(BOB))
    said = {"extra": {"obo": BOB}}
    await alice.says({"sub": {"topic": name}, **said})
    answer = await alice.says({"pub": {"id": "1", "topic": name, "content": "x"}, **said})
    assert answer[0]["ctrl"]["code"] == 202
    assert (answer[1]["data"]["from"], answer[1]["data"]["head"]) == (BOB, {"sender": ALICE})


# --- a session never waits for a topic ------------------------------------------------------


async def test_a_slow_topic_holds_nobody_up(
    stage: Stage, alice: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DEFECT-38: probes and other topics are served while one topic is still loading."""
    bob = stage.actor(BOB)
    name = await new_group(bob)
    await bob.say(leave={"topic": name})
    await stage.elapse(5)
    slow = asyncio.Event()
    real = load.state

    async def state(db: Db, topic: str, kind: ids.Kind) -> TopicState | None:
        if topic == name:
            await slow.wait()
        return await real(db, topic, kind)

    monkeypatch.setattr(load, "state", state)
    first = b'{"sub":{"id":"1","topic":"%s"}}' % name.encode()
    for message in (first, b"1", b'{"sub":{"id":"2","topic":"me"}}'):
        alice.session.feed(message)
    while len(alice.wire.heard) < 3:
        await asyncio.sleep(0)
    assert [m if m == 0 else m["ctrl"].get("id") for m in alice.wire.heard[1:]] == [0, "2"]
    slow.set()
    await stage.quiet()
    assert "1" in [m["ctrl"]["id"] for m in alice.wire.heard[3:] if "ctrl" in m]


async def test_messages_faster_than_the_store(stage: Stage, alice: Device) -> None:
    """DEFECT-39, 01 §4.3: a burst of messages is stored together, none is refused."""
    await alice.says({"sub": {"topic": BOB}})
    alice.wire.heard.clear()
    for n in range(600):
        alice.session.feed(b'{"pub":{"id":"%d","topic":"%s","noecho":true}}' % (n, BOB.encode()))
    await stage.quiet()
    answers = [m["ctrl"] for m in alice.wire.heard if "ctrl" in m]
    assert [(a["id"], a["code"]) for a in answers] == [(f"{n}", 202) for n in range(600)]


async def test_nothing_of_a_message_is_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """DEFECT-09: neither of a good one, nor of a broken one, nor of one that fails. D-39."""
    caplog.set_level(logging.DEBUG)
    device = Device(stage)
    secret = "c2VjcmV0OnNlY3JldA=="
    await device.says({"hi": {"ver": "0.25", "dev": "secretdevice"}})
    await device.says({"login": {"scheme": "basic", "secret": secret}})
    await device.says('{"login": {"secret": "' + secret + '"')
    device.session.authenticated(ALICE, Level.AUTH)
    await device.says({"sub": {"topic": BOB}})
    stage.db.moods = ["lost"]
    await device.says({"pub": {"topic": BOB, "content": "secret words"}})
    said = " ".join(str(record.__dict__) for record in caplog.records)
    assert not re.search(f"secret|{secret}", said)


async def test_attachments_where_there_are_no_uploads(open_stage: Open) -> None:
    """D-79: they ended the process."""
    stage = await open_stage(Limits(max_file_size=0))
    device = await stage.device()
    device.session.authenticated(ALICE, Level.AUTH)
    await device.says({"sub": {"topic": "me"}})
    await device.says({"sub": {"topic": BOB}})
    extra = {"attachments": ["/v0/file/s/aBcDeFgHiJk.jpeg", "http://elsewhere/", ""]}
    pub = {"id": "1", "topic": BOB, "content": "x"}
    assert (await device.says({"pub": pub, "extra": extra}))[0]["ctrl"]["code"] == 202
    desc = {"id": "2", "topic": "me", "desc": {"public": {"fn": "A"}}}
    assert (await device.says({"set": desc, "extra": extra}))[0]["ctrl"]["code"] == 200


# --- who talks too fast ---------------------------------------------------------------------


async def test_a_client_that_talks_too_fast_is_read_from_more_slowly(
    stage: Stage, alice: Device
) -> None:
    """Back-pressure instead of refusals: everything is answered, nothing is lost."""
    stage.sessions.rates = Rates(packets_per_s=10)
    fast = Device(stage)
    for _ in range(39):
        assert await fast.says("1") == [0]
    assert await fast.says("1") == [{"hold": True}, 0]
    assert await fast.says("1") == [0]  # what has arrived already
    assert await alice.says("1") == [0]
    fast.wire.heard.clear()
    await stage.elapse(1)
    assert fast.wire.heard == [{"hold": False}]
    assert await fast.says("1") == [0]


async def test_large_messages_count_for_more(stage: Stage) -> None:
    stage.sessions.rates = Rates(bytes_per_s=65536)
    heavy = Device(stage)
    for _ in range(3):
        (answer,) = await heavy.says(" " * 65536)
        assert answer["ctrl"]["code"] == 400
    assert (await heavy.says(" " * 65536))[0] == {"hold": True}


async def test_all_sessions_of_one_account_share_its_pace(stage: Stage) -> None:
    stage.sessions.rates = Rates(packets_per_s=10, account_times=1)
    devices = [await stage.device() for _ in range(3)]
    for device in devices:
        device.session.authenticated(ALICE, Level.AUTH)
    for _ in range(13):
        for device in devices:
            assert await device.says("1") == [0]
    assert await devices[2].says("1") == [{"hold": True}, 0]


async def test_who_rests_and_has_much_waiting_is_read_from_when_both_are_over(
    stage: Stage,
) -> None:
    stage.sessions.rates = Rates(packets_per_s=10)
    fast = Device(stage)
    fast.session._busy = True
    for _ in range(session.WAITING_MAX):
        fast.session.feed(b"1")
    assert fast.wire.heard == [{"hold": True}]
    fast.session._go_on()
    assert fast.wire.heard == [{"hold": True}] + [0] * session.WAITING_MAX
    fast.wire.heard.clear()
    await stage.elapse(3)
    assert fast.wire.heard == [{"hold": False}]


async def test_typing_is_passed_on_in_silence_up_to_a_limit(
    stage: Stage, alice: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """03 §5.1: a note is never answered; receipts and calls are not counted."""
    posted: list[Request] = []
    monkeypatch.setattr(Hub, "post", lambda _hub, request: posted.append(request))
    stage.hub.topic(ids.p2p_name(ALICE, BOB))
    most = stage.sessions.rates.typing_max
    for _ in range(most + 5):
        assert await alice.says({"note": {"topic": BOB, "what": "kp"}}) == []
    assert len(posted) == most
    assert await alice.says({"note": {"topic": BOB, "what": "read", "seq": 1}}) == []
    assert len(posted) == most + 1
    stage.clock.ms += 1000
    for _ in range(3):
        await alice.says({"note": {"topic": BOB, "what": "kp"}})
    assert len(posted) == most + 3
