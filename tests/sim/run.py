"""Many seeds, or one."""

import argparse
import time

from sim.plan import draw
from sim.world import Broken, simulate

EVERY_S = 5.0  # a line of progress


def main() -> int:
    """Simulate and tell; 1: something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many (200)")
    parser.add_argument("--start", type=int, default=1, help="the first one (1)")
    parser.add_argument("--seed", type=int, help="only this one, with its digest")
    asked = parser.parse_args()
    seeds = range(asked.start, asked.start + asked.seeds)
    if asked.seed is not None:
        seeds = range(asked.seed, asked.seed + 1)
    began = time.monotonic()
    failed = run(seeds, tell=asked.seed is not None)
    took = time.monotonic() - began
    print(f"{len(seeds)} seeds, {len(failed)} failed {failed or ''} in {took:.1f} s")
    return 1 if failed else 0


def run(seeds: range, *, tell: bool) -> list[int]:
    """The seeds that fail; `tell`: the digest of those that do not."""
    failed: list[int] = []
    told = time.monotonic()
    for done, seed in enumerate(seeds):
        if time.monotonic() - told > EVERY_S:
            told = time.monotonic()
            print(f"{done} of {len(seeds)} seeds, {len(failed)} failed", flush=True)
        try:
            digest = simulate(draw(seed))
        except Broken as broken:
            failed.append(seed)
            print(broken, flush=True)
        else:
            if tell:
                print(f"seed {seed}: digest {digest}")
    return failed
