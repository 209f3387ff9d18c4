"""Measure the server, keep the results under bench/results and write docs/performance.md.

    python tools/bench.py [SCENARIO…]

The load generator lies beside the repository in `../shared/bench`, or where SHARED says. The server
runs on one processor, the load on the others; CPU figures are the ones to compare. With scenarios
named, only these are measured and nothing is kept.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from live import SHARED, Live  # noqa: E402 - it lies in tests, which a script has to find first

LOAD: Final = SHARED / "bench" / "load.py"
RESULTS: Final = ROOT / "bench" / "results"
PAGE: Final = ROOT / "docs" / "performance.md"
STARTS: Final = 5
Result = dict[str, Any]

SCENARIOS: Final[dict[str, list[str]]] = {
    "fanout": ["--sessions", "500", "--rate", "100", "--seconds", "8"],
    "hot": ["--publishers", "64", "--window", "8", "--seconds", "8"],
    "spread": ["--publishers", "16", "--window", "4", "--seconds", "8"],
    "pairs": ["--pairs", "20", "--seconds", "8"],
    "history": ["--publishers", "16", "--limit", "24", "--seconds", "8"],
    "login": ["--publishers", "16", "--seconds", "8"],
    "idle": ["--sessions", "2000"],
}


class Goal(NamedTuple):
    """What one measurement should come to."""

    scenario: str
    title: str
    figure: str  # in the result of the scenario
    unit: str
    least: float | None = None
    most: float | None = None

    def met(self, value: float) -> bool:
        """Whether `value` is good enough."""
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )

    @property
    def wanted(self) -> str:
        """The goal in words."""
        if self.least is not None:
            return f"at least {self.least:,g} {self.unit}".rstrip()
        return f"at most {self.most:,g} {self.unit}".rstrip() if self.most else "none"


GOALS: Final = (
    Goal("start", "Ready from a cold start, new data folder", "new_s", "s", most=1.5),
    Goal("start", "Ready again on existing data", "again_s", "s", most=1.5),
    Goal("fanout", "Missing of deliveries to 500 sessions, 100/s", "missing", "", most=0),
    Goal("fanout", "Dropped of 500 sessions", "dropped", "", most=0),
    Goal("idle", "Memory of an idle session", "kib_per_session", "KiB", most=12),
    Goal("hot", "Acknowledged, 64 publishers, 8 outstanding each", "pubs_per_s", "/s", least=3000),
    Goal("hot", "Errors", "errors", "", most=0),
    Goal("hot", "Unanswered", "unanswered", "", most=0),
)


def main() -> None:
    """Measure what is asked for; exit status 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS))
    chosen: list[str] = parser.parse_args().scenarios
    if unknown := set(chosen) - set(SCENARIOS):
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    if not LOAD.is_file():
        sys.exit(f"The load generator is missing: {LOAD}")
    measured = {name: _scenario(name) for name in chosen or SCENARIOS}
    if not chosen:
        measured["start"] = {"scenario": "start", **_starts()}
        _keep(measured)
    sys.exit(0 if all(_met(goal, measured) for goal in GOALS) else 1)


def _met(goal: Goal, measured: dict[str, Result]) -> bool:
    return goal.scenario not in measured or goal.met(measured[goal.scenario][goal.figure])


# --- measuring ------------------------------------------------------------------------------


@contextmanager
def _server() -> Iterator[Live]:
    """A server with fresh data on a processor of its own."""
    mine = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory() as folder:
        live = Live(Path(folder) / "data", "--no-web")
        os.sched_setaffinity(0, {min(mine)})
        live.start()
        os.sched_setaffinity(0, mine - {min(mine)} or mine)
        try:
            yield live
        finally:
            live.stop()
            os.sched_setaffinity(0, mine)


def _scenario(name: str) -> Result:
    """The figures of one scenario."""
    with _server() as live:
        assert live.process is not None
        command = ["--url", live.address.replace("http", "ws", 1), "--pid", str(live.process.pid)]
        result = _load(*command, name, *SCENARIOS[name])
        if complaints := live.log.read_text():
            sys.exit(f"{name}: the server has complained:\n{complaints[:2000]}")
    print(json.dumps(result), flush=True)
    return result


def _load(*words: str) -> Result:
    run = subprocess.run(
        [sys.executable, str(LOAD), *words], stdout=subprocess.PIPE, text=True, check=True
    )
    result: Result = json.loads(run.stdout.splitlines()[-1])
    return result


def _starts() -> Result:
    """Seconds from the command to `chinwag ready`, the disk cache dropped where that is allowed."""
    cold = _forget_files()
    new: list[float] = []
    again: list[float] = []
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory() as folder:
            live = Live(Path(folder) / "data", "--no-web")
            new.append(_start(live))
            again.append(_start(live))
    result: Result = {"new_s": statistics.median(new), "again_s": statistics.median(again)}
    result |= {"disk_cache": "dropped" if cold else "warm", "new": new, "again": again}
    print(json.dumps(result), flush=True)
    return result


def _start(live: Live) -> float:
    """Start and stop a server; the seconds until it was ready."""
    _forget_files()
    begun = time.perf_counter()
    live.start()
    ready_s = time.perf_counter() - begun
    live.stop()
    return round(ready_s, 3)


def _forget_files() -> bool:
    """Make the system read everything from the disk again; False: it does not let us."""
    os.sync()
    try:
        Path("/proc/sys/vm/drop_caches").write_text("3", encoding="ascii")
    except OSError:
        return False
    return True


# --- keeping --------------------------------------------------------------------------------


def _keep(measured: dict[str, Result]) -> None:
    """Write the result and the page."""
    calibrated = _load("--calibrate")
    commit = _git("rev-parse", "--short=10", "HEAD")
    record = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "commit": commit + ("+" if _git("status", "--porcelain", "src") else ""),
        "machine": {
            "processor": _processor(),
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            **calibrated,
        },
        "scenarios": measured,
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{record['date']}-{commit}.json"
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(record), encoding="utf-8")
    print(f"Written: {path.relative_to(ROOT)} and {PAGE.relative_to(ROOT)}")


def _git(*words: str) -> str:
    run = subprocess.run(["git", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return run.stdout.strip()


def _processor() -> str:
    """What the machine calls its processor."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def newest() -> Result:
    """The newest result that is kept."""
    record: Result = json.loads(max(RESULTS.glob("*.json")).read_text(encoding="utf-8"))
    return record


def page(record: Result) -> str:
    """The page about `record`."""
    machine, measured = record["machine"], record["scenarios"]
    goals = [
        f"| {goal.title} | {goal.wanted} | {_figure(measured, goal)} |\n"
        for goal in GOALS
        if goal.scenario in measured
    ]
    return (
        _INTRO.format(**record)
        + "".join(goals)
        + _ALL.format(**machine)
        + "".join(_row(name, measured[name]) for name in SCENARIOS if name in measured)
        + _TAIL
    )


def _figure(measured: dict[str, Result], goal: Goal) -> str:
    value = measured[goal.scenario][goal.figure]
    text = f"{value:,} {goal.unit}".rstrip()
    return text if goal.met(value) else f"**{text}: missed**"


def _row(name: str, result: Result) -> str:
    options = " ".join(SCENARIOS[name])
    skipped = {"scenario", "wall_s", "sessions", "rate", "pairs"}
    figures = ", ".join(f"{key} {value:,}" for key, value in result.items() if key not in skipped)
    return f"| `{name} {options}` | {figures} |\n"


_INTRO: Final = """# Performance

Written by `make bench`; do not edit. Measured on {date} at commit {commit}; every run is kept under
`bench/results`.

| What | Goal | Measured |
|---|---|---|
"""
_ALL: Final = """
## All figures

Machine: {processor}, {cpus} processors, CPython {python}; one bare delivery, a prepared buffer
written to one of 500 sockets, costs {bare_delivery_us} µs of CPU time here. That is the unit which
makes figures of different machines comparable. The server has one processor to itself, the load the
others. Times are in ms where the name ends in `_ms`, CPU times in µs where it says `_us_per_`.

| Scenario of `load.py` | Figures |
|---|---|
"""
_TAIL: Final = """
A start is cold where the disk cache is dropped before it, as on a machine that has just booted;
where the system does not allow that, it is warm, and the result says so.
"""


if __name__ == "__main__":
    main()
