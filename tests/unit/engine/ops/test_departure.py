"""Leaving, removing and deleting. Source: specification 02, paragraphs 6, 11.2, 11.3 and 13."""

from typing import Any

import pytest

from chinwag.core import ids
from chinwag.store import subs
from stage import ALICE, BOB, CAROL, Actor, Stage, new_group

EVICTED = (205, {"unsub": True})


def ctrls(actor: Actor) -> list[tuple[int, Any]]:
    return [(m["ctrl"]["code"], m["ctrl"].get("params")) for m in actor.heard if "ctrl" in m]


async def delete(actor: Actor, topic: str, **more: Any) -> int:
    """The code that answers {del what="topic"}."""
    return (await actor.ask(**{"del": {"topic": topic, "what": "topic", **more}}))[0]


# --- leaving --------------------------------------------------------------------------------


async def test_leaving_for_good(stage: Stage, alice: Actor, bob: Actor) -> None:
    """02 §6, QUIRK: the answer first; other sessions are thrown out, the asking one is not."""
    name = await new_group(alice)
    other = stage.actor(BOB)
    for session in (bob, other):
        await session.say(sub={"topic": name})
    bob.heard.clear()
    other.heard.clear()
    assert await bob.ask(leave={"topic": name, "unsub": True}) == (200, None)
    assert ctrls(bob) == [(200, None)]
    assert ctrls(other) == [EVICTED]
    assert await bob.ask(leave={"topic": name, "unsub": True}) == (409, None)
    assert await bob.ask(leave={"topic": name}) == (304, None)
    assert await delete(bob, name) == 304


@pytest.mark.parametrize("topic", ["me", "fnd", "slf", "new1"])
async def test_nobody_leaves_what_is_his_own(stage: Stage, alice: Actor, topic: str) -> None:
    """02 §6, T-S13, T-S42, T-S46: he stays attached."""
    answer = await alice.say(sub={"topic": topic})
    name = answer[0]["ctrl"]["topic"]
    assert await alice.ask(leave={"topic": name, "unsub": True}) == (403, None)
    assert await alice.ask(leave={"topic": name}) == (200, None)


@pytest.mark.parametrize("unsub", [False, True])
async def test_a_channel_is_left_by_either_name(alice: Actor, bob: Actor, unsub: bool) -> None:
    """T23, 01 DEFECT-27: one answer, and the session is detached."""
    name = await new_group(alice, topic="nch1")
    await bob.say(sub={"topic": ids.chn_of(name)})
    bob.heard.clear()
    assert await bob.ask(leave={"topic": name, "unsub": unsub}) == (200, None)
    assert ctrls(bob) == [(200, None)]
    assert not bob.attached


async def test_a_plain_group_has_no_channel_name(alice: Actor, bob: Actor) -> None:
    """T23, 01 DEFECT-27, QUIRK-18: 404, once, and nothing happens."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name})
    bob.heard.clear()
    assert await bob.ask(leave={"topic": ids.chn_of(name)}) == (404, None)
    assert ctrls(bob) == [(404, None)]
    assert bob.attached == {name}


async def test_both_leave_a_conversation_and_it_is_gone(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """02 §6, T03: it lasts as long as one of the two stays."""
    await alice.say(sub={"topic": BOB})
    await alice.say(pub={"topic": BOB, "content": "hi"})
    await bob.say(sub={"topic": ALICE})
    await alice.say(leave={"topic": BOB, "unsub": True})
    assert (await bob.meta("desc", topic=ALICE))["seq"] == 1
    await bob.say(leave={"topic": ALICE, "unsub": True})
    answer = await alice.say(sub={"topic": BOB, "get": {"what": "data"}})
    assert answer[1]["ctrl"]["code"] == 204


# --- removing -------------------------------------------------------------------------------


async def test_who_is_removed_loses_everything(stage: Stage, alice: Actor, bob: Actor) -> None:
    """T14, 02 §11.2: an admin who returns is an ordinary member."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name})
    await alice.say(set={"topic": name, "sub": {"user": BOB, "mode": "JRWPASD"}})
    bob.heard.clear()
    assert await alice.ask(**{"del": {"topic": name, "what": "sub", "user": BOB}}) == (200, None)
    assert ctrls(bob) == [EVICTED]
    _, params = await bob.ask(sub={"topic": name, "set": {"sub": {"mode": "JRWPASD"}}})
    assert params["acs"]["given"] == "JRWPS"


async def test_who_is_banned_before_is_not_let_in_again(alice: Actor, bob: Actor) -> None:
    """T14, 02 §7.3, T-S14."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name})
    await alice.say(set={"topic": name, "sub": {"user": BOB, "mode": "N"}})
    assert await alice.ask(**{"del": {"topic": name, "what": "sub", "user": BOB}}) == (200, None)
    assert await bob.ask(sub={"topic": name}) == (403, None)


async def test_everybody_who_may_know_sees_a_member_go(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T36: ordinary members without S are told `off` too."""
    name = await new_group(alice, desc={"defacs": {"auth": "JRWP"}})
    carol = stage.actor(CAROL)
    for actor in (bob, carol):
        await actor.say(sub={"topic": name})
    carol.news()
    await alice.ask(**{"del": {"topic": name, "what": "sub", "user": BOB}})
    assert carol.news() == [{"topic": name, "src": BOB, "what": "off"}]


# --- deleting topics ------------------------------------------------------------------------


@pytest.mark.parametrize("hard", [False, True])
async def test_an_owner_deletes_a_group_at_work(
    stage: Stage, alice: Actor, bob: Actor, hard: bool
) -> None:
    """T33, T15, 02 §11.3: attached members are thrown out, nothing of the group can be found."""
    name = await new_group(alice)
    for actor in (alice, bob):
        await actor.say(sub={"topic": "me"})
    await bob.say(sub={"topic": name})
    alice.heard.clear()
    bob.heard.clear()
    assert await delete(alice, name, hard=hard) == 200
    assert ctrls(alice) == [(200, None)]
    assert ctrls(bob) == [EVICTED]
    gone = {"topic": "me", "src": name, "what": "gone"}
    assert (alice.news(), bob.news()) == ([gone], [gone])
    for answer in (
        await alice.ask(sub={"topic": name}),
        await bob.ask(sub={"topic": name}),
        await bob.ask(get={"topic": name, "what": "desc"}),
    ):
        assert answer == (404, None)
    assert await delete(alice, name, hard=True) == 304


async def test_a_deleted_notebook_is_made_anew(alice: Actor) -> None:
    """T15: own notes are always deleted for good, and empty when they are opened again."""
    await alice.say(sub={"topic": "slf"})
    await alice.say(pub={"topic": "slf", "content": "milk"})
    assert await delete(alice, "slf") == 200
    answer = await alice.say(sub={"topic": "slf", "get": {"what": "data"}})
    assert [m["ctrl"]["code"] for m in answer] == [200, 204]


@pytest.mark.parametrize("topic", ["me", "fnd"])
async def test_what_belongs_to_the_account_stays(stage: Stage, alice: Actor, topic: str) -> None:
    """T29, 01 DEFECT-35: attached or not."""
    assert await delete(alice, topic) == 403
    await alice.say(sub={"topic": topic})
    assert await delete(alice, topic) == 403
    assert await stage.db.read(subs.get, ids.route(topic, ALICE), ALICE) is not None


async def test_a_stranger_deletes_nothing(stage: Stage, alice: Actor, bob: Actor) -> None:
    """T03: neither a conversation of two, nor one that a party has left."""
    carol = stage.actor(CAROL)
    await alice.say(sub={"topic": BOB})
    await bob.say(sub={"topic": ALICE})
    await bob.say(leave={"topic": ALICE, "unsub": True})
    name = ids.p2p_name(ALICE, BOB)
    for intruder in (carol, bob):
        request = intruder.request(**{"del": {"topic": ALICE, "what": "topic", "hard": True}})
        request.name = name
        stage.hub.post(request)
        await stage.quiet()
        assert intruder.heard[-1]["ctrl"]["code"] == 304
    assert (await alice.meta("desc", topic=BOB))["public"] == {"fn": "Bob"}


async def test_the_last_party_deletes_the_conversation(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """02 §11.3: for good, whatever `hard` says, and nobody hears of it but other attached ones."""
    other = stage.actor(ALICE)
    for session in (alice, other):
        await session.say(sub={"topic": BOB})
    await bob.say(sub={"topic": ALICE})
    await alice.say(pub={"topic": BOB, "content": "x"})
    assert await delete(bob, ALICE) == 200
    bob.heard.clear()
    other.heard.clear()
    assert await delete(alice, BOB) == 200
    assert ctrls(other) == [EVICTED]
    assert bob.heard == []
    assert (await bob.ask(get={"topic": ALICE, "what": "sub"}))[0] == 404
    answer = await bob.say(sub={"topic": ALICE, "get": {"what": "data"}})
    assert answer[1]["ctrl"]["code"] == 204


async def test_the_last_party_keeps_no_contact(stage: Stage, alice: Actor, bob: Actor) -> None:
    """02 §11.3: no device is told, but the table of contacts has lost the other."""
    phone = stage.actor(ALICE)
    await phone.say(sub={"topic": "me"})
    await alice.say(sub={"topic": BOB})
    await bob.say(sub={"topic": ALICE})
    assert await delete(bob, ALICE) == 200
    phone.heard.clear()
    assert BOB in stage.hub.topics[ALICE].contacts
    assert await delete(alice, BOB) == 200
    assert BOB not in stage.hub.topics[ALICE].contacts
    assert phone.heard == []


@pytest.mark.parametrize("attached", [False, True])
async def test_a_reader_gives_a_channel_up(
    stage: Stage, alice: Actor, bob: Actor, attached: bool
) -> None:
    """T22: attached or not, while the channel is at work, and own devices learn of it."""
    name = await new_group(alice, topic="nch1")
    phone = stage.actor(BOB)
    await phone.say(sub={"topic": "me"})
    await bob.say(sub={"topic": ids.chn_of(name)})
    if not attached:
        await bob.say(leave={"topic": ids.chn_of(name)})
    phone.news()
    assert await delete(bob, ids.chn_of(name)) == 200
    assert phone.news() == [{"topic": "me", "src": ids.chn_of(name), "what": "gone"}]
    assert await delete(bob, ids.chn_of(name)) == 304
    assert (await alice.meta("desc", topic=name))["subcnt"] == 1
