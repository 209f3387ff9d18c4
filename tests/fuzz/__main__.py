"""`python -m fuzz --seconds 600`: attack a server of our own for as long as asked."""

import argparse
import asyncio
import contextlib
import random
import shutil
import sys
import tempfile
from pathlib import Path
from random import Random

from fuzz.attackers import Attacker, raw_http, uploads
from fuzz.oracle import Oracle
from fuzz.packets import Pools
from fuzz.victims import Victims
from live import ROOT, Live

ATTACKERS = 6
WARM_S = 8.0  # until memory is compared
QUIET_S = 6.0  # topics fall asleep four seconds after the last session has left
GROWTH_MAX = 1.3
SLACK_KIB = 24_576


def rss_kib(pid: int) -> int:
    """Resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


async def attack(live: Live, victims: Victims, pools: Pools, oracle: Oracle, seed: int) -> int:
    """One wave of attacks, until cancelled."""
    rng = Random(seed)
    attackers = [
        Attacker(live.port, Random(rng.random()), pools, oracle, n) for n in range(ATTACKERS)
    ]
    try:
        async with asyncio.TaskGroup() as group:
            for attacker in attackers:
                group.create_task(attacker.run())
            for hostile in (raw_http, raw_http, uploads):
                group.create_task(hostile(live.port, Random(rng.random()), pools, oracle))
            group.create_task(victims.chat())
    except asyncio.CancelledError:
        pass
    return sum(a.sent for a in attackers)


async def wave(
    seconds: float, live: Live, victims: Victims, pools: Pools, oracle: Oracle, seed: int
) -> int:
    """Attack for `seconds`; how many frames were sent."""
    task = asyncio.get_running_loop().create_task(attack(live, victims, pools, oracle, seed))
    await asyncio.wait([task], timeout=seconds)
    task.cancel()
    return await task


async def fuzz(live: Live, seconds: float, seed: int) -> Oracle:
    """Attack `live` and look whether it stands."""
    oracle, pools = Oracle(), Pools()
    victims = Victims(live.port, oracle)
    await victims.settle(pools)
    assert live.process is not None
    sent = await wave(min(WARM_S, seconds / 3), live, victims, pools, oracle, seed)
    await asyncio.sleep(QUIET_S)
    before = rss_kib(live.process.pid)
    sent += await wave(seconds, live, victims, pools, oracle, seed + 1)
    await asyncio.sleep(QUIET_S)
    if live.process.poll() is not None:
        oracle.fault(f"the server has ended with status {live.process.returncode}")
        return oracle
    await victims.check()
    await victims.leave()
    after = rss_kib(live.process.pid)
    if after > before * GROWTH_MAX + SLACK_KIB:
        oracle.fault(f"memory has grown from {before} to {after} KiB")
    log = live.log.read_text(encoding="utf-8", errors="replace")
    if "Traceback" in log or " ERROR " in log:
        oracle.fault(f"the log tells of failures:\n{log[:4000]}")
    print(
        f"seed {seed}: {sent} frames sent, {oracle.heard} received, "
        f"memory {before} -> {after} KiB, {len(victims.said) * 2} messages of victims kept"
    )
    print("replies by code:", dict(sorted(oracle.codes.items())))
    return oracle


def run(seconds: float, seed: int) -> list[str]:
    """Attack a fresh server; what was wrong."""
    folder = Path(tempfile.mkdtemp(prefix="chinwag-fuzz-"))
    config = ROOT / "tests/conformance/chinwag.toml"
    try:
        with Live(folder / "data", "--no-web", "--config", str(config)) as live:
            oracle = asyncio.run(fuzz(live, seconds, seed))
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)
    return oracle.faults


def main() -> None:
    """Attack as the command line says; exit status 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.seconds:g} seconds", flush=True)
    faults = run(options.seconds, options.seed)
    for fault in faults:
        print(f"FAULT {fault}")
    print(f"{0 if faults else 1} passed, {len(faults)} failed")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
