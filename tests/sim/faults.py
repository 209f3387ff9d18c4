"""The list of faults to plant, and in which worlds each of them can show itself.

A fault is a function that changes the program through pytest's MonkeyPatch, which also takes the
change back.
"""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Final

import pytest

from sim.plan import Plan, draw

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]
FAULTS: Final[dict[str, Plant]] = {}
_WHERE: Final[dict[str, Callable[[Plan], bool]]] = {}


def fault(plant: Plant) -> Plant:
    """Put a fault on the list."""
    FAULTS[plant.__name__] = plant
    return plant


def where(shows: Callable[[Plan], bool]) -> Callable[[Plant], Plant]:
    """Say in which worlds a rare fault can show itself at all, so that others are not tried."""

    def note(plant: Plant) -> Plant:
        _WHERE[plant.__name__] = shows
        return plant

    return note


def seeds(name: str) -> Iterator[int]:
    """Seeds of worlds in which the fault `name` can show itself, ascending, without an end."""
    shows = _WHERE.get(name)
    return (seed for seed in count(1) if shows is None or shows(draw(seed)))
