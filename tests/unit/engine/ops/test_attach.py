"""Sessions come and go."""

from chinwag.core import ids
from stage import ALICE, BOB, Actor, Stage, new_group


async def test_a_client_that_is_gone_is_detached_though_the_store_is_silent(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """Found by simulation: its end was forgotten together with the state of the topic."""
    group = await new_group(alice)
    await bob.say(sub={"topic": group})
    topic = stage.hub.topics[group]
    topic.forget_state()
    stage.db.silent = 1
    await bob.drop()
    await stage.quiet()
    assert [client.uid for client in topic.attached] == [ALICE]


async def test_an_invited_reader_is_a_member(stage: Stage, alice: Actor, bob: Actor) -> None:
    """Found by simulation: with the reader's attachment the new member was forgotten."""
    group = await new_group(alice, "nch1")
    await bob.say(sub={"topic": ids.chn_of(group)})
    await alice.say(set={"topic": group, "sub": {"user": BOB, "mode": "JRWPS"}})
    await stage.check_memory()
    state = stage.hub.topics[group].state
    assert state is not None
    assert not state.members[BOB].reader
    assert state.members[BOB].online == 0
    assert (await bob.ask(sub={"topic": group}))[0] == 200
    assert state.members[BOB].online == 1
