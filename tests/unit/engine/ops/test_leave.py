"""{leave}: sessions go. Source: specification 02, paragraph 6; 03, paragraph 7.8."""

from cast import A, B, Cast, pres, same
from chinwag.engine.topic import IDLE_S
from stage import Actor, Stage, new_group


async def test_the_last_device_makes_a_member_off(cast: Cast) -> None:
    """S24, E14."""
    await cast.group("a1 b1 b3 c1")
    group = cast.topic
    assert await cast.say("b1", leave={"topic": group}) == {"b1": [200]}
    off = [pres(group, "off", src=B)]
    same(await cast.say("b3", leave={"topic": group}), {"b3": [200], "a1": off, "c1": off})


async def test_a_lost_connection_is_no_different(cast: Cast) -> None:
    """E14."""
    await cast.group("a1 b1")
    await cast["b1"].drop()
    assert cast.heard() == {"a1": [pres(cast.topic, "off", src=B)]}


async def test_parties_have_no_status_of_their_own(cast: Cast) -> None:
    """03 §7.1: a conversation shows the peer's status."""
    await cast.pair("a1 b1")
    assert await cast.say("b1", leave={"topic": A}) == {"b1": [200]}


async def test_a_group_falls_asleep(cast: Cast) -> None:
    """S24, E15: four seconds behind the last session; a join in between keeps it awake."""
    await cast.group("a1 a2 b2 c2 d2")
    group = cast.topic
    await cast.say("a1", leave={"topic": group})
    await cast.stage.elapse(IDLE_S - 1)
    await cast.say("a1", sub={"topic": group})
    await cast.stage.elapse(IDLE_S)
    assert cast.heard() == {}
    await cast.say("a1", leave={"topic": group})
    await cast.stage.elapse(IDLE_S)
    off = [pres("me", "off", src=group)]
    same(cast.heard(), dict.fromkeys(("a1", "a2", "b2", "c2", "d2"), off))
    assert group not in cast.stage.hub.topics


async def test_who_is_not_there_cannot_leave(alice: Actor, bob: Actor) -> None:
    """Specification 02, paragraph 6."""
    name = await new_group(alice)
    assert (await bob.ask(leave={"topic": name}))[0] == 304
    assert (await bob.ask(leave={"topic": name, "unsub": True}))[0] == 409
    assert (await alice.ask(leave={"topic": "chn" + name[3:]}))[0] == 404
    await alice.say(sub={"topic": "me"})
    assert (await alice.ask(leave={"topic": "me", "unsub": True}))[0] == 403


async def test_readers_come_and_go_unseen(stage: Stage, alice: Actor, bob: Actor) -> None:
    """E41, DEFECT D30: after a lost connection a reader is not taken for somebody present.

    DEFECT D31: nor for a new subscriber at the return.
    """
    name = await new_group(alice, "nch1")
    channel = "chn" + name[3:]
    elsewhere = stage.actor(bob.uid)
    await elsewhere.say(sub={"topic": "me"})
    await bob.say(sub={"topic": channel})
    await bob.drop()
    alice.heard.clear()
    elsewhere.heard.clear()
    state = stage.hub.topics[name].state
    assert state is not None
    assert bob.uid not in state.members
    await alice.say(pub={"topic": name, "content": "news"})
    await alice.say(note={"topic": name, "what": "kp"})
    assert elsewhere.heard == []
    again = stage.actor(bob.uid)
    await again.say(sub={"topic": channel})
    assert (await alice.meta("desc", topic=name))["subcnt"] == 2
    await again.say(leave={"topic": channel})
    assert all("pres" not in m for m in alice.heard)


async def test_readers_do_not_see_who_comes_and_goes(cast: Cast) -> None:
    """DEFECT D30: members' ids are no business of readers."""
    await cast.group("a1 b2", channel=True)
    await cast.enter("e4")
    await cast["e4"].say(sub={"topic": "chn" + cast.topic[3:]})
    cast.heard()
    b1 = cast.sessions["b1"] = cast.stage.actor(B)
    await b1.say(sub={"topic": cast.topic})
    await b1.say(leave={"topic": cast.topic})
    heard = cast.heard()
    assert "e4" not in heard
    assert heard["a1"] == [pres(cast.topic, "on", src=B), pres(cast.topic, "off", src=B)]
