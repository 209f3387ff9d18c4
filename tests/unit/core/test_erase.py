"""{del msg}. Source: specification 02, paragraph 11.1; specification 03, paragraph 4.3."""

import pytest

from chinwag.core import erase, modes
from chinwag.core.errors import Refused
from chinwag.core.limits import Limits
from chinwag.core.state import Member, TopicState
from chinwag.wire import ctrl
from chinwag.wire.messages import Del, SeqRange

NOW = 10_000_000
LIMITS = Limits(msg_delete_age_s=600)


def topic(**members: str) -> TopicState:
    """A topic of Alice with ten messages and four deletions."""
    state = TopicState("grpX", 1, 1, 1, seq=10, clear=4, clear_hard=2, owner="alice")
    for uid, mode in members.items():
        bits = modes.parse(mode)
        state.members[uid] = Member(uid, bits, bits)
    return state


def decide(
    state: TopicState, uid: str, *, hard: bool = True, limits: Limits = LIMITS
) -> erase.Erasure:
    """What `uid` deletes of messages 2 to 3 and 9 and later."""
    asked = [SeqRange(9, 99), SeqRange(2, 4)]
    packet = Del(delseq=asked, hard=hard)
    return erase.decide(state, state.members.get(uid), packet, limits, NOW)


def test_with_d_a_hard_request_is_hard_and_reaches_back_only_so_far() -> None:
    done = decide(topic(bob="JRWD"), "bob")
    assert (done.hard, done.id, done.ranges) == (True, 5, [(2, 4), (9, 11)])
    assert done.since_ms == NOW - 600_000


def test_the_owner_and_a_server_without_limit_reach_back_for_ever() -> None:
    """DEFECT T18."""
    assert decide(topic(alice="JRWDO"), "alice").since_ms is None
    assert decide(topic(bob="JRWD"), "bob", limits=Limits(msg_delete_age_s=0)).since_ms is None


def test_without_d_it_is_for_oneself() -> None:
    done = decide(topic(bob="JRW"), "bob")
    assert (done.hard, done.since_ms) == (False, None)
    assert not decide(topic(bob="JRWD"), "bob", hard=False).hard


def test_neither_d_nor_r() -> None:
    for state in (topic(bob="JWP"), topic()):
        with pytest.raises(Refused) as caught:
            decide(state, "bob")
        assert caught.value.reply == ctrl.PERMISSION_DENIED


def test_readers_and_read_only_topics() -> None:
    """DEFECTs T16 and T21."""
    state = topic(bob="JRP")
    state.members["bob"].reader = True
    with pytest.raises(Refused) as caught:
        decide(state, "bob")
    assert caught.value.reply == ctrl.NOT_ALLOWED
    state = topic(alice="JRWDO")
    state.read_only = True
    with pytest.raises(Refused) as caught:
        decide(state, "alice")
    assert caught.value.reply == ctrl.PERMISSION_DENIED


def test_what_becomes_of_the_topic() -> None:
    """DEFECT T19: a soft deletion concerns nobody else."""
    state = topic(alice="JRWDO", bob="JRW")
    erase.apply(state, decide(state, "bob"))
    assert (state.clear, state.clear_hard) == (5, 2)
    assert [m.clear for m in state.members.values()] == [0, 5]
    erase.apply(state, decide(state, "alice"))
    assert (state.clear, state.clear_hard) == (6, 6)
    assert [m.clear for m in state.members.values()] == [6, 6]


def test_departed_parties_and_readers_have_no_number_of_their_own() -> None:
    state = topic(alice="JRWDO", bob="JRW", carol="JRP")
    state.members["bob"].gone = state.members["carol"].reader = True
    erase.apply(state, decide(state, "alice"))
    assert [m.clear for m in state.members.values()] == [5, 0, 0]
