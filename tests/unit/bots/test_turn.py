"""A turn that is repeated uses the same keys."""

from chinwag.bots import turn
from chinwag.bots.state import State
from chinwag.bots.storage import STATES, Change
from chinwag.bots.turn import Turn


def test_the_same_event_has_the_same_keys() -> None:
    first, again = Turn("usrB:usrA:3"), Turn("usrB:usrA:3")
    keys = [first.once(), first.once()]
    assert keys == [again.once(), again.once()]
    assert len({*keys, Turn("usrB:usrA:4").once()}) == 3


def test_outside_of_turns_every_key_is_new() -> None:
    assert turn.once() != turn.once()


def test_within_a_turn_its_keys_are_used() -> None:
    token = turn.current.set(Turn("k"))
    try:
        assert turn.once() == "k:1"
    finally:
        turn.current.reset(token)


def test_a_failed_turn_keeps_nothing() -> None:
    now = Turn("k")
    state = now.states["s"] = State("s", None)
    state["x"] = 1
    now.extra.append(Change("job", "j", b"1"))
    assert now.changes() == [Change("job", "j", b"1"), Change(STATES, "s", b'{"x":1}')]
    now.revert()
    assert now.changes() == []
