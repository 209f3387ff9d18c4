"""Measure the server on every database, keep the results and write docs/performance.md.

    python tools/bench.py [--db NAME]… [--compare] [SCENARIO…]

The load generator lies beside the repository in `../shared/bench`, or where SHARED says. The server
runs on one processor, the load on the others; CPU figures are the ones to compare. With scenarios
or databases named, only these are measured and nothing is kept; `--compare` keeps nothing either,
and says what is different from the newest result that is kept under bench/results.
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
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import figures  # noqa: E402 - the order of the two above
from databases import SERVERS, Server  # noqa: E402 - it lies in tests, which has to be found first
from figures import SQLITE, TITLES, Measured, Result  # noqa: E402 - as above
from live import SHARED, Live  # noqa: E402 - as above

LOAD: Final = SHARED / "bench" / "load.py"
RESULTS: Final = ROOT / "bench" / "results"
PAGE: Final = ROOT / "docs" / "performance.md"
STARTS: Final = 5

SCENARIOS: Final[dict[str, list[str]]] = {
    "fanout": ["--sessions", "500", "--rate", "100", "--seconds", "8"],
    "hot": ["--publishers", "64", "--window", "8", "--seconds", "8"],
    "spread": ["--publishers", "16", "--window", "4", "--seconds", "8"],
    "pairs": ["--pairs", "20", "--seconds", "8"],
    "history": ["--publishers", "16", "--limit", "24", "--seconds", "8"],
    "login": ["--publishers", "16", "--seconds", "8"],
    "idle": ["--sessions", "2000"],
}


def main() -> None:
    """Measure what is asked for; exit status 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--db", action="append", choices=list(TITLES), help="on these [all found]")
    parser.add_argument(
        "--compare", action="store_true", help="say what is different, keep nothing"
    )
    chosen = parser.parse_args()
    if unknown := set(chosen.scenarios) - set(SCENARIOS):
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    if not LOAD.is_file():
        sys.exit(f"The load generator is missing: {LOAD}")
    before = newest() if chosen.compare else None
    measured = measure(chosen.db or _found(), chosen.scenarios or list(SCENARIOS))
    if before is not None:
        lines = figures.changes(before["scenarios"], measured)
        print(f"Since {before['date']}, commit {before['commit']}:")
        print("\n".join(lines) or "nothing has changed by more than a tenth")
    elif not (chosen.scenarios or chosen.db):
        measured[SQLITE]["start"] = {"scenario": "start", **_starts()}
        _keep(measured)
    missed = figures.missed(measured)
    for goal, product in missed:
        print(f"Missed on {TITLES[product]}: {goal.title}, {goal.wanted}")
    sys.exit(1 if missed else 0)


def _found() -> list[str]:
    """The databases that can be started here; a sentence for each of the others."""
    missing = {name: kind.missing() for name, kind in SERVERS.items()}
    for name, program in missing.items():
        if program:
            print(f"There is no {program} here: nothing is measured on {TITLES[name]}.")
    return [SQLITE, *(name for name, program in missing.items() if not program)]


# --- measuring ------------------------------------------------------------------------------


def measure(products: list[str], scenarios: list[str]) -> Measured:
    """The figures of `scenarios` on each of `products`."""
    measured: Measured = {}
    for product in products:
        with _database(product) as database:
            measured[product] = {name: _scenario(name, database) for name in scenarios}
    return measured


@contextmanager
def _database(product: str) -> Iterator[Server | None]:
    """A server for the database; None: it needs none."""
    if product == SQLITE:
        yield None
        return
    database = SERVERS[product](durable=True)
    try:
        yield database.start()
    finally:
        database.remove()


@contextmanager
def _server(database: Server | None) -> Iterator[Live]:
    """A server with fresh data on a processor of its own."""
    mine = os.sched_getaffinity(0)
    where = ["--database", database.new_database()] if database else []
    with tempfile.TemporaryDirectory() as folder:
        live = Live(Path(folder) / "data", "--no-web", *where)
        os.sched_setaffinity(0, {min(mine)})
        live.start()
        os.sched_setaffinity(0, mine - {min(mine)} or mine)
        try:
            yield live
        finally:
            live.stop()
            os.sched_setaffinity(0, mine)


def _scenario(name: str, database: Server | None) -> Result:
    """The figures of one scenario."""
    with _server(database) as live:
        assert live.process is not None
        command = ["--url", live.address.replace("http", "ws", 1), "--pid", str(live.process.pid)]
        if database is not None:
            command += ["--db-pid", str(database.pid)]
        result = figures.add_totals(_load(*command, name, *SCENARIOS[name]))
        if complaints := live.log.read_text():
            sys.exit(f"{name}: the server has complained:\n{complaints[:2000]}")
    print(database.product if database else SQLITE, json.dumps(result), flush=True)
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


def _keep(measured: Measured) -> None:
    """Write the result and the page."""
    commit = _git("rev-parse", "--short=10", "HEAD")
    now = datetime.now(UTC)
    record = {
        "date": now.strftime("%Y-%m-%d"),
        "commit": commit + ("+" if _git("status", "--porcelain", "src") else ""),
        "machine": {
            "processor": _processor(),
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            **_load("--calibrate"),
        },
        "options": SCENARIOS,
        "scenarios": measured,
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{now.strftime('%Y-%m-%dT%H%M')}-{commit}.json"
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(figures.page(record), encoding="utf-8")
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
    kept = sorted(RESULTS.glob("*.json"))
    if not kept:
        sys.exit("No result is kept yet: run `make bench` first.")
    record: Result = json.loads(kept[-1].read_text(encoding="utf-8"))
    return record


if __name__ == "__main__":
    main()
