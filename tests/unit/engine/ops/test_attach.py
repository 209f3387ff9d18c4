"""Sessions come and go."""

from cast import A, B, C, Cast, D, data, pres, same
from chinwag.core import ids
from chinwag.engine.ops import attach
from chinwag.engine.topic import IDLE_S
from stage import ALICE, BOB, Actor, Stage, new_group


async def test_a_client_that_is_gone_is_detached_though_the_store_is_silent(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """Found by simulation: its end was forgotten together with the state of the topic."""
    group = await new_group(alice)
    await bob.say(sub={"topic": group})
    topic = stage.hub.topics[group]
    topic.forget_state()
    stage.db.silent = 1
    await bob.drop()
    await stage.quiet()
    assert [client.uid for client in topic.attached] == [ALICE]


async def test_an_invited_reader_is_a_member(stage: Stage, alice: Actor, bob: Actor) -> None:
    """Found by simulation: with the reader's attachment the new member was forgotten."""
    group = await new_group(alice, "nch1")
    await bob.say(sub={"topic": ids.chn_of(group)})
    await alice.say(set={"topic": group, "sub": {"user": BOB, "mode": "JRWPS"}})
    await stage.check_memory()
    state = stage.hub.topics[group].state
    assert state is not None
    assert not state.members[BOB].reader
    assert state.members[BOB].online == 0
    assert (await bob.ask(sub={"topic": group}))[0] == 200
    assert state.members[BOB].online == 1


async def test_a_group_wakes_up(cast: Cast) -> None:
    """S24: E12 for the first member, E13 for the next ones, nothing for second devices."""
    await cast.group("a2 b2 c2 d2")
    group = cast.topic
    await cast.stage.elapse(IDLE_S)
    cast.heard()
    for name, uid in (("a1", A), ("b1", B), ("b3", B)):
        cast.sessions[name] = cast.stage.actor(uid)
    heard = await cast.say("a1", sub={"topic": group})
    on = [pres("me", "on", src=group)]
    same(heard, {"a1": [200], **dict.fromkeys(("a2", "b2", "c2", "d2"), on)})
    heard = await cast.say("b1", sub={"topic": group})
    same(heard, {"b1": [200], "a1": [pres(group, "on", src=B)]})
    assert await cast.say("b3", sub={"topic": group}) == {"b3": [200]}


async def test_a_member_who_muted_the_group_wakes_it_up(cast: Cast) -> None:
    """E12: then nobody's muted contact is woken, but all others hear of it."""
    await cast.group("c1")
    group = cast.topic
    await cast.say("c1", set={"topic": group, "sub": {"mode": "JRWS"}})
    await cast["c1"].drop()
    await cast.stage.elapse(IDLE_S)
    await cast.enter("a2 b2 d2")
    cast.sessions["c1"] = cast.stage.actor(C)
    heard = await cast.say("c1", sub={"topic": group})
    on = [pres("me", "on", src=group)]
    same(heard, {"c1": [200], **dict.fromkeys(("a2", "b2", "d2"), on)})


async def test_only_who_reads_sees_who_comes(cast: Cast) -> None:
    """E13: P and R."""
    await cast.group("a1 c1 d1")
    group = cast.topic
    await cast.say("c1", set={"topic": group, "sub": {"mode": "JWPS"}})
    await cast.say("d1", set={"topic": group, "sub": {"mode": "JRW"}})
    cast.sessions["b1"] = cast.stage.actor(B)
    heard = await cast.say("b1", sub={"topic": group})
    same(heard, {"b1": [200], "a1": [pres(group, "on", src=B)]})


# --- background sessions --------------------------------------------------------------------


async def test_a_background_session_is_not_seen(cast: Cast) -> None:
    """03 §7.9, D15, DEFECT-19: no E7, E12 or E13; if it goes, nobody has noticed. It reads all.

    07-18, 06-12.
    """
    await cast.pair("b2")
    await cast.group("b1")
    group = cast.topic
    quiet = cast.sessions["a1"] = cast.stage.actor(A)
    quiet.background = True
    for topic in ("me", group):
        assert list(await cast.say("a1", sub={"topic": topic})) == ["a1"]
    heard = await cast.say("b1", pub={"topic": group, "content": 1, "noecho": True})
    assert heard.pop("a1") == [data(group, 1, 1, **{"from": B})]
    assert heard == {"b2": [pres("me", "msg", src=group, seq=1)]}
    rows = await cast["b1"].meta("sub", topic=group)
    assert {r["user"]: r.get("online") for r in rows}[A] is None
    cast.heard()
    await cast["a1"].drop()
    await cast.stage.elapse(IDLE_S)
    assert cast.heard() == {}


async def test_a_background_session_that_stays_is_seen(cast: Cast) -> None:
    """03 §7.9: what was held back is told then."""
    await cast.pair("b2")
    await cast.group("b1")
    group = cast.topic
    quiet = cast.sessions["a1"] = cast.stage.actor(A)
    quiet.background = True
    for topic in ("me", group):
        await cast.say("a1", sub={"topic": topic})
    hub = cast.stage.hub
    for name in (A, group):
        await attach.promote(hub.topics[name], quiet)
        await attach.promote(hub.topics[name], quiet)
    seen = pres("me", "on", src=A, ua="Stage/1.0")
    heard = cast.heard()
    assert sorted(heard.pop("a1"), key=repr) == [
        pres("me", "on", src=group),
        pres("me", "on", src=B),
    ]
    same(heard, {"b1": [seen, pres(group, "on", src=A)], "b2": [seen]})


async def test_a_group_that_a_background_session_woke_is_not_announced(cast: Cast) -> None:
    """03 §7.1: online is what a member has attached to in the foreground."""
    await cast.group("b2")
    group = cast.topic
    await cast.stage.elapse(IDLE_S)
    cast.heard()
    quiet = cast.sessions["a1"] = cast.stage.actor(A)
    quiet.background = True
    await quiet.say(sub={"topic": group})
    cast.sessions["d2"] = cast.stage.actor(D)
    heard = await cast.say("d2", sub={"topic": "me"})
    assert heard["d2"] == [200]
    assert "b2" not in heard


async def test_a_reader_who_becomes_a_member_reads_on_as_a_member_only(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T22; found by simulation: other sessions stayed attached as a reader's, and uncounted."""
    group = await new_group(alice, "nch1", desc={"defacs": {"auth": "JRWPS"}})
    reading = stage.actor(BOB)
    await reading.say(sub={"topic": ids.chn_of(group)})
    reading.heard.clear()
    assert (await bob.ask(sub={"topic": group}))[0] == 200
    assert [m["ctrl"]["code"] for m in reading.heard if "ctrl" in m] == [205]
    assert reading.attached == set()


async def test_who_bans_himself_from_outside_is_detached_everywhere(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """02 §5.8, C3; found by simulation: other devices stayed attached."""
    group = await new_group(alice)
    await bob.say(sub={"topic": group})
    outside = stage.actor(BOB)
    assert (await outside.ask(set={"topic": group, "sub": {"mode": "N"}}))[0] == 200
    assert [m["ctrl"]["code"] for m in bob.heard if "ctrl" in m][-1] == 205
    assert bob.attached == set()
