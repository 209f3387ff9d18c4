"""{del msg} as clients see it. Source: specification 02, paragraph 11.1; 03, paragraph 4.3."""

import pytest

from stage import BOB, Actor, Stage, new_group


@pytest.fixture
async def name(alice: Actor, bob: Actor) -> str:
    """A group of Alice, with Bob and five messages."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name})
    for n in range(5):
        await alice.say(pub={"id": "1", "topic": name, "noecho": True, "content": n})
    return name


async def seqs(actor: Actor, name: str) -> list[int]:
    """The messages that `actor` can read."""
    answer = await actor.say(get={"topic": name, "what": "data"})
    return [m["data"]["seq"] for m in answer if "data" in m]


async def test_without_d_a_member_hides_messages_for_himself(
    stage: Stage, alice: Actor, bob: Actor, name: str
) -> None:
    """Golden b-del-for-oneself."""
    mine, away = stage.actor(BOB), stage.actor(BOB)
    await mine.say(sub={"topic": name})
    await away.say(sub={"topic": "me"})
    for actor in (alice, mine, away):
        actor.news()
    delseq = [{"low": 4, "hi": 6}, {"low": 2}]
    assert await bob.ask(**{"del": {"topic": name, "delseq": delseq, "hard": True}}) == (
        200,
        {"del": 1},
    )
    shown = [{"low": 2}, {"low": 4, "hi": 6}]
    assert mine.news() == [{"topic": name, "src": BOB, "what": "del", "clear": 1, "delseq": shown}]
    assert away.news() == [{"topic": "me", "src": name, "what": "del", "clear": 1}]
    assert alice.news() == []
    assert (await seqs(bob, name), await seqs(alice, name)) == ([3, 1], [5, 4, 3, 2, 1])
    assert await bob.meta("del", topic=name) == {"clear": 1, "delseq": shown}
    assert await alice.ask(get={"topic": name, "what": "del"}) == (204, {"what": "del"})
    assert "clear" not in await alice.meta("desc", topic=name)  # T19


async def test_with_d_they_go_for_everybody(
    stage: Stage, alice: Actor, bob: Actor, name: str
) -> None:
    """E3 and E4."""
    away = stage.actor(BOB)
    await away.say(sub={"topic": "me"})
    away.news()
    bob.news()
    delete = {"topic": name, "what": "msg", "delseq": [{"low": 2, "hi": 50}], "hard": True}
    assert await alice.ask(**{"del": delete}) == (200, {"del": 1})
    (here,), (elsewhere,) = bob.news(), away.news()
    assert (here["delseq"], here["clear"]) == ([{"low": 2, "hi": 6}], 1)
    assert elsewhere == {
        "topic": "me", "src": name, "what": "del", "clear": 1, "act": alice.uid
    }  # fmt: skip
    assert await seqs(bob, name) == [1]
    assert await alice.ask(**{"del": delete}) == (200, {"del": 1})  # T18: nothing is left
    assert bob.news() == []


@pytest.mark.parametrize("hard", [False, True])
async def test_nothing_but_zero_is_named(alice: Actor, bob: Actor, name: str, hard: bool) -> None:
    """02 §11.1, row 6, and T18: it is accepted, and there is nothing to delete."""
    delete = {"topic": name, "what": "msg", "delseq": [{"low": 0, "hi": 1}], "hard": hard}
    assert await alice.ask(**{"del": delete}) == (200, {"del": 0})
    assert await seqs(alice, name) == [5, 4, 3, 2, 1]
    assert bob.news() == []


async def test_old_messages_stay_but_for_the_owner(stage: Stage, alice: Actor, bob: Actor) -> None:
    """DEFECT T18."""
    await alice.say(sub={"topic": BOB})
    await alice.say(pub={"id": "1", "topic": BOB, "content": "old"})
    stage.clock.ms += 601_000
    await alice.say(pub={"id": "2", "topic": BOB, "content": "new"})
    delete = {"topic": BOB, "delseq": [{"low": 1, "hi": 3}], "hard": True}
    assert await alice.ask(**{"del": delete}) == (200, {"del": 1})
    assert await seqs(alice, BOB) == [1]
    assert (await alice.meta("del", topic=BOB))["delseq"] == [{"low": 2}]


@pytest.mark.parametrize(
    "delseq",
    [None, [], [{"low": 0}], [{"low": 3, "hi": 2}], [{"low": -2, "hi": 2}], [{"low": 6}]],
)
async def test_senseless_ranges(alice: Actor, name: str, delseq: object) -> None:
    """Golden b-del-wrong-requests."""
    delete = {"topic": name} if delseq is None else {"topic": name, "delseq": delseq}
    assert await alice.ask(**{"del": delete}) == (400, None)


async def test_where_and_what(stage: Stage, alice: Actor, bob: Actor, name: str) -> None:
    """Golden a-me-not-a-chat; specification 02, paragraphs 10.5 and 11.1."""
    one = [{"low": 1}]
    assert await stage.actor(BOB).ask(**{"del": {"topic": name, "delseq": one}}) == (409, None)
    await alice.say(sub={"topic": "me"})
    assert await alice.ask(**{"del": {"topic": "me", "delseq": one}}) == (403, None)
    assert await alice.ask(**{"del": {"topic": "me", "what": "everything"}}) == (400, None)
    channel = await new_group(alice, topic="nch1")
    chn = "chn" + channel[3:]
    await bob.say(sub={"topic": chn})
    for spelling in (chn, channel):
        assert await bob.ask(**{"del": {"topic": spelling, "delseq": one}}) == (405, None)
