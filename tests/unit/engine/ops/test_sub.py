"""{sub}: attach, subscribe, create."""

from typing import Any

from chinwag.core import ids
from stage import ALICE, Actor, Stage, new_group


async def ctrl(actor: Actor, **sub: Any) -> dict[str, Any]:
    """The {ctrl} that answers a {sub}."""
    answer = await actor.say(sub=sub)
    return next(m["ctrl"] for m in answer if "ctrl" in m)


async def test_alias_of_somebody_else_cannot_be_taken_by_a_new_group(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T25: aliases are unique over people and groups, at creation too; nothing is stored."""
    await alice.say(sub={"topic": "me"})
    await alice.say(set={"topic": "me", "tags": ["basic:alice", "alias:first"]})
    await new_group(bob, "new1", tags=["alias:second"])
    for taken in ("alias:first", "alias:second"):
        assert (await ctrl(bob, topic="new2", set={"tags": [taken]}))["code"] == 400
    assert (await ctrl(bob, topic="new2", set={"tags": ["alias:third"]}))["code"] == 200


async def test_own_notes_show_what_their_owner_was_granted_until_they_are_loaded_again(
    stage: Stage, alice: Actor
) -> None:
    """02 §3.2, QUIRK: default access and grant differ after a reload; nobody gains anything."""
    await alice.say(sub={"topic": "slf"})
    desc = await alice.meta("desc", topic="slf")
    assert desc["defacs"] == {"auth": "JRWDO", "anon": "N"}
    assert desc["acs"]["given"] == "JRWDO"
    stage.hub.topics[ids.slf_name(ALICE)].forget_state()
    desc = await alice.meta("desc", topic="slf")
    assert desc["defacs"] == {"auth": "N", "anon": "N"}
    assert desc["acs"] == {"want": "JRWDO", "given": "JRWPASDO", "mode": "JRWDO"}
