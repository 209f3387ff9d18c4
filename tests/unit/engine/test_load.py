"""The state of a topic, from the store. Source: specification 02, paragraph 4.2."""

from chinwag.core import ids, modes
from chinwag.core.ids import Kind
from chinwag.core.state import Member, State, TopicState
from chinwag.engine import load
from chinwag.engine.marks import Unsaved
from chinwag.store import users
from stage import ALICE, BOB, Actor, Stage, new_group


async def test_the_own_topics_are_made_of_the_account(stage: Stage) -> None:
    state = await load.state(stage.db, ALICE, Kind.ME)
    assert state is not None
    assert (state.tags, state.public) == (["basic:alice", "alice"], b'{"fn": "Alice"}')
    assert state.auth == modes.parse("JRWPASD")
    assert state.members[ALICE].eff == modes.MEFND
    state = await load.state(stage.db, ids.fnd_name(ALICE), Kind.FND)
    assert state is not None
    assert (state.tags, state.public, state.auth) == ([], None, 0)
    assert await load.state(stage.db, "usrAAAAAAAAAAA", Kind.ME) is None


async def test_a_suspended_account_is_seen(stage: Stage) -> None:
    """DEFECT D21: it was forgotten with the topic; conversations and own groups are silent too."""
    alice = stage.actor(ALICE)
    name = await new_group(alice)
    await alice.say(sub={"topic": BOB})
    await stage.db.run(users.set_state, ALICE, State.SUSPENDED, stage.now())
    for topic, kind in ((ALICE, Kind.ME), (name, Kind.GRP), (ids.p2p_name(ALICE, BOB), Kind.P2P)):
        state = await load.state(stage.db, topic, kind)
        assert state is not None
        assert state.read_only
        if topic in stage.hub.topics:
            stage.hub.topics[topic].forget_state()


async def test_a_silenced_conversation_stays_so(stage: Stage, alice: Actor, bob: Actor) -> None:
    """DEFECT D21: however often it is loaded."""
    await alice.say(sub={"topic": BOB})
    await bob.say(sub={"topic": ALICE})
    await stage.db.run(users.set_state, ALICE, State.SUSPENDED, stage.now())
    for _ in range(2):
        stage.hub.topics[ids.p2p_name(ALICE, BOB)].forget_state()
        assert await bob.ask(pub={"topic": ALICE, "content": "?"}) == (403, None)


def test_numbers_that_are_not_stored_yet() -> None:
    """03 §5.3; whoever is no member any more is passed over."""
    state = TopicState("grpX", 0, 0, 0, members={ALICE: Member(ALICE, 0, 0, read=1)})
    load.put_in(state, {ALICE: Unsaved(3, 2, 9), BOB: Unsaved(1, 1, 9)})
    load.put_in(None, {ALICE: Unsaved(3, 2, 9)})
    assert (state.members[ALICE].read, state.members[ALICE].recv) == (3, 2)
