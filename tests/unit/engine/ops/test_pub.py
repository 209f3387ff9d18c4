"""{pub}: a message is stored once, or nobody is told that it was."""

from stage import Actor, Stage, new_group


async def contents(actor: Actor, group: str) -> list[str]:
    """What history holds, oldest first."""
    await actor.say(get={"topic": group, "what": "desc"})  # what was missed comes before this
    answer = await actor.say(get={"topic": group, "what": "data"})
    return [m["data"]["content"] for m in answer if "data" in m][::-1]


async def test_an_unanswered_commit_is_asked_about(stage: Stage, alice: Actor) -> None:
    group = await new_group(alice)
    stage.db.moods = ["unsure"]
    code, params = await alice.ask(pub={"id": "1", "topic": group, "content": "one"})
    assert (code, params) == (202, {"seq": 1})
    stage.db.moods = ["lost"]
    assert (await alice.ask(pub={"id": "2", "topic": group, "content": "two"}))[0] == 503
    code, params = await alice.ask(pub={"id": "3", "topic": group, "content": "three"})
    assert (code, params) == (202, {"seq": 2})
    assert await contents(alice, group) == ["one", "three"]


async def test_a_message_is_not_stored_twice_because_the_question_failed(
    stage: Stage, alice: Actor
) -> None:
    """Found by simulation: a Conflict of the question was taken for one of the message."""
    group = await new_group(alice)
    stage.db.moods = ["unsure", "conflict"]
    assert (await alice.ask(pub={"id": "1", "topic": group, "content": "one"}))[0] == 503
    assert await contents(alice, group) == ["one"]


async def test_a_conflict_is_no_fault_of_the_server(stage: Stage, alice: Actor) -> None:
    """It was refused as an internal error; nothing was done, so it may be tried again."""
    group = await new_group(alice)
    stage.db.moods = ["conflict"]
    assert (await alice.ask(set={"topic": group, "aux": {"pins": [1]}}))[0] == 503


async def test_everybody_gets_the_name_by_which_they_know_the_topic(
    alice: Actor, bob: Actor
) -> None:
    """Once {data} of a group bore the name its author had used, though it may be `chn…`."""
    group = await new_group(alice)
    await bob.say(sub={"topic": group})
    await alice.say(pub={"topic": "chn" + group[3:], "content": "one"})
    assert [m["data"]["topic"] for m in bob.heard if "data" in m] == [group]
