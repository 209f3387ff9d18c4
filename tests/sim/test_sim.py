"""Seeds that are simulated with every run of the tests, and that they can be repeated."""

import os
import subprocess
import sys

import pytest

from live import ROOT
from sim.plan import draw
from sim.world import simulate

SEEDS, CHUNK = 200, 10
KEPT = [
    626,  # two come online and begin a conversation in the same moment
    711,  # somebody comes back to a conversation that the other one has muted
    801,  # a call begins in a conversation whose other party is being deleted
    904,  # a conversation begins anew while somebody is told of what was said there before
]


@pytest.mark.parametrize("first", range(1, SEEDS + 1, CHUNK))
def test_seeds(first: int) -> None:
    for seed in range(first, first + CHUNK):
        simulate(draw(seed))


@pytest.mark.parametrize("seed", KEPT)
def test_seeds_that_have_found_something(seed: int) -> None:
    simulate(draw(seed))


def test_a_seed_repeats_itself() -> None:
    """In another process too, where texts have other hashes and objects other addresses."""
    digests = {simulate(draw(7))}
    for hashes in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "tests.sim", "--seed", "7"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hashes},
            check=True,
            capture_output=True,
            text=True,
        )
        digests.add(done.stdout.split()[3])
    assert len(digests) == 1
