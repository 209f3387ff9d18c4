"""Simulation finds what it is there to find."""

import pytest

from sim.plan import draw
from sim.planted import FAULTS
from sim.world import Broken, simulate

SEEDS = 300  # the rarest of them shows itself in one of thirty


@pytest.mark.timeout(900)  # the rarest take minutes on a busy machine
@pytest.mark.parametrize("name", FAULTS)
def test_planted_fault_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS[name](monkeypatch)
    for seed in range(1, SEEDS + 1):
        try:
            simulate(draw(seed))
        except Broken:
            return
    pytest.fail(f"{SEEDS} seeds do not find it")
