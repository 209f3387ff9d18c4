"""What a bot remembers of a conversation."""

import pytest

from chinwag.bots.state import State, key_of
from chinwag.bots.storage import STATES, Change


def test_values_are_kept_when_they_change() -> None:
    state = State("k", b'{"count":1}')
    assert state.changes() == []
    state["count"] += 1
    assert state.changes() == [Change(STATES, "k", b'{"count":2}')]


def test_changes_inside_values_are_seen() -> None:
    state = State("k", b'{"list":[]}')
    state["list"].append(1)
    assert state.changes() == [Change(STATES, "k", b'{"list":[1]}')]


def test_what_is_empty_is_removed() -> None:
    state = State("k", b'{"count":1}')
    del state["count"]
    assert state.changes() == [Change(STATES, "k", None)]
    assert State("k", None).changes() == []


def test_a_failed_turn_changes_nothing() -> None:
    state = State("k", b'{"count":1}')
    state["count"] = 5
    state.revert()
    assert dict(state) == {"count": 1}


def test_steps_come_and_go() -> None:
    state = State("k", None)
    assert state.step == ""
    state.step = "name"
    assert state.step == "name"
    state.step = ""
    assert len(state) == 0


def test_what_is_no_json_is_refused() -> None:
    state = State("k", None)
    state["x"] = object()
    with pytest.raises(TypeError):
        state.changes()


def test_keys_tell_people_and_topics_apart() -> None:
    assert key_of("grpA", "usrB") != key_of("grpB", "usrA")
