"""{get} without being attached. Source: specification 02, paragraphs 10.1 to 10.3."""

import pytest

from chinwag.core.state import Level
from stage import ALICE, BOB, Actor, Stage, new_group


async def test_a_stranger_sees_what_a_newcomer_would_get(alice: Actor, bob: Actor) -> None:
    """Golden a-detached-get."""
    name = await new_group(alice, desc={"public": {"fn": "G"}, "private": {"own": 1}})
    shown = await bob.meta("desc", topic=name)
    assert shown["acs"] == {"mode": "JRWPS"}
    assert set(shown) == {"created", "updated", "acs", "subcnt", "public"}
    person = await bob.meta("desc", topic=ALICE)
    assert set(person) == {"created", "updated", "acs", "public"}
    assert (await bob.meta("desc", topic="me"))["acs"] == {"mode": "JRWPASD"}


async def test_both_parts_are_answered(alice: Actor, bob: Actor) -> None:
    """Specification 02, paragraph 10.1, last sentence."""
    name = await new_group(alice)
    answer = await bob.say(get={"topic": name, "what": "desc sub data"})
    assert [min(m) for m in answer] == ["meta", "ctrl"]
    assert answer[1]["ctrl"]["text"] == "not found"


@pytest.mark.parametrize(
    ("topic", "what", "code"),
    [
        ("fnd", "desc", 400),
        ("slf", "desc", 400),
        ("slf", "sub", 404),
        ("me", "tags cred", 403),
        ("me", "nothing", 400),
        ("grpAAAAAAAAAAA", "desc", 404),
        (BOB, "sub", 404),
    ],
)
async def test_refusals(alice: Actor, topic: str, what: str, code: int) -> None:
    assert (await alice.ask(get={"topic": topic, "what": what}))[0] == code


async def test_the_own_record_and_nobody_elses(stage: Stage, alice: Actor, bob: Actor) -> None:
    """Paragraph 10.3."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name, "set": {"desc": {"private": {"p": 1}}}})
    other = stage.actor(BOB)
    (row,) = await other.meta("sub", topic=name)
    assert (row["user"], row["private"]) == (BOB, {"p": 1})
    get = {"topic": name, "what": "sub", "sub": {"user": ALICE}}
    assert await other.ask(get=get) == (403, None)
    await bob.say(leave={"topic": name, "unsub": True})
    (row,) = await other.meta("sub", topic=name)
    assert set(row) == {"acs", "deleted"}


async def test_a_readers_record_is_found(stage: Stage, alice: Actor, bob: Actor) -> None:
    """DEFECT T22."""
    name = await new_group(alice, topic="nch1")
    await bob.say(sub={"topic": "chn" + name[3:]})
    await bob.say(leave={"topic": "chn" + name[3:]})
    assert (await bob.meta("desc", topic="chn" + name[3:]))["acs"]["mode"] == "JRP"
    assert (await bob.meta("sub", topic=name))[0]["acs"]["mode"] == "JRP"


async def test_root_sees_the_state_of_an_account(stage: Stage) -> None:
    root = stage.actor(ALICE, Level.ROOT)
    assert (await root.meta("desc", topic=BOB))["state"] == "ok"
    assert (await root.meta("desc", topic="sys"))["acs"] == {"mode": "JRWPD"}
