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


@pytest.mark.parametrize("what", ["desc data", "data desc tags"])
async def test_a_description_beside_the_unknowable_is_passed_over(
    alice: Actor, bob: Actor, what: str
) -> None:
    """02 §10.1, 01 QUIRK-20: the own subscription is answered in its place."""
    name = await new_group(alice)
    assert await bob.ask(get={"topic": name, "what": what}) == (404, None)


# --- {set} ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, 400),
        ({"tags": [], "desc": {"private": 1}}, 403),
        ({"cred": {}}, 403),
        ({"aux": {}}, 403),
        ({"desc": {"public": 1}}, 304),
        ({"sub": {"mode": ""}, "desc": {"private": None}}, 304),
        ({"sub": {"user": ALICE, "mode": "JR"}}, 403),
        ({"sub": {"mode": "?"}}, 400),
        ({"sub": {"mode": "JRWO"}}, 403),
        ({"sub": {"user": BOB, "mode": "JRWPS"}}, 304),
        ({"desc": {"private": "\u2421"}}, 304),
        ({"desc": {"private": 1}}, 200),
    ],
)
async def test_what_can_be_set_from_outside(
    stage: Stage, alice: Actor, bob: Actor, change: dict[str, object], code: int
) -> None:
    """02 §10.4; T20 and 01 DEFECT-28: a bad mode is 400."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name})
    other = stage.actor(BOB)
    assert (await other.ask(set={"topic": name, **change}))[0] == code


async def test_a_change_from_outside_reaches_the_live_topic(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T20: the reply, memory, store, admins and own devices agree."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name})
    other = stage.actor(BOB)
    await other.say(sub={"topic": "me"})
    alice.news()
    bob.news()
    code, params = await other.ask(set={"topic": name, "sub": {"mode": "JRW"}})
    assert (code, params["acs"]["mode"]) == (200, "JRW")
    dacs = {"want": "-PS"}
    assert alice.news() == [{"topic": name, "src": BOB, "what": "acs", "dacs": dacs}]
    assert bob.news() == [{"topic": name, "what": "acs", "dacs": dacs}]
    assert (await bob.meta("desc", topic=name))["acs"]["want"] == "JRW"


async def test_a_note_from_outside_is_merged_cleared_and_told(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T20 b, 01 DEFECT-28: the null marker is not stored but clears."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name, "set": {"desc": {"private": {"a": 1}}}})
    phone, other = stage.actor(BOB), stage.actor(BOB)
    await phone.say(sub={"topic": "me"})
    for note, kept in (({"b": 2}, {"a": 1, "b": 2}), ({"a": "\u2421"}, {"b": 2}), ("\u2421", None)):
        phone.news()
        assert await other.ask(set={"topic": name, "desc": {"private": note}}) == (200, None)
        assert (await bob.meta("desc", topic=name)).get("private") == kept
        assert phone.news() == [{"topic": "me", "src": name, "what": "upd"}]


async def test_who_bans_himself_from_outside_is_thrown_out(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T20: as from inside, attached sessions get 205."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name})
    assert (await stage.actor(BOB).ask(set={"topic": name, "sub": {"mode": "N"}}))[0] == 200
    assert bob.heard[-1]["ctrl"]["params"] == {"unsub": False}
    assert bob.attached == set()


async def test_an_owner_cannot_lock_himself_out_from_outside(stage: Stage, alice: Actor) -> None:
    """T20 c."""
    name = await new_group(alice)
    assert (await stage.actor(ALICE).ask(set={"topic": name, "sub": {"mode": "RWO"}}))[0] == 403
