"""What is asked for is done or refused, never something else."""

import resource
from collections.abc import Callable

import pytest

from chinwag.measure import command
from chinwag.measure.client import API_KEY, CannotMeasure
from chinwag.measure.loads import LOADS, Size
from live import Live


def _of(_what: str) -> Callable[[int, int], None]:
    return lambda _done, _of: None


def test_loads_are_chosen_by_name() -> None:
    assert command.chosen([]) == list(LOADS)
    assert command.chosen(["hot", "login", "hot"]) == ["hot", "login"]
    with pytest.raises(CannotMeasure, match="no load called lots: choose from fanout, hot"):
        command.chosen(["lots"])


def test_more_sessions_than_the_machine_has_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (100, 1000))
    with pytest.raises(CannotMeasure, match="ask for at most 950 sessions"):
        command.make_room(951)


def test_the_limit_is_raised_as_far_as_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (100, 1000))
    monkeypatch.setattr(resource, "setrlimit", lambda _which, limits: made.append(limits))
    command.make_room(40)
    command.make_room(500)
    assert made == [(550, 1000)]


async def test_a_row_for_each_load(live: Live) -> None:
    size = Size(sessions=2, seconds=0.2)
    rows, left = await command.measure(live.address, API_KEY, ["login", "pairs"], size, _of)
    assert [row[0] for row in rows] == ["login", "pairs"]
    assert left == 0
