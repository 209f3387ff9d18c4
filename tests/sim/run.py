"""Many seeds, or one."""

import argparse
import os
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import NamedTuple

from sim.plan import draw
from sim.progress import Progress, clock
from sim.world import Broken, simulate

CHUNK = 4  # seeds that a process takes at a time


class Outcome(NamedTuple):
    """What came of a seed."""

    seed: int
    digest: str  # of what happened
    broken: str  # what did not hold; empty: nothing


def main() -> int:
    """Simulate and tell; 1: something did not hold, or somebody has put an end to it."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many (200)")
    parser.add_argument("--start", type=int, default=1, help="the first one (1)")
    parser.add_argument("--seed", type=int, help="only this one, with its digest")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes (one for each core)"
    )
    asked = parser.parse_args()
    seeds = range(asked.start, asked.start + asked.seeds)
    if asked.seed is not None:
        seeds = range(asked.seed, asked.seed + 1)
    began = time.monotonic()
    progress = Progress(sys.stdout, len(seeds))
    whole = True
    try:
        run(seeds, jobs=asked.jobs, tell=asked.seed is not None, progress=progress)
    except (KeyboardInterrupt, BrokenProcessPool):
        whole = False
    failed = progress.failed
    counted = f"{len(seeds)} seeds" if whole else f"{progress.done} of {len(seeds)} seeds"
    progress.say(f"{counted}, {len(failed)} failed in {clock(time.monotonic() - began)}")
    if failed:
        print("failed:", *failed)
    return 0 if whole and not failed else 1


def run(
    seeds: range, *, jobs: int = 1, tell: bool = False, progress: Progress | None = None
) -> list[int]:
    """The seeds that fail; `tell`: the digest of those that do not."""
    progress = progress or Progress(sys.stdout, len(seeds))
    for outcome in _outcomes(seeds, min(jobs, len(seeds))):
        progress.count(outcome.seed if outcome.broken else None)
        if outcome.broken:
            progress.say(outcome.broken)
        elif tell:
            progress.say(f"seed {outcome.seed}: digest {outcome.digest}")
    return progress.failed


def _outcomes(seeds: range, jobs: int) -> Iterator[Outcome]:
    """What comes of each of `seeds`, in their order."""
    if jobs <= 1:
        yield from map(outcome, seeds)
        return
    with ProcessPoolExecutor(jobs, initializer=_prepare) as pool:
        try:
            yield from pool.map(outcome, seeds, chunksize=CHUNK)
        finally:
            pool.shutdown(cancel_futures=True)


def _prepare() -> None:
    """End without a word when somebody says so: the first process tells what was found."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def outcome(seed: int) -> Outcome:
    """Simulate one seed."""
    try:
        return Outcome(seed, simulate(draw(seed)), "")
    except Broken as broken:
        return Outcome(seed, "", str(broken))
    except Exception:  # noqa: BLE001 - a fault of the simulation, and no reason to end the others
        return Outcome(seed, "", f"seed {seed}: {traceback.format_exc()}")
