"""`fnd`. Source: specification 02, paragraphs 12.3 and 12.4; specification 04, paragraph 7."""

from typing import Any

from chinwag.core.limits import Limits
from chinwag.core.rates import Rates
from chinwag.core.state import Level, State
from chinwag.store import users
from stage import ALICE, BOB, CAROL, Actor, Open, Stage, new_group

NOBODY = (204, {"what": "sub"})


async def ask(actor: Actor, query: object) -> list[dict[str, Any]]:
    """Who is found by `query`."""
    assert await actor.ask(set={"topic": "fnd", "desc": {"public": query}}) == (200, None)
    rows: list[dict[str, Any]] = await actor.meta("sub", topic="fnd")
    return rows


async def test_a_session_finds_people_and_groups(alice: Actor, bob: Actor) -> None:
    """Golden a-fnd-groups-and-channels."""
    await alice.say(sub={"topic": "fnd"})
    channel = await new_group(bob, topic="nch1", tags=["yoga"])
    group = await new_group(bob, tags=["yoga", "gym"], desc={"public": {"fn": "G"}})
    rows = await ask(alice, "Yoga,gym")
    assert [(r["topic"], r["acs"], r["private"]) for r in rows] == [
        (group, {"mode": "JRWPS"}, ["gym", "yoga"]),
        ("chn" + channel[3:], {"mode": "JRP"}, ["yoga"]),
    ]
    (row,) = await ask(alice, "basic:bob")
    assert (row["topic"], row["public"]) == (BOB, {"fn": "Bob"})


async def test_the_query_belongs_to_the_session_the_stored_one_to_the_user(
    stage: Stage, alice: Actor
) -> None:
    """Golden a-fnd-stored-query; DEFECT T09."""
    second = stage.actor(ALICE)
    get = {"topic": "fnd", "what": "sub"}
    await alice.say(sub={"topic": "fnd"})
    await second.say(sub={"topic": "fnd"})
    await ask(alice, "basic:bob")
    assert await second.ask(get=get) == NOBODY
    assert (await alice.meta("desc", topic="fnd"))["public"] == "basic:bob"
    assert "public" not in await second.meta("desc", topic="fnd")
    await second.say(set={"topic": "fnd", "desc": {"private": "basic:carol"}})
    assert len(await second.meta("sub", topic="fnd")) == 1
    assert await alice.ask(set={"topic": "fnd", "desc": {"private": "\u2421"}}) == (200, None)
    assert await alice.ask(get=get) == NOBODY  # the session's query is gone as well


async def test_what_finds_nothing(alice: Actor) -> None:
    await alice.say(sub={"topic": "fnd"})
    for query in ("basic:alice", "a,,b", '"open', "  ", {"a": 1}, "basic:bob <>"):
        await alice.say(set={"topic": "fnd", "desc": {"public": query}})
        assert await alice.ask(get={"topic": "fnd", "what": "sub"}) == NOBODY


async def test_refusals(alice: Actor) -> None:
    """Golden a-fnd-refusals."""
    await alice.say(sub={"topic": "fnd"})
    assert await alice.ask(set={"topic": "fnd", "desc": {"trusted": {"x": 1}}}) == (403, None)
    assert await alice.ask(set={"topic": "fnd", "desc": {"defacs": {"auth": "J"}}}) == (304, None)
    for part in ({"tags": ["ab"]}, {"cred": {"meth": "email"}}, {"aux": {"a": 1}}):
        assert await alice.ask(set={"topic": "fnd", **part}) == (405, None)


async def test_a_full_tag_has_a_bearer(alice: Actor, bob: Actor) -> None:
    """Golden a-fnd-alias-lookup. 07-07: a name that can be used as a topic."""
    await alice.say(sub={"topic": "fnd"})
    group = await new_group(bob, tags=["alias:club", "club"])
    for query, bearers in (("alias:club", [group]), ("basic:bob", [BOB])):
        await alice.say(set={"topic": "fnd", "desc": {"public": query}})
        assert await alice.meta("tags", topic="fnd") == bearers
    for query in ("club", "alias:club club", "alias:free"):
        await alice.say(set={"topic": "fnd", "desc": {"public": query}})
        assert (await alice.ask(get={"topic": "fnd", "what": "tags"}))[0] == 204


async def test_masked_tags_are_for_those_who_have_them(open_stage: Open) -> None:
    """DEFECT T26. D-61: nobody had any."""
    stage = await open_stage(Limits(masked_ns=frozenset({"org"})))
    alice, bob = stage.actor(ALICE), stage.actor(BOB)
    for actor in (alice, bob):
        await actor.say(sub={"topic": "me"})
        await actor.say(sub={"topic": "fnd"})
    await bob.say(set={"topic": "me", "tags": ["basic:bob", "org:acme"]})
    await alice.say(set={"topic": "fnd", "desc": {"public": "org:acme"}})
    assert await alice.ask(get={"topic": "fnd", "what": "sub"}) == (403, None)
    assert await alice.ask(get={"topic": "fnd", "what": "tags"}) == (403, None)  # who has it
    await alice.say(set={"topic": "me", "tags": ["basic:alice", "org:acme"]})
    assert len(await alice.meta("sub", topic="fnd")) == 1
    assert len(await alice.meta("tags", topic="fnd")) == 1


async def test_people_are_found_by_their_addresses(open_stage: Open) -> None:
    """04 §7.2: a term that is an address stands for its tag as well; 07 §10."""
    stage = await open_stage(Limits(tagged_methods=frozenset({"email"})))
    alice, bob = stage.actor(ALICE), stage.actor(BOB)
    await bob.say(sub={"topic": "me"})
    cred = {"meth": "email", "val": "bob@example.com"}
    await bob.say(set={"topic": "me", "cred": cred})
    await alice.say(sub={"topic": "fnd"})
    query = {"public": "Bob@Example.com"}
    await alice.say(set={"topic": "fnd", "desc": query})
    assert await alice.ask(get={"topic": "fnd", "what": "sub"}) == NOBODY  # not confirmed yet
    await bob.say(set={"topic": "me", "cred": {**cred, "resp": stage.post.code()}})
    for text in ("Bob@Example.com", "email:bob@example.com", "x, bob@example.com"):
        (row,) = await ask(alice, text)
        assert (row["topic"], row["private"]) == (BOB, ["email:bob@example.com"])
    assert len(await ask(alice, "bob@example.com basic:bob")) == 1
    await alice.say(set={"topic": "fnd", "desc": {"public": "bob@example.com basic:carol"}})
    assert await alice.ask(get={"topic": "fnd", "what": "sub"}) == NOBODY


async def test_suspended_people_are_found_by_administrators_only(
    stage: Stage, alice: Actor
) -> None:
    """04 §7.3."""
    await stage.db.run(users.set_state, BOB, State.SUSPENDED, stage.now())
    root = stage.actor(CAROL, Level.ROOT)
    for actor in (alice, root):
        await actor.say(sub={"topic": "fnd"})
        await actor.say(set={"topic": "fnd", "desc": {"public": "basic:bob"}})
    assert await alice.ask(get={"topic": "fnd", "what": "sub"}) == NOBODY
    assert [row["topic"] for row in await root.meta("sub", topic="fnd")] == [BOB]


async def test_an_alias_ranks_first(alice: Actor, bob: Actor) -> None:
    """04 §7.3; D-65: any tag that began like the namespace counted twenty."""
    await alice.say(sub={"topic": "fnd"})
    tagged = await new_group(bob, tags=["aliasing", "yoga", "gym"])
    aliased = await new_group(bob, tags=["alias:yogis"])
    rows = await ask(alice, "aliasing,yoga,gym,alias:yogis")
    assert [row["topic"] for row in rows] == [aliased, tagged]


async def test_searches_without_end_are_answered_unavailable(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """01, DEFECT-07: of one account, whatever it asks for; others and other questions go on."""
    for actor in (alice, bob):
        await actor.say(sub={"topic": "fnd"})
        await actor.say(set={"topic": "fnd", "desc": {"public": "basic:nobody"}})
    gets = [{"topic": "fnd", "what": what} for what in ("sub", "tags")]
    for number in range(Rates().searches_max):
        await alice.say(get=gets[number % 2])
    assert await alice.ask(get=gets[0]) == (503, None)
    assert await alice.ask(get=gets[1]) == (503, None)
    assert (await alice.say(get={"topic": "fnd", "what": "desc"}))[0]["meta"]["desc"]
    assert await bob.ask(get=gets[0]) == NOBODY
    await stage.elapse(2)
    assert await alice.ask(get=gets[0]) == NOBODY
