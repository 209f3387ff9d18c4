"""A user's own presence, and groups that take part in it: specification 03, §7.6 to 7.10."""

from typing import Any

import pytest

from cast import A, B, Cast, D, E, pres, same
from chinwag.core.presence import News
from chinwag.engine import me, ops
from chinwag.engine.topic import IDLE_S, RETRY_S
from chinwag.store import users
from stage import Actor, Stage, new_group

ON_A = pres("me", "on", src=A)


async def online(cast: Cast, name: str) -> list[str]:
    """Whom the list of contacts calls online."""
    actor = cast[name]
    before = list(actor.heard)
    rows = await actor.meta("sub", topic="me")
    actor.heard = before
    return sorted(row["topic"] for row in rows if row.get("online"))


async def test_somebody_comes_online(cast: Cast) -> None:
    """S19: the list is answered before the replies come; a group that is awake answers too."""
    await cast.pair("b2")
    await cast.group("c1 b2")
    a2 = cast.sessions["a2"] = cast.stage.actor(A)
    await a2.say(sub={"topic": "me", "get": {"what": "sub"}})
    heard = cast.heard()
    answer, listed, *rest = heard.pop("a2")
    assert answer == 200
    assert all("online" not in row for row in listed[1]["sub"])
    assert sorted(rest, key=repr) == [
        pres("me", "on", src=cast.topic),
        pres("me", "on", src=B),
    ]
    same(heard, {"b2": [pres("me", "on", src=A, ua="Stage/1.0")]})
    assert await online(cast, "a2") == sorted([cast.topic, B])


async def test_who_muted_somebody_is_not_shown_him_but_is_seen(cast: Cast) -> None:
    """S19: D is a contact whom A has muted; D sees A."""
    opener = cast.stage.actor(A)
    await opener.say(sub={"topic": D, "set": {"sub": {"mode": "JRWA"}}})
    await cast.enter("d2")
    cast.sessions["a2"] = cast.stage.actor(A)
    heard = await cast.say("a2", sub={"topic": "me"})
    same(heard, {"a2": [200], "d2": [pres("me", "on", src=A, ua="Stage/1.0")]})
    assert await online(cast, "a2") == []


async def test_who_only_fetches_something_is_seen_by_nobody(cast: Cast) -> None:
    """D15: not by somebody either who has become a contact meanwhile, and asks."""
    stage = cast.stage
    fetcher, opener, comer = stage.actor(B), stage.actor(A), stage.actor(A)
    fetcher.background = True
    await fetcher.say(sub={"topic": "me"})
    await opener.say(sub={"topic": B})
    await comer.say(sub={"topic": "me"})
    assert comer.news() == []
    stage.hub.topics[B].do("promote", lambda topic, _state: ops.promote(topic, fetcher))
    await stage.quiet()
    assert [(p["what"], p["src"]) for p in comer.news()] == [("on", B)]


async def test_a_second_device_tells_nobody(cast: Cast) -> None:
    """S20: and knows who is online from the list."""
    await cast.pair("a2 b2")
    cast.sessions["a4"] = cast.stage.actor(A)
    assert await cast.say("a4", sub={"topic": "me"}) == {"a4": [200]}
    assert await online(cast, "a4") == [B]


async def test_somebody_goes_offline(cast: Cast) -> None:
    """S21: four seconds behind the last device; the agent is the one last active, if any was."""
    await cast.pair("a2 a4 b2")
    await cast.say("a4", sub={"topic": "me"})
    for name in ("a2", "a4"):
        await cast[name].drop()
    assert cast.heard() == {}
    await cast.stage.elapse(IDLE_S)
    assert cast.heard() == {"b2": [pres("me", "off", src=A)]}
    await cast.enter("a2")
    cast["a2"].ua = "Web/1"
    await cast.say("a2", get={"topic": "me", "what": "desc"})
    await cast["a2"].drop()
    await cast.stage.elapse(IDLE_S)
    assert cast.heard() == {"b2": [pres("me", "off", src=A, ua="Web/1")]}


async def test_a_short_break_is_not_noticed(cast: Cast) -> None:
    """S21, second half; 03 §7.8."""
    await cast.pair("a2 b2")
    await cast["a2"].drop()
    await cast.stage.elapse(IDLE_S - 1)
    cast.sessions["a4"] = cast.stage.actor(A)
    assert await cast.say("a4", sub={"topic": "me"}) == {"a4": [200]}
    assert await online(cast, "a4") == [B]
    await cast.stage.elapse(IDLE_S)
    assert cast.heard() == {}


async def test_another_device_becomes_active(cast: Cast) -> None:
    """S22: five seconds later, to contacts who are online and to groups they are in."""
    await cast.pair("b2")
    await cast.group("b1")
    group = cast.topic
    for name, agent in (("a2", "Web/1"), ("a4", "Android/2")):
        actor = cast.sessions[name] = cast.stage.actor(A)
        actor.ua = agent
        await actor.say(sub={"topic": "me"})
    cast.heard()
    assert "b2" not in await cast.say("a4", get={"topic": "me", "what": "desc"})
    await cast.stage.elapse(me.UA_DELAY_S - 1)
    assert cast.heard() == {}
    await cast.stage.elapse(1)
    on_me = pres("me", "ua", src=A, ua="Android/2")
    same(cast.heard(), {"b2": [on_me], "b1": [on_me, pres(group, "ua", src=A, ua="Android/2")]})


async def test_who_changes_devices_back_and_forth_is_left_alone(cast: Cast) -> None:
    """03 §7.10: the delay starts anew, and only what differs from the last announcement counts."""
    await cast.pair("b2")
    for name, agent in (("a2", "Web/1"), ("a4", "Android/2")):
        actor = cast.sessions[name] = cast.stage.actor(A)
        actor.ua = agent
        await actor.say(sub={"topic": "me"})
    for name in ("a4", "a2", "a4", "a2"):
        await cast.say(name, get={"topic": "me", "what": "desc"})
        await cast.stage.elapse(me.UA_DELAY_S - 1)
    cast.heard()
    await cast.stage.elapse(me.UA_DELAY_S)
    assert cast.heard() == {}


async def test_what_feeds_the_agent(stage: Stage, alice: Actor, bob: Actor) -> None:
    """03 §7.10: from a session on `me`; leaving, deleting and attaching itself do not."""
    await alice.say(sub={"topic": "me"})
    topic = stage.hub.topics[alice.uid]
    assert topic.ua == ""
    elsewhere = stage.actor(alice.uid)
    elsewhere.ua = "Else/1"
    name = await new_group(elsewhere)
    assert topic.ua == ""
    feeding: list[dict[str, Any]] = [
        {"sub": {"topic": name}},
        {"pub": {"topic": name, "content": 1}},
        {"note": {"topic": name, "what": "kp"}},
        {"set": {"topic": name, "aux": {"x": 1}}},
        {"get": {"topic": name, "what": "desc"}},
    ]
    for packet in feeding:
        topic.ua = ""
        await alice.say(**packet)
        assert topic.ua == alice.ua
    others: list[dict[str, Any]] = [
        {"del": {"topic": name, "delseq": [{"low": 1}]}},
        {"leave": {"topic": name}},
    ]
    for packet in others:
        topic.ua = ""
        await alice.say(**packet)
        assert topic.ua == ""
    await bob.say(get={"topic": "me", "what": "desc"})
    assert topic.ua == ""


async def test_when_and_with_what_somebody_was_last_seen(stage: Stage, alice: Actor) -> None:
    """03 §7.8: the remaining device that was active last; it is announced as well."""
    devices = [stage.actor(alice.uid) for _ in range(3)]
    for number, device in enumerate(devices):
        device.ua = f"Device/{number}"
        await device.say(sub={"topic": "me"})
    topic = stage.hub.topics[alice.uid]
    await devices[1].say(get={"topic": "me", "what": "desc"})
    for gone, agent in ((0, "Device/1"), (1, "Device/2"), (2, "Device/2")):
        await devices[gone].drop()
        user = await stage.db.read(users.get, alice.uid)
        assert user is not None
        assert (user.ua, user.seen_ms) == (agent, stage.clock.ms)
        assert topic.ua == agent
        stage.clock.ms += 1000


async def test_a_new_profile(cast: Cast) -> None:
    """S23: E10 and E11."""
    await cast.pair("b2")
    await cast.group("b1 a2 a4")
    await cast["a4"].say(sub={"topic": "me"})
    cast.heard()
    heard = await cast.cause("a2", set={"topic": "me", "desc": {"public": {"fn": "Alice"}}})
    on_me = pres("me", "upd", src=A)
    same(
        heard,
        {
            "a4": [pres("me", "upd", src="me")],
            "b2": [on_me],
            "b1": [on_me, pres(cast.topic, "upd", src=A)],
        },
    )


async def test_who_is_offline_hears_of_no_profile(cast: Cast) -> None:
    """E10: only contacts believed online."""
    await cast.pair("a2")
    await cast.enter("b2")
    await cast["b2"].drop()
    await cast.stage.elapse(IDLE_S)
    cast.heard()
    heard = await cast.cause("a2", set={"topic": "me", "desc": {"public": {"fn": "Alice"}}})
    assert heard == {}


async def test_somebody_hides_and_comes_back(cast: Cast) -> None:
    """E31: `me` itself is muted; one sees nobody online meanwhile, and hears acs and gone only."""
    await cast.pair("a2 b2")
    heard = await cast.cause("a2", set={"topic": "me", "sub": {"mode": "JS"}})
    same(heard, {"b2": [pres("me", "off", src=A)]})
    assert await online(cast, "a2") == []
    heard = await cast.cause("a2", set={"topic": "me", "sub": {"mode": "JPS"}})
    same(heard, {"a2": [pres("me", "on", src=B)], "b2": [pres("me", "on", src=A)]})
    assert await online(cast, "a2") == [B]


async def test_who_hides_hears_only_what_concerns_rights(cast: Cast) -> None:
    """03 §7.8: acs and gone as {pres}; {info} is still delivered."""
    await cast.pair("a2 b1 b2")
    await cast.say("a2", set={"topic": "me", "sub": {"mode": "JS"}})
    await cast.say("b1", pub={"topic": A, "content": 1, "noecho": True})
    assert cast.heard() == {}
    assert "a2" in await cast.say("b1", note={"topic": A, "what": "kp"})
    await cast["b2"].drop()
    await cast["b1"].drop()
    await cast.stage.elapse(IDLE_S)
    await cast.enter("b1")
    assert cast.heard() == {}
    heard = await cast.say("b1", set={"topic": A, "sub": {"user": A, "mode": "JRW"}})
    assert [m[1]["what"] for m in heard["a2"]] == ["acs"]


async def test_who_has_left_a_conversation_is_a_stranger(cast: Cast) -> None:
    """DEFECT D17: no ghost is online, and whoever left is not told that the other one is."""
    await cast.pair("a1 b2")
    await cast.say("a1", leave={"topic": B, "unsub": True})
    for name in ("a1", "b2"):
        await cast[name].drop()
    await cast.stage.elapse(IDLE_S)
    await cast.enter("a2 b2")
    assert cast.heard() == {}
    rows = await cast["a2"].say(get={"topic": "me", "what": "sub"})
    assert all(row.get("online") is None for m in rows for row in m.get("meta", {}).get("sub", []))
    assert await online(cast, "b2") == []


async def test_who_leaves_a_conversation_is_not_online_for_a_late_answer(cast: Cast) -> None:
    """Found by simulation: B asks, A's `me` has much to do and answers when A has left."""
    await cast.pair("a2 b2")
    hub = cast.stage.hub
    hub.topics[A].post(News(what="on", src=B, origin=B, wants_reply=True))
    hub.topics[A].post(News(what="gone", src=B, origin=cast.topic, command="rem"))
    hub.tell(B, News(what="off", src=A, origin=cast.topic))
    await cast.stage.quiet()
    assert await online(cast, "b2") == []


async def test_what_is_gone_is_always_told(cast: Cast) -> None:
    """DEFECT D32: also to somebody who subscribed to it muted."""
    await cast.group("a1 e2")
    member = cast.stage.actor(E)
    await member.say(sub={"topic": cast.topic, "set": {"sub": {"mode": "JRW"}}})
    await member.say(leave={"topic": cast.topic})
    cast.heard()
    heard = await cast.cause("a1", **{"del": {"topic": cast.topic, "what": "topic", "hard": True}})
    gone = [pres("me", "gone", src=cast.topic)]
    same(heard, {"a1": gone, "e2": gone})


async def test_who_comes_while_the_store_is_silent_is_seen_when_it_is_back(cast: Cast) -> None:
    """He was shown to nobody, and saw nobody, until he came again."""
    await cast.pair("b2")
    stage = cast.stage
    cast.sessions["a2"] = stage.actor(A)
    await stage.hub.topic(A).ensure()
    stage.db.silent = 3
    assert await cast.say("a2", sub={"topic": "me"}) == {"a2": [200]}
    for _ in range(3):
        await stage.elapse(RETRY_S)
    heard = cast.heard()
    same(heard, {"a2": [pres("me", "on", src=B)], "b2": [pres("me", "on", src=A, ua="Stage/1.0")]})


@pytest.mark.parametrize("what", ["on", "off"])
async def test_members_do_not_see_who_asks_their_group(cast: Cast, what: str) -> None:
    """03 §7.6: the group consumes it."""
    await cast.group("b1")
    cast.sessions["a2"] = cast.stage.actor(A)
    await cast["a2"].say(sub={"topic": "me"})
    if what == "off":
        cast.heard()
        await cast["a2"].drop()
        await cast.stage.elapse(IDLE_S)
    assert "b1" not in cast.heard()
