"""Scenes of specification 03, paragraph 13, in which several operations play together."""

from typing import Any

import pytest

from cast import A, B, C, Cast, data, info, pres, same
from chinwag.core.state import State
from chinwag.engine import removal
from chinwag.engine.topic import IDLE_S
from chinwag.store import users


async def test_a_loaded_group_is_deleted(cast: Cast) -> None:
    """S33, E36: everybody on `me` is told, also the one who did it; T33: the attached by 205."""
    await cast.group("a1 a2 a3 b1 b2 c2 d2")
    group = cast.topic
    heard = await cast.say("a1", **{"del": {"topic": group, "what": "topic", "hard": True}})
    out, gone = (205, {"unsub": True}), pres("me", "gone", src=group)
    told = {name: [gone] for name in ("a2", "b2", "c2", "d2")}
    same(heard, {"a1": [200, gone], "a3": [out], "b1": [out, gone], **told})
    assert await cast.say("b1", pub={"topic": group, "content": "?"}) == {"b1": [409]}


async def test_a_sleeping_group_is_deleted(cast: Cast) -> None:
    """E37: all but the session that did it."""
    await cast.group("a2 a4 b2")
    await cast["a4"].say(sub={"topic": "me"})
    await cast.stage.elapse(IDLE_S)
    cast.heard()
    group = cast.topic
    heard = await cast.say("a2", **{"del": {"topic": group, "what": "topic", "hard": True}})
    gone = [pres("me", "gone", src=group)]
    same(heard, {"a2": [200], "a4": gone, "b2": gone})


async def test_a_device_fetches_what_it_was_told_of(cast: Cast) -> None:
    """S37: attach, read, leave, and say that it was received."""
    await cast.pair("a1 b2")
    heard = await cast.say("a1", pub={"topic": B, "content": "hi", "noecho": True})
    assert heard == {"b2": [pres("me", "msg", src=A, seq=1, act=A)]}
    get = {"what": "data", "data": {"since": 1}}
    heard = await cast.say("b2", sub={"topic": A, "get": get})
    assert heard["b2"][1:] == [
        data(A, 1, "hi", **{"from": A}),
        (208, {"what": "data", "count": 1}),
    ]
    assert await cast.say("b2", leave={"topic": A}) == {"b2": [200]}
    heard = await cast.say("b2", note={"topic": A, "what": "recv", "seq": 1})
    assert heard == {"a1": [info(B, B, "recv", seq=1)]}


async def test_pinned_messages_and_own_tags(cast: Cast) -> None:
    """S43: E18 and E21, without `src`."""
    await cast.pair("a1 a2 a3 b1")
    heard = await cast.say("a1", set={"topic": B, "aux": {"pins": [17]}})
    same(heard, {"a1": [200], "a3": [pres(B, "aux")], "b1": [pres(A, "aux")]})
    await cast.enter("a4")
    await cast["a4"].say(sub={"topic": "me"})
    cast.heard()
    tags = ["basic:usera", "alias:alice"]
    heard = await cast.say("a2", set={"topic": "me", "tags": tags})
    told = [pres("me", "tags")]
    same(heard, {"a1": told, "a2": [(200, {"added": 1})], "a4": told})


async def test_tags_of_a_group_concern_its_owner(cast: Cast) -> None:
    """E19."""
    await cast.group("a1 a3 b1")
    heard = await cast.cause("a1", set={"topic": cast.topic, "tags": ["travel"]})
    assert heard == {"a3": [pres(cast.topic, "tags")]}


async def test_a_group_gets_another_name(cast: Cast) -> None:
    """S44: E16 to all others, muted or attached, E17 to the own devices; J is enough."""
    await cast.group("a1 a2 a3 b1 b2 c2 d2")
    group = cast.topic
    await cast.say("b1", set={"topic": group, "sub": {"mode": "JRWS"}})
    await cast["a3"].say(sub={"topic": "me"})
    cast.heard()
    heard = await cast.say("a1", set={"topic": group, "desc": {"public": {"fn": "New"}}})
    upd = [pres("me", "upd", src=group)]
    others = dict.fromkeys(("a2", "a3", "b1", "b2", "c2", "d2"), upd)
    same(heard, {"a1": [200], **others})
    heard = await cast.say("a1", set={"topic": group, "desc": {"private": {"note": 1}}})
    same(heard, {"a1": [200], "a2": upd, "a3": upd})
    heard = await cast.say("a1", set={"topic": group, "desc": {"defacs": {"auth": "JRW"}}})
    assert heard == {"a1": [200]}  # QUIRK


async def test_somebody_is_suspended(cast: Cast) -> None:
    """S46: conversations fall silent; no presence of its own."""
    await cast.pair("a1 b1")
    await cast.stage.db.run(users.set_state, B, State.SUSPENDED, cast.stage.now())
    removal._job(cast.stage.hub, cast.topic, removal._reload)
    await cast.stage.quiet()
    await cast["b1"].drop()
    cast.heard()
    assert await cast.say("a1", pub={"topic": B, "content": "?"}) == {"a1": [403]}
    assert await cast.say("a1", note={"topic": B, "what": "kp"}) == {}
    await cast.stage.elapse(IDLE_S)
    assert cast.heard() == {"a1": [pres("me", "off", src=B)]}


@pytest.mark.parametrize("loaded", [True, False])
async def test_an_account_is_deleted(cast: Cast, loaded: bool) -> None:
    """S47, DEFECT D18: peers learn of it whether the conversation is loaded or not, groups too."""
    await cast.pair("b2")
    await cast.group("c1 b2")
    conversation = cast.stage.actor(A)
    if loaded:
        await conversation.say(sub={"topic": B})
    member = cast.stage.actor(A)
    await member.say(sub={"topic": cast.topic})
    owned = cast.topic
    other = cast.stage.actor(C)
    await other.say(sub={"topic": "new2"})
    theirs: Any = other.heard[0]["ctrl"]["topic"]
    await member.say(sub={"topic": theirs})
    cast.sessions["c4"] = other
    cast.heard()
    erased = await cast.stage.db.run(users.delete, A, hard=True, now_ms=cast.stage.now())
    removal._tell(cast.stage.hub, A, erased)
    await cast.stage.quiet()
    heard = cast.heard()
    same(
        heard,
        {
            "b2": [pres("me", "gone", src=A), pres("me", "gone", src=owned)],
            "c1": [(205, {"unsub": True}), pres("me", "gone", src=owned)],
            "c4": [
                pres(theirs, "acs", src=A, dacs={"want": "N", "given": "N"}),
                pres(theirs, "off", src=A),
            ],
        },
    )
