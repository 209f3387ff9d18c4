"""Where the time of the server goes: a flame graph and a list of functions under bench/profiles.

    python tools/flame.py fanout|pairs|hot|history|login [--db NAME]

The load of `make bench` runs, while py-spy looks at the server 200 times a second: for some seconds
for the picture, and as long again for the list. Only what holds the interpreter is counted: waiting
for a disk or for work does not. py-spy needs leave to look at other processes.
"""

import argparse
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import bench
from scenarios import SCENARIOS, SQLITE, TITLES

FOLDER: Final = bench.ROOT / "bench" / "profiles"
NAMES: Final = {
    "fanout": "fanout-100",
    "pairs": "pairs",
    "hot": "hot-64",
    "history": "history-100",
    "login": "login",
}
LOOK_S: Final = 6
RATE: Final = 200  # looks a second
SHOWN: Final = 25  # functions in each list
_AHEAD_S: Final = 4.0  # in which the load prepares itself
# What a looked-at stack is about: its innermost function that fits one of these.
_STAGES: Final = (
    ("write to the sockets, kernel included", r"^WebSocket\.(flush|_finish) "),
    ("commit", r"\((chinwag/store/|sqlalchemy/)"),
    (
        "frame",
        r"^(frame|encode\w*|stamp|_second|data_frame|ctrl_frame|_framed?|_made|Frames?\.\S*) ",
    ),
    ("decode", r"\(chinwag/(transports/frames|wire/)|^WebSocket\.(data_received|_take\w*) "),
    ("hand out", r"\(chinwag/(transports/|engine/deliver)|^Session\.send"),
    ("rules, topics and sessions", r"\(chinwag/"),
    ("event loop", r""),
)
_TITLE: Final = re.compile(r">[^<>]*py-spy record [^<>]*<")  # names the folders of this machine
_LINE: Final = re.compile(r":\d+\)")


def main() -> None:
    """Profile what is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scenario", choices=list(NAMES))
    parser.add_argument("--db", default=SQLITE, choices=list(TITLES))
    chosen = parser.parse_args()
    name = chosen.scenario if chosen.db == SQLITE else f"{chosen.scenario}-{chosen.db}"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with bench.database_of(chosen.db) as database, bench.server(database) as live:
        assert live.process is not None
        load = subprocess.Popen(_load(live.address, NAMES[chosen.scenario]), stdout=subprocess.PIPE)
        try:
            time.sleep(_AHEAD_S)
            picture = FOLDER / f"{name}.svg"
            _look(live.process.pid, "flamegraph", picture)
            drawn = picture.read_text(encoding="utf-8")
            picture.write_text(_TITLE.sub(f">{name}<", drawn), encoding="utf-8")
            stacks = FOLDER / f"{name}.stacks"
            _look(live.process.pid, "raw", stacks)
            told = stacks.read_text(encoding="utf-8")
            stacks.unlink()
        finally:
            load.terminate()
            load.communicate()
    summary = FOLDER / f"{name}.txt"
    summary.write_text(summarised(told, f"{NAMES[chosen.scenario]} on {TITLES[chosen.db]}"))
    print(f"Written: {picture.relative_to(bench.ROOT)} and {summary.relative_to(bench.ROOT)}")


def _load(address: str, scenario: str) -> list[str]:
    """The command of a load that goes on for as long as py-spy looks."""
    words = list(SCENARIOS[scenario].words)
    words[words.index("--seconds") + 1] = str(3 * LOOK_S + int(_AHEAD_S))
    url = address.replace("http", "ws", 1)
    return [sys.executable, str(bench.LOAD), "--url", url, *words]


def _look(pid: int, kind: str, target: Path) -> None:
    command = [
        "py-spy",
        "record",
        "--pid",
        str(pid),
        "--duration",
        str(LOOK_S),
        "--threads",
        "--gil",
    ]
    command += ["--rate", str(RATE), "--format", kind, "--output", str(target)]
    command[0] = str(Path(sys.executable).with_name(command[0]))
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(f"py-spy cannot look at the server: {run.stderr.strip()}")


# --- telling --------------------------------------------------------------------------------


def summarised(stacks: str, what: str) -> str:
    """`stacks`, each with how often it was seen, as lists of functions and of threads."""
    itself: Counter[str] = Counter()
    below: Counter[str] = Counter()
    threads: Counter[str] = Counter()
    stages: Counter[str] = Counter()
    for functions, count in _seen(stacks):
        threads[functions[0]] += count
        stages[_stage(functions[1:])] += count
        itself[functions[-1]] += count
        below.update(dict.fromkeys(functions[1:], count))
    total = threads.total()
    parts = (
        ("Threads", threads),
        ("Stages", stages),
        ("Functions themselves", itself),
        ("Our functions with what they call", _ours(below)),
    )
    lists = [f"{title}\n{_listed(found, total)}" for title, found in parts]
    return f"{what}: {total:,} looks at a thread that ran\n\n" + "\n".join(lists)


def _seen(stacks: str) -> Iterator[tuple[list[str], int]]:
    for line in stacks.splitlines():
        stack, _, count = line.rpartition(" ")
        functions = [_LINE.sub(")", name) for name in stack.split(";")]
        functions[0] = re.sub(r"^thread \(\d+\): ", "", functions[0])
        yield functions, int(count)


def _stage(functions: list[str]) -> str:
    for name in reversed(functions):
        for title, pattern in _STAGES[:-1]:
            if not name.endswith("(chinwag/cli.py)") and re.search(pattern, name):
                return title
    return _STAGES[-1][0]


def _ours(found: Counter[str]) -> Counter[str]:
    return Counter({name: count for name, count in found.items() if "(chinwag/" in name})


def _listed(found: Counter[str], total: int) -> str:
    return "".join(f"{n / total:7.1%}  {name}\n" for name, n in found.most_common(SHOWN))


if __name__ == "__main__":
    main()
