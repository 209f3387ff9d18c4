"""A topic is loaded again while sessions are attached: store and attachments agree afterwards.

Found by simulation: a commit whose answer is lost is still a commit.
"""

from typing import Any

from chinwag.core import ids
from stage import ALICE, BOB, CAROL, Actor, Stage, new_group


async def test_a_message_stored_unseen_reaches_those_who_are_attached(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """Once they missed it until they fetched history: the next live message left a gap."""
    group = await new_group(alice)
    await bob.say(sub={"topic": group})
    carol = stage.actor(CAROL)
    await carol.say(sub={"topic": "me"})
    await carol.say(sub={"topic": group})
    await carol.say(leave={"topic": group})
    carol.news()
    stage.db.moods = ["unsure", "lost"]  # neither the commit nor the question is answered
    code, _ = await alice.ask(pub={"id": "1", "topic": group, "content": "one"})
    assert code == 503
    await alice.say(pub={"id": "2", "topic": group, "content": "two"})
    heard = [m["data"] for m in bob.heard if "data" in m]
    assert [(d["seq"], d["content"], d["from"]) for d in heard] == [
        (1, "one", ALICE),
        (2, "two", ALICE),
    ]
    assert [(p["what"], p["seq"], p["act"]) for p in carol.news()] == [
        ("msg", 1, ALICE),
        ("msg", 2, ALICE),
    ]


async def test_who_has_left_unseen_is_detached(stage: Stage, alice: Actor, bob: Actor) -> None:
    """Once a session stayed attached without a subscription."""
    await alice.say(sub={"topic": BOB})
    await bob.say(sub={"topic": ALICE})
    stage.db.moods = ["unsure"]
    assert (await bob.ask(leave={"topic": ALICE, "unsub": True}))[0] == 503
    bob.heard.clear()
    await alice.say(pub={"topic": BOB, "content": "are you there?"})
    evicted = bob.heard[0]["ctrl"]
    assert (evicted["code"], evicted["topic"], evicted["params"]) == (205, ALICE, {"unsub": True})
    assert bob.attached == set()


async def test_a_topic_deleted_unseen_is_left_by_everybody(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    group = await new_group(alice)
    await bob.say(sub={"topic": group})
    stage.db.moods = ["unsure"]
    assert (await alice.ask(**{"del": {"topic": group, "what": "topic", "hard": True}}))[0] == 503
    assert (await bob.ask(get={"topic": group, "what": "desc"}))[0] == 205
    assert group not in alice.attached | bob.attached


async def test_attached_readers_of_a_channel_are_known_again(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """Once they heard no more of deletions, and their marks were dropped."""
    group = await new_group(alice, "nch1")
    channel = ids.chn_of(group)
    await bob.say(sub={"topic": channel})
    await alice.say(pub={"topic": group, "content": "one"})
    stage.hub.topics[group].forget_state()
    await bob.say(note={"topic": channel, "what": "read", "seq": 1})
    assert (await bob.meta("desc", topic=channel))["read"] == 1
    bob.heard.clear()
    erase: Any = {"topic": group, "what": "msg", "delseq": [{"low": 1}], "hard": True}
    await alice.say(**{"del": erase})
    assert [p["what"] for p in bob.news()] == ["del"]


async def test_a_reader_promoted_unseen_has_to_come_again(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    group = await new_group(alice, "nch1")
    await bob.say(sub={"topic": ids.chn_of(group)})
    stage.db.moods = ["unsure"]
    assert (await alice.ask(set={"topic": group, "sub": {"user": BOB, "mode": "JRWPS"}}))[0] == 503
    bob.heard.clear()
    await alice.say(get={"topic": group, "what": "desc"})
    assert bob.heard[0]["ctrl"]["topic"] == ids.chn_of(group)
    assert (await bob.ask(sub={"topic": group}))[0] == 200
