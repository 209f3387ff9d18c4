"""Seeds that are simulated with every run of the tests, and that they can be repeated."""

import os
import subprocess
import sys

import pytest
import sqlalchemy as sa

from live import ROOT
from sim.plan import draw
from sim.run import Outcome, run
from sim.world import simulate

SEEDS, CHUNK = 200, 10
KEPT = [
    626,  # two come online and begin a conversation in the same moment
    692,  # somebody is introduced late, when the account is gone already
    711,  # somebody comes back to a conversation that the other one has muted
    801,  # a call begins in a conversation whose other party is being deleted
    813,  # an account ends while somebody whom it concerns cannot be loaded again
    904,  # a conversation begins anew while somebody is told of what was said there before
    1206,  # somebody is suspended while a change of his password is under way
    1563,  # an account is deleted while a message in one of its groups is being stored
    2242,  # somebody joins a group that has ended with its owner's account
    2361,  # two changes of a password pass each other
    3052,  # somebody joins a group whose end is not answered for long
    3255,  # somebody becomes a reader of a channel that has ended with its owner's account
    4073,  # somebody whose subscription may have ended asks for history
    4553,  # somebody comes online to whom a session in the background is a new contact
    7519,  # messages are deleted in a group while its owner's account is
    9627,  # a reader of a channel leaves before he is attached, gives it up, and comes back
    18997,  # the last of two deletes the conversation, then the other's account ends
    9945,  # somebody leaves a conversation and answers late whether he is online
    5824,  # somebody only looks at a conversation while the end of its call is not stored
    5982,  # somebody goes while it is not known whether another one may see that
]


@pytest.mark.parametrize("first", range(1, SEEDS + 1, CHUNK))
def test_seeds(first: int) -> None:
    for seed in range(first, first + CHUNK):
        simulate(draw(seed))


@pytest.mark.parametrize("seed", KEPT)
def test_seeds_that_have_found_something(seed: int) -> None:
    simulate(draw(seed))


def test_seeds_are_shared_by_processes(capsys: pytest.CaptureFixture[str]) -> None:
    for jobs in (1, 2):
        assert run(range(3, 9), jobs=jobs, tell=True) == []
    told = [line for line in capsys.readouterr().out.splitlines() if "digest" in line]
    assert len(told) == 12
    assert told[:6] == told[6:]


@pytest.mark.parametrize("jobs", [1, 2])
def test_seeds_that_fail_are_told(
    jobs: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sim.run.outcome", _every_third)
    assert run(range(1, 8), jobs=jobs) == [3, 6]
    told = capsys.readouterr().out.splitlines()
    assert [line for line in told if "bad" in line] == ["seed 3 is bad", "seed 6 is bad"]


def _every_third(seed: int) -> Outcome:
    return Outcome(seed, "", "" if seed % 3 else f"seed {seed} is bad")


def test_a_shorter_way_to_the_tables_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = simulate(draw(11))
    monkeypatch.setattr("chinwag.testing.db.QuickTx", sa.Connection)
    assert simulate(draw(11)) == quick


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
