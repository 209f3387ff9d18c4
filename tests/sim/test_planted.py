"""Simulation finds what it is there to find."""

from itertools import islice

import pytest

import sim.planted  # noqa: F401 - puts its faults on the list
from sim.faults import FAULTS, seeds
from sim.plan import draw
from sim.world import Broken, simulate

SEEDS = 500  # of worlds in which it can show itself


@pytest.mark.timeout(900)  # the rarest take minutes on a busy machine
@pytest.mark.parametrize("name", FAULTS)
def test_planted_fault_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS[name](monkeypatch)
    for seed in islice(seeds(name), SEEDS):
        try:
            simulate(draw(seed))
        except Broken:
            return
    pytest.fail(f"{SEEDS} seeds do not find it")
