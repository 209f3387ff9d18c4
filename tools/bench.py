"""Measure the server on every database, keep the results and write docs/performance.md.

    python tools/bench.py [--db NAME]… [--compare] [SCENARIO…]

The load generator lies beside the repository in `../shared/bench`, or where SHARED says. The server
runs on one processor, the load on the others; CPU figures are the ones to compare, in units of what
one bare delivery costs. What is measured on which database stands in `tools/scenarios.py`. With
scenarios or databases named, only these are measured and nothing is kept; `--compare` keeps nothing
either, and says what is different from the newest result that is kept under bench/results.
"""

import argparse
import json
import os
import platform
import resource
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
import takeover  # noqa: E402 - as above
from databases import SERVERS, Server  # noqa: E402 - it lies in tests, which has to be found first
from figures import Measured  # noqa: E402 - as above
from live import SHARED, Live  # noqa: E402 - as above
from scenarios import SCENARIOS, SQLITE, TITLES, UNIT, Result  # noqa: E402 - as above

LOAD: Final = SHARED / "bench" / "load.py"
PROGRAMS: Final = ROOT / "tools" / "load_bots.py"
GRPC: Final = "127.0.0.1:16069"
RESULTS: Final = ROOT / "bench" / "results"
PAGE: Final = ROOT / "docs" / "performance.md"
STARTS: Final = 5
BESIDE_S: Final = 3.0  # until another load is under way


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
    _open_files()
    measured = measure(chosen.db or _found(), chosen.scenarios or list(SCENARIOS))
    if before is not None:
        lines = figures.changes(before["scenarios"], measured)
        print(f"Since {before['date']}, commit {before['commit']}:")
        print("\n".join(lines) or "nothing has changed by more than a tenth")
    elif not (chosen.scenarios or chosen.db):
        unit_us = measured[SQLITE]["spread"][UNIT]
        measured[SQLITE]["start"] = {"scenario": "start", **_starts(), UNIT: unit_us}
        if not takeover.missing():
            measured[SQLITE]["import"] = {**takeover.measure(), UNIT: unit_us}
        _keep(measured)
    missed = figures.missed(measured)
    for goal, product in missed:
        wanted = goal.wanted(measured[product][goal.scenario])
        print(f"Missed on {TITLES[product]}: {goal.title}, {wanted}")
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
    """The figures of `scenarios` on each of `products`, each with the unit of its hour."""
    measured: Measured = {}
    for product in products:
        wanted = [name for name in scenarios if product in SCENARIOS[name].on]
        if not wanted:
            continue
        unit_us = _load("--calibrate")[UNIT]
        print(f"{product}: one bare delivery costs {unit_us} µs", flush=True)
        with database_of(product) as database:
            measured[product] = {name: _scenario(name, database, unit_us) for name in wanted}
    return measured


def _open_files() -> None:
    """Let the server and the load have as many files open as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextmanager
def database_of(product: str) -> Iterator[Server | None]:
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
def server(database: Server | None, *options: str) -> Iterator[Live]:
    """A server with fresh data on a processor of its own."""
    mine = os.sched_getaffinity(0)
    where = ["--database", database.new_database()] if database else []
    with tempfile.TemporaryDirectory() as folder:
        live = Live(Path(folder) / "data", "--no-web", *where, *options)
        os.sched_setaffinity(0, {min(mine)})
        live.start()
        os.sched_setaffinity(0, mine - {min(mine)} or mine)
        try:
            yield live
        finally:
            live.stop()
            os.sched_setaffinity(0, mine)


def _scenario(name: str, database: Server | None, unit_us: float) -> Result:
    """The figures of one scenario."""
    scenario = SCENARIOS[name]
    options = ("--grpc", GRPC) if scenario.programs else ()
    with server(database, *options) as live:
        assert live.process is not None
        url = live.address.replace("http", "ws", 1)
        command = ["--url", url]
        if not scenario.beside:  # what CPU time is whose cannot be told then
            command += ["--pid", str(live.process.pid)]
            command += ["--db-pid", str(database.pid)] if database is not None else []
        with _beside(url, scenario.beside) as other:
            if scenario.programs:
                result = _load("--grpc", GRPC, *command, *scenario.words, program=PROGRAMS)
            else:
                result = _load(*command, *scenario.words)
        result = figures.add_totals({**result, **other}, unit_us)
        if complaints := live.log.read_text():
            sys.exit(f"{name}: the server has complained:\n{complaints[:2000]}")
    print(database.product if database else SQLITE, name, json.dumps(result), flush=True)
    return result


@contextmanager
def _beside(url: str, words: tuple[str, ...]) -> Iterator[Result]:
    """Another load meanwhile, which gives way; it fills in its figures when it has ended."""
    found: Result = {}
    if not words:
        yield found
        return
    command = ["nice", sys.executable, str(LOAD), "--url", url, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as load:
        time.sleep(BESIDE_S)
        yield found
        if load.poll() is not None:
            sys.exit(f"{' '.join(words)}: it ended before what was measured beside it")
        output, _ = load.communicate()
    other = json.loads(output.splitlines()[-1])
    found |= {f"beside_{key}": other[key] for key in ("pubs_per_s", "errors", "unanswered")}


def _load(*words: str, program: Path = LOAD) -> Result:
    run = subprocess.run(
        [sys.executable, str(program), *words], stdout=subprocess.PIPE, text=True, check=True
    )
    result: Result = json.loads(run.stdout.splitlines()[-1])
    return result


def _starts() -> Result:
    """Seconds from the command to `chinwag ready`, the disk cache dropped where that is allowed."""
    cold = _forget_files()
    new: list[float] = []
    again: list[float] = []
    cpu: list[float] = []
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory() as folder:
            live = Live(Path(folder) / "data", "--no-web")
            for taken in (new, again):
                ready_s, cpu_s = _start(live)
                taken.append(ready_s)
                cpu.append(cpu_s)
    result: Result = {"new_s": statistics.median(new), "again_s": statistics.median(again)}
    result |= {"cpu_s": statistics.median(cpu), "disk_cache": "dropped" if cold else "warm"}
    result |= {"new": new, "again": again, "cpu": cpu}
    print(json.dumps(result), flush=True)
    return result


def _start(live: Live) -> tuple[float, float]:
    """Start and stop a server; the seconds until it was ready, and of CPU time."""
    _forget_files()
    begun = time.perf_counter()
    live.start()
    ready_s = time.perf_counter() - begun
    assert live.process is not None
    fields = Path(f"/proc/{live.process.pid}/stat").read_text().rpartition(")")[2].split()
    cpu_s = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    live.stop()
    return round(ready_s, 3), round(cpu_s, 3)


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
        },
        "options": {name: _line(name) for name in SCENARIOS},
        "scenarios": measured,
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{now.strftime('%Y-%m-%dT%H%M')}-{commit}.json"
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(figures.page(record, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"Written: {path.relative_to(ROOT)} and {PAGE.relative_to(ROOT)}")


def _line(name: str) -> str:
    """What is run for a scenario."""
    scenario = SCENARIOS[name]
    line = " ".join(scenario.words)
    return line + (f" beside {' '.join(scenario.beside)}" if scenario.beside else "")


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
