"""While the store is away, what is in memory goes on: looking, receipts, typing, presence.

Issue 4, "Database gone".
"""

from typing import Any

import pytest

from cast import A, Cast, pres
from chinwag.engine.topic import IDLE_S, Topic
from stage import BOB, CAROL, Actor, Stage, new_group

LONG = 100  # reads that fail


@pytest.fixture(params=[True, False], ids=["known", "unknown"])
async def group(request: pytest.FixtureRequest, stage: Stage, alice: Actor, bob: Actor) -> str:
    """Alice and Bob attend, and the store has just failed; whether it is known to be away."""
    group = await new_group(alice)
    await bob.say(sub={"topic": group})
    for number in range(3):
        await alice.say(pub={"topic": group, "content": number})
    stage.db.moods, stage.db.silent = ["lost", "lost"], LONG
    stage.db.away = request.param
    assert (await alice.ask(pub={"topic": group, "content": "lost"}))[0] == 503
    alice.heard.clear()
    bob.heard.clear()
    return group


def _told(actor: Actor, kind: str) -> list[Any]:
    found = [m[kind] for m in actor.heard if kind in m]
    actor.heard.clear()
    return found


async def test_what_is_known_is_shown(group: str, stage: Stage, alice: Actor) -> None:
    shown = await alice.say(get={"id": "1", "topic": group, "what": "desc sub data aux"})
    assert shown[0]["meta"]["desc"]["seq"] == 3
    codes = [m["ctrl"]["code"] for m in shown if "ctrl" in m]
    assert codes == [503, 503, 204]  # lists and history are not in memory; there is no `aux`


async def test_receipts_and_typing_are_heard(
    group: str, stage: Stage, alice: Actor, bob: Actor
) -> None:
    for note in ({"what": "kp"}, {"what": "recv", "seq": 2}, {"what": "read", "seq": 2}):
        await bob.say(note={"topic": group, **note})
        assert [i["what"] for i in _told(alice, "info")] == [note["what"]]
    stage.db.silent, stage.db.away = 0, False
    assert (await bob.meta("desc", topic=group))["read"] == 2
    await stage.check_memory()


async def test_sessions_leave(group: str, stage: Stage, alice: Actor, bob: Actor) -> None:
    assert (await bob.ask(leave={"topic": group}))[0] == 200
    assert [(p["what"], p["src"]) for p in _told(alice, "pres")][-1:] == [("off", BOB)]
    await alice.drop()
    assert not stage.hub.topics[group].attached


async def test_nothing_is_built_on_what_may_be_wrong(
    group: str, stage: Stage, alice: Actor, bob: Actor
) -> None:
    refused: list[dict[str, Any]] = [
        {"pub": {"topic": group, "content": "x"}},
        {"set": {"topic": group, "desc": {"public": 1}}},
        {"set": {"topic": group, "sub": {"user": BOB, "mode": "N"}}},
        {"del": {"topic": group, "what": "msg", "delseq": [{"low": 1}]}},
        {"leave": {"topic": group, "unsub": True}},
        {"sub": {"topic": group}},
    ]
    for packet in refused:
        actor = bob if "leave" in packet or "sub" in packet else alice
        if "sub" in packet:
            await bob.say(leave={"topic": group})
        assert (await actor.ask(**packet))[0] == 503, packet


async def test_history_is_not_shown_to_whom_it_may_be_closed(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """Bob was thrown out: the store did so, did not say it, and is silent once more."""
    group = await new_group(alice)
    await bob.say(sub={"topic": group})
    await alice.say(pub={"topic": group, "content": "a secret"})
    stage.db.moods = ["unsure"]
    assert (await alice.ask(**{"del": {"topic": group, "what": "sub", "user": BOB}}))[0] == 503
    bob.heard.clear()
    stage.db.silent = 1
    said = await bob.say(get={"id": "1", "topic": group, "what": "data del"})
    assert [m["ctrl"]["code"] for m in said] == [503, 503]
    said = await bob.say(get={"id": "2", "topic": group, "what": "data del"})
    assert [m["ctrl"]["code"] for m in said] == [205, 403]


@pytest.mark.parametrize(
    "change",
    [
        {"del": {"what": "sub", "user": BOB}},
        {"set": {"sub": {"user": BOB, "mode": "N"}}},
        {"del": {"what": "topic"}},
    ],
)
async def test_nothing_is_told_to_whom_it_may_be_closed(
    stage: Stage, alice: Actor, bob: Actor, change: dict[str, Any]
) -> None:
    """Typing, presence and numbers were told by rights that the store had taken without a word."""
    group, carol = await new_group(alice), stage.actor(CAROL)
    for actor in (bob, carol):
        await actor.say(sub={"topic": group})
    stage.db.moods = ["unsure"]
    packet = {kind: {"topic": group, **body} for kind, body in change.items()}
    assert (await alice.ask(**packet))[0] == 503
    bob.heard.clear()
    stage.db.silent, stage.db.away = LONG, True
    await carol.say(note={"topic": group, "what": "kp"})
    await carol.drop()
    assert bob.heard == []
    assert (await bob.ask(get={"topic": group, "what": "desc"}))[0] == 503
    stage.db.silent, stage.db.away = 0, False
    await bob.say(get={"topic": group, "what": "desc"})
    assert bob.heard[-2]["ctrl"]["code"] == 205


@pytest.mark.parametrize("mood", ["lost", "unsure"])
async def test_own_rights_that_are_in_doubt_count_again(
    stage: Stage, alice: Actor, bob: Actor, mood: str
) -> None:
    group = await new_group(alice)
    await bob.say(sub={"topic": group})
    stage.db.moods, stage.db.silent = [mood], 1
    assert (await bob.ask(set={"topic": group, "sub": {"mode": "JRW"}}))[0] == 503
    await alice.say(note={"topic": group, "what": "kp"})
    assert _told(bob, "info") == []
    await alice.say(note={"topic": group, "what": "kpa"})
    assert [i["what"] for i in _told(bob, "info")] == ["kpa"]
    await stage.check_memory()


async def test_afterwards_everything_is_as_it_was(
    group: str, stage: Stage, alice: Actor, bob: Actor
) -> None:
    stage.db.silent, stage.db.away = 0, False
    assert await alice.ask(pub={"id": "9", "topic": group, "content": "after"}) == (202, {"seq": 4})
    assert [d["content"] for d in _told(bob, "data")] == ["after"]
    await stage.check_memory()


async def test_what_was_stored_unseen_is_shown_when_the_store_is_back(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    group = await new_group(alice)
    await bob.say(sub={"topic": group})
    stage.db.moods, stage.db.silent, stage.db.away = ["unsure", "lost"], LONG, True
    assert (await alice.ask(pub={"topic": group, "content": "unsure"}))[0] == 503
    bob.heard.clear()
    assert (await bob.meta("desc", topic=group)).get("seq", 0) == 0
    stage.db.silent, stage.db.away = 0, False
    assert (await bob.meta("desc", topic=group))["seq"] == 1
    assert [d["content"] for d in _told(bob, "data")] == ["unsure"]
    await stage.check_memory()


async def test_contacts_see_who_goes(cast: Cast) -> None:
    await cast.pair("a1 b1")
    stage = cast.stage
    for topic in list(stage.hub.topics.values()):
        topic.doubt_state()
    stage.db.silent, stage.db.away = LONG, True
    cast.heard()
    await cast["a1"].drop()
    await stage.elapse(IDLE_S)
    assert pres("me", "off", src=A) in cast.heard().get("b1", [])


async def test_a_store_that_is_known_to_be_away_is_not_asked(stage: Stage, alice: Actor) -> None:
    """Each question would take its time, one after the other."""
    group = await new_group(alice)
    topic: Topic = stage.hub.topics[group]
    topic.doubt_state()
    stage.db.silent, stage.db.away = LONG, True
    for _ in range(3):
        await alice.say(note={"topic": group, "what": "kp"})
    assert stage.db.silent == LONG
