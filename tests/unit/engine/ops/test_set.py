"""{set} as clients see it. Source: specification 02, paragraphs 9, 10.4 and 12.2."""

import pytest

from chinwag.core.state import Level
from stage import ALICE, BOB, CAROL, Actor, Stage, new_group


async def test_each_part_is_answered_and_a_refused_one_stops_nothing(alice: Actor) -> None:
    """Golden a-me-trusted-refused, step 4."""
    await alice.say(sub={"topic": "me"})
    answer = await alice.say(
        set={"topic": "me", "desc": {"trusted": {"a": 1}}, "tags": ["basic:alice", "org:x1"]}
    )
    assert [m["ctrl"]["code"] for m in answer] == [403, 200]
    assert await alice.ask(set={"topic": "me"}) == (400, None)


async def test_the_own_devices_and_contacts_learn_of_a_new_profile(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """E10 and E11, golden b-pres-profile-changed."""
    second = stage.actor(ALICE)
    for actor in (alice, second, bob):
        await actor.say(sub={"topic": "me"})
    await alice.say(sub={"topic": BOB})
    for actor in (alice, second, bob):
        actor.news()
    assert await alice.ask(set={"topic": "me", "desc": {"public": {"fn": "A"}}}) == (200, None)
    assert alice.news() == []
    assert second.news() == [{"topic": "me", "src": "me", "what": "upd"}]
    assert bob.news() == [{"topic": "me", "src": ALICE, "what": "upd"}]
    await alice.say(set={"topic": "me", "desc": {"private": {"k": 1}}})
    assert (len(second.news()), bob.news()) == (1, [])
    await alice.say(set={"topic": "me", "desc": {"defacs": {"auth": "JRW"}}})
    assert second.news() == bob.news() == []


async def test_subscribers_learn_of_a_new_group_description(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """E16 and E17: on `me`, whether attached to the group or not."""
    carol, second = stage.actor(CAROL), stage.actor(ALICE)
    name = await new_group(alice, topic="nch1", desc={"defacs": {"auth": "JRWPS"}})
    await bob.say(sub={"topic": name})
    await carol.say(sub={"topic": "chn" + name[3:]})
    for actor in (second, bob, carol):
        await actor.say(sub={"topic": "me"})
        actor.news()
    assert await alice.ask(set={"topic": name, "desc": {"public": "new"}}) == (200, None)
    expected = [{"topic": "me", "src": name, "what": "upd"}]
    assert (second.news(), bob.news()) == (expected, expected)
    assert carol.news() == [{"topic": "me", "src": "chn" + name[3:], "what": "upd"}]


async def test_a_readers_note_is_kept(alice: Actor, bob: Actor) -> None:
    """DEFECT T22."""
    name = await new_group(alice, topic="nch1")
    chn = "chn" + name[3:]
    await bob.say(sub={"topic": chn})
    assert await bob.ask(set={"topic": chn, "desc": {"private": {"n": 1}}}) == (200, None)
    assert await bob.ask(set={"topic": chn, "desc": {"public": 1}}) == (403, None)
    await bob.say(leave={"topic": chn})
    await bob.say(sub={"topic": chn})
    assert (await bob.meta("desc", topic=chn))["private"] == {"n": 1}


async def test_tags_are_counted_and_told_to_the_other_devices(stage: Stage, alice: Actor) -> None:
    """Golden b-group-tags."""
    second = stage.actor(ALICE)
    name = await new_group(alice, tags=["red", "green"])
    await second.say(sub={"topic": name})
    alice.news()
    second.news()
    tags = ["GREEN", " blue ", "blue"]
    assert await alice.ask(set={"topic": name, "tags": tags}) == (200, {"added": 1, "removed": 1})
    assert (alice.news(), second.news()) == ([], [{"topic": name, "what": "tags"}])
    assert await second.meta("tags", topic=name) == ["blue", "green"]
    assert await alice.ask(set={"topic": name, "tags": ["blue", "green"]}) == (304, None)


async def test_an_alias_has_one_bearer(alice: Actor, bob: Actor) -> None:
    """DEFECT T25."""
    await alice.say(sub={"topic": "me"})
    name = await new_group(bob)
    mine = ["basic:alice", "alias:flower"]
    assert (await alice.ask(set={"topic": "me", "tags": mine}))[0] == 200
    assert await bob.ask(set={"topic": name, "tags": ["alias:flower"]}) == (400, None)
    assert (await bob.ask(get={"topic": name, "what": "tags"}))[0] == 204


async def test_pins_are_set_by_admins_and_told_to_everybody(alice: Actor, bob: Actor) -> None:
    """Golden b-group-pins."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name})
    alice.news()
    bob.news()
    assert await bob.ask(set={"topic": name, "aux": {"pins": [1]}}) == (403, None)
    assert await alice.ask(set={"topic": name, "aux": {"pins": [1], "x": {"y": 1}}}) == (200, None)
    assert (alice.news(), bob.news()) == ([], [{"topic": name, "what": "aux"}])
    assert await bob.meta("aux", topic=name) == {"pins": [1], "x": {"y": 1}}
    await alice.say(set={"topic": name, "aux": {"pins": "\u2421", "x": "\u2421"}})
    assert await bob.ask(get={"topic": name, "what": "aux"}) == (204, {"what": "aux"})
    assert await alice.ask(set={"topic": name, "aux": {}}) == (304, None)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, 400),
        ({"tags": ["abc"]}, 403),
        ({"aux": {"a": 1}, "desc": {"private": {"x": 1}}}, 403),
        ({"cred": {"meth": "email"}}, 403),
        ({"desc": {"public": "x"}}, 304),
        ({"sub": {}}, 304),
        ({"sub": {"user": BOB, "mode": "JRW"}}, 403),
        ({"sub": {"mode": "JRW"}}, 404),
    ],
)
async def test_from_outside(alice: Actor, bob: Actor, change: dict[str, object], code: int) -> None:
    """Golden a-detached-set; specification 02, paragraph 10.4."""
    name = await new_group(bob)
    assert (await alice.ask(set={"topic": name, **change}))[0] == code


async def test_the_own_note_is_merged_from_outside(stage: Stage, alice: Actor, bob: Actor) -> None:
    """DEFECT T20: attached sessions see it at once, and the null marker clears."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name, "set": {"desc": {"private": {"a": 1}}}})
    away = stage.actor(BOB)
    for note, left in (({"b": 2}, {"a": 1, "b": 2}), ("\u2421", None), ({"c": 3}, {"c": 3})):
        assert await away.ask(set={"topic": name, "desc": {"private": note}}) == (200, None)
        for actor in (away, bob):
            assert (await actor.meta("desc", topic=name)).get("private") == left
    assert await away.ask(set={"topic": name, "desc": {"private": {}}}) == (304, None)


async def test_root_verifies_a_group_in_its_owners_name(stage: Stage, alice: Actor) -> None:
    root = stage.actor(ALICE, Level.ROOT)
    name = await new_group(alice)
    await root.say(sub={"topic": name})
    assert await root.ask(set={"topic": name, "desc": {"trusted": {"v": True}}}) == (200, None)
    assert (await alice.meta("desc", topic=name))["trusted"] == {"v": True}
