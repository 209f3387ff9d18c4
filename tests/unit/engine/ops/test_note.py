"""{note} as clients see it. Source: specification 03, paragraphs 5 and 13."""

from typing import Any

import pytest

from cast import A, B, C, Cast, E, info, pres, same
from chinwag.core import ids
from chinwag.engine import marks
from chinwag.store import subs
from stage import Actor, Stage, new_group

NUMBERS = {"recv": (0, 3), "read": (3, 0)}


async def posted(cast: Cast, count: int, name: str = "a1") -> None:
    """So many messages, of which nothing is left to be heard."""
    topic = cast.name_for(name)
    for n in range(count):
        await cast.say(name, pub={"topic": topic, "noecho": True, "content": n})


@pytest.mark.parametrize("what", ["recv", "read"])
async def test_a_receipt(cast: Cast, what: str) -> None:
    """S11 and S12: to everybody else, and to the own devices twice (QUIRK)."""
    await cast.pair("a1 a2 b1 b2 b3")
    await posted(cast, 3)
    heard = await cast.say("b1", note={"topic": A, "what": what, "seq": 3})
    same(
        heard,
        {
            "a1": [info(B, B, what, seq=3)],
            "a2": [info("me", B, what, seq=3, src=B)],
            "b2": [
                pres("me", what, src=A, seq=3),
                info("me", B, what, seq=3, src=A),
            ],
            "b3": [info(A, B, what, seq=3)],
        },
    )
    member = await cast.stage.db.read(subs.get, cast.topic, B)
    assert member is not None
    assert (member.read, member.recv) == NUMBERS[what]  # reading leaves `recv` behind (QUIRK)


async def test_a_receipt_from_elsewhere(cast: Cast) -> None:
    """S13: the session that sends it hears nothing of it."""
    await cast.pair("a1 a2 b1 b2")
    await posted(cast, 1)
    heard = await cast.say("b2", note={"topic": A, "what": "recv", "seq": 1})
    same(
        heard,
        {
            "a1": [info(B, B, "recv", seq=1)],
            "a2": [info("me", B, "recv", seq=1, src=B)],
            "b1": [info(A, B, "recv", seq=1)],
        },
    )


async def test_a_receipt_to_a_topic_that_sleeps(cast: Cast) -> None:
    """DEFECT D05: it was lost; it is stored, and who is on `me` hears of it."""
    await cast.pair("a1 a2 b2")
    await posted(cast, 1)
    await cast.say("a1", leave={"topic": B})
    await cast.stage.elapse(4)
    cast.heard()
    assert cast.topic not in cast.stage.hub.topics
    heard = await cast.say("b2", note={"topic": A, "what": "recv", "seq": 1})
    told = [info("me", B, "recv", seq=1, src=B)]
    same(heard, {"a1": told, "a2": told})
    member = await cast.stage.db.read(subs.get, cast.topic, B)
    assert member is not None
    assert member.recv == 1
    assert cast.topic not in cast.stage.hub.topics


async def test_notes_for_those_inside(cast: Cast) -> None:
    """S14, QUIRK: refused aloud, but without id."""
    await cast.pair("a1 b1 b2")
    await posted(cast, 1)
    for note in ({"what": "read", "seq": 1}, {"what": "kp"}, {"what": "data", "payload": 1}):
        assert await cast.say("b2", note={"topic": A, **note}) == {"b2": [409]}


@pytest.mark.parametrize(
    "note",
    [
        {"what": "read", "seq": 9999},
        {"what": "read", "seq": 2},
        {"what": "recv", "seq": 2},
        {"what": "recv", "seq": 1},
    ],
)
async def test_what_is_not_new_or_not_true_is_dropped(cast: Cast, note: dict[str, Any]) -> None:
    """S15."""
    await cast.pair("a1 b1 b2")
    await posted(cast, 3)
    await cast.say("b1", note={"topic": A, "what": "read", "seq": 2})
    assert await cast.say("b1", note={"topic": A, **note}) == {}


async def test_typing_and_recording(cast: Cast) -> None:
    """S16: the own typing is not shown to the own devices, the own recording is (QUIRK)."""
    await cast.pair("a1 a2 b1 b2 b3")
    heard = await cast.say("b1", note={"topic": A, "what": "kp"})
    same(heard, {"a1": [info(B, B, "kp")], "a2": [info("me", B, "kp", src=B)]})
    for what in ("kpa", "kpv"):
        heard = await cast.say("b1", note={"topic": A, "what": what})
        same(
            heard,
            {
                "a1": [info(B, B, what)],
                "a2": [info("me", B, what, src=B)],
                "b2": [info("me", B, what, src=A)],
                "b3": [info(A, B, what)],
            },
        )


async def test_who_types_all_the_time_is_shown_once_a_second(cast: Cast) -> None:
    """DEFECT D24: each kind by itself."""
    await cast.pair("a1 b1 b3")
    typing = {"topic": A, "what": "kp"}
    assert list(await cast.say("b1", note=typing)) == ["a1"]
    assert await cast.say("b1", note=typing) == {}
    assert list(await cast.say("b1", note={"topic": A, "what": "kpa"})) == ["a1", "b3"]
    assert list(await cast.say("b3", note=typing)) == ["a1"]
    cast.stage.clock.ms += 1000
    assert list(await cast.say("b1", note=typing)) == ["a1"]


async def test_the_answer_to_a_form(cast: Cast) -> None:
    """S17, DEFECT D08: payload and all, to who is attached, from who may write."""
    await cast.group("a1 a2 b1 b2 b3 c1 d1")
    group = cast.topic
    await cast.say("c1", set={"topic": group, "sub": {"mode": "JRP"}})
    answer = {"topic": group, "what": "data", "payload": {"resp": {"ok": 1}}}
    heard = await cast.say("b1", note=answer)
    told = [info(group, B, "data", payload={"resp": {"ok": 1}})]
    same(heard, dict.fromkeys(("a1", "b3", "c1", "d1"), told))
    await posted(cast, 1)
    heard = await cast.say("b1", note={**answer, "seq": 1})
    assert heard["a1"] == [info(group, B, "data", payload={"resp": {"ok": 1}}, seq=1)]
    assert await cast.say("c1", note=answer) == {}


async def test_a_reader_of_a_channel_who_is_elsewhere(cast: Cast) -> None:
    """D05: a telephone that has fetched a message and left confirms it, like a member's."""
    await cast.group("a1", channel=True)
    await posted(cast, 3)
    channel = ids.chn_of(cast.topic)
    phone, other = (cast.stage.actor(E) for _ in range(2))
    cast.sessions |= {"e3": phone, "e2": other}
    await other.say(sub={"topic": "me"})
    await phone.say(sub={"topic": channel})
    await phone.say(leave={"topic": channel})
    cast.heard()
    news = pres("me", "recv", src=channel, seq=2)
    assert await cast.say("e3", note={"topic": channel, "what": "recv", "seq": 2}) == {"e2": [news]}
    for seq in (1, 2, 4):
        assert await cast.say("e3", note={"topic": channel, "what": "recv", "seq": seq}) == {}
    reader = await cast.stage.db.read(subs.get, channel, E)
    assert reader is not None
    assert (reader.read, reader.recv) == (0, 2)
    state = cast.stage.hub.topics[cast.topic].state
    assert state is not None
    assert E not in state.members


async def test_a_reader_of_a_channel(cast: Cast) -> None:
    """S18: only the own devices hear of it; DEFECT D29: numbers never go back."""
    await cast.group("a1 b2", channel=True)
    channel = "chn" + cast.topic[3:]
    await cast.enter("e2 e4 e3")
    for name in ("e4", "e3"):
        await cast[name].say(sub={"topic": channel})
    await posted(cast, 5)
    cast.heard()
    heard = await cast.say("e4", note={"topic": channel, "what": "read", "seq": 5})
    same(heard, {"e2": [pres("me", "read", src=channel, seq=5)]})
    assert await cast.say("e4", note={"topic": channel, "what": "read", "seq": 4}) == {}
    assert await cast.say("e4", note={"topic": channel, "what": "kp"}) == {}
    member = await cast.stage.db.read(subs.get, channel, E)
    assert member is not None
    assert member.read == 5


async def test_by_permission(cast: Cast) -> None:
    """03 §5.2 and 5.4: R to mark and to hear, W to type, P to hear on `me`."""
    await cast.group("a1 b1 b2 c1 c2 d1 d2")
    group = cast.topic
    await posted(cast, 2)
    await cast.say("c1", set={"topic": group, "sub": {"mode": "JRWS"}})
    await cast.say("d1", set={"topic": group, "sub": {"mode": "JWP"}})
    heard = await cast.say("b1", note={"topic": group, "what": "recv", "seq": 1})
    assert sorted(heard) == ["a1", "b2", "c1"]
    heard = await cast.say("c1", note={"topic": group, "what": "recv", "seq": 1})
    same(
        heard,
        {
            "a1": [info(group, C, "recv", seq=1)],
            "b1": [info(group, C, "recv", seq=1)],
            "b2": [info("me", C, "recv", seq=1, src=group)],
        },
    )
    assert await cast.say("d1", note={"topic": group, "what": "recv", "seq": 1}) == {}
    assert sorted(await cast.say("d1", note={"topic": group, "what": "kp"})) == [
        "a1",
        "b1",
        "b2",
        "c1",
    ]
    await cast.say("b1", set={"topic": group, "sub": {"mode": "JRPS"}})
    assert await cast.say("b1", note={"topic": group, "what": "kp"}) == {}
    state = cast.stage.hub.topics[group].state
    assert state is not None
    state.read_only = True
    assert await cast.say("a1", note={"topic": group, "what": "kp"}) == {}
    state.read_only = False


async def test_a_group_is_no_channel(alice: Actor, bob: Actor) -> None:
    """03 §5.2: addressed as `chn…` although it is none."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name})
    alice.heard.clear()
    await bob.say(note={"topic": "chn" + name[3:], "what": "kp"})
    assert alice.heard == []


async def test_nothing_is_typed_on_me(stage: Stage, alice: Actor) -> None:
    """03 §5.2: nobody has R or W there."""
    other = stage.actor(alice.uid)
    for actor in (alice, other):
        await actor.say(sub={"topic": "me"})
    for what in ("kp", "kpa"):
        await alice.say(note={"topic": "me", "what": what})
    assert all("ctrl" in m for m in other.heard)


async def test_the_own_notes(stage: Stage, alice: Actor) -> None:
    """03 §3.9: no presence, but attached devices hear of receipts."""
    other, elsewhere = stage.actor(alice.uid), stage.actor(alice.uid)
    await elsewhere.say(sub={"topic": "me"})
    for actor in (alice, other):
        await actor.say(sub={"topic": "slf"})
    await alice.say(pub={"topic": "slf", "content": 1, "noecho": True})
    elsewhere.heard.clear()
    state = stage.hub.topics["slf" + alice.uid[3:]].state
    assert state is not None
    state.members[alice.uid].read = 0
    other.heard.clear()
    await alice.say(note={"topic": "slf", "what": "read", "seq": 1})
    assert [m["info"]["what"] for m in other.heard] == ["read"]
    assert elsewhere.heard == []


async def test_a_receipt_that_could_not_be_stored(cast: Cast) -> None:
    """DEFECT D11: it counts and is told all the same, and is stored later."""
    await cast.group("a1 b1 b2")
    group = cast.topic
    await posted(cast, 3)
    cast.stage.db.moods = ["lost"]
    heard = await cast.say("b1", note={"topic": group, "what": "read", "seq": 3})
    assert sorted(heard) == ["a1", "b2"]
    assert (await cast["b1"].meta("desc", topic=group))["read"] == 3
    await cast.stage.elapse(marks.RETRY_S)
    member = await cast.stage.db.read(subs.get, group, B)
    assert member is not None
    assert member.read == 3
