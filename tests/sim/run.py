"""Many seeds, or one."""

import argparse
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from sim.plan import draw
from sim.world import Broken, simulate

EVERY_S = 5.0  # a line of progress
CHUNK = 4  # seeds that a process takes at a time


class Outcome(NamedTuple):
    """What came of a seed."""

    seed: int
    digest: str  # of what happened
    broken: str  # what did not hold; empty: nothing


def main() -> int:
    """Simulate and tell; 1: something did not hold."""
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
    failed = run(seeds, jobs=asked.jobs, tell=asked.seed is not None)
    took = time.monotonic() - began
    print(f"{len(seeds)} seeds, {len(failed)} failed {failed or ''} in {took:.1f} s")
    return 1 if failed else 0


def run(seeds: range, *, jobs: int = 1, tell: bool = False) -> list[int]:
    """The seeds that fail; `tell`: the digest of those that do not."""
    failed: list[int] = []
    told = time.monotonic()
    for done, outcome in enumerate(_outcomes(seeds, min(jobs, len(seeds)))):
        if time.monotonic() - told > EVERY_S:
            told = time.monotonic()
            print(f"{done} of {len(seeds)} seeds, {len(failed)} failed", flush=True)
        if outcome.broken:
            failed.append(outcome.seed)
            print(outcome.broken, flush=True)
        elif tell:
            print(f"seed {outcome.seed}: digest {outcome.digest}")
    return failed


def _outcomes(seeds: range, jobs: int) -> Iterator[Outcome]:
    """What comes of each of `seeds`, in their order."""
    if jobs <= 1:
        yield from map(outcome, seeds)
        return
    with ProcessPoolExecutor(jobs) as pool:
        try:
            yield from pool.map(outcome, seeds, chunksize=CHUNK)
        finally:
            pool.shutdown(cancel_futures=True)


def outcome(seed: int) -> Outcome:
    """Simulate one seed."""
    try:
        return Outcome(seed, simulate(draw(seed)), "")
    except Broken as broken:
        return Outcome(seed, "", str(broken))
