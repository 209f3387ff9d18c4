"""How cost grows: the same load at 1, 10 and 100 times the size, on SQLite.

    python tools/growth.py [AXIS…]

Members, sessions, messages in the database and topics in use each grow while the rest stays. The
table goes into docs/performance.md, between the marks there, once every axis is measured; it is in
units of what one bare delivery costs in the same minute, so that it can be made on a busy machine.
"""

import argparse
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import bench
import figures
from scenarios import UNIT

MARKS: Final = (
    "<!-- written by `make growth`: begin -->",
    "<!-- written by `make growth`: end -->",
)
FOLDERS: Final = 100  # topics that share the messages that lie in the database
_ADD: Final = (
    "INSERT INTO messages (topic, seq, sender, ts_ms, content, erased) VALUES (?,?,?,?,?,0)"
)


class Axis(NamedTuple):
    """One thing that grows, the load that feels it, and what is read of it."""

    what: str
    sizes: tuple[int, int, int]
    words: str  # of the load; {} is the size
    figures: tuple[tuple[str, str], ...]  # in the result, and what it is
    stored: bool = False  # the size is that of the database


_EACH: Final = ("server_cpu_us_per_delivery", "CPU of a delivery, units")
_PUB: Final = ("server_cpu_us_per_pub", "CPU of a message, units")
AXES: Final = {
    "members": Axis(
        "Members of a group, all attached",
        (10, 100, 1000),
        "fanout --sessions {0} --users {0} --rate 20 --seconds 4",
        (_EACH, _PUB),
    ),
    "sessions": Axis(
        "Sessions attached to a group",
        (50, 500, 5000),
        "fanout --sessions {} --rate 20 --seconds 4",
        (_EACH, _PUB),
    ),
    "idle": Axis(
        "Sessions attached to `me`",
        (200, 2000, 20_000),
        "idle --sessions {}",
        (
            ("kib_per_session", "memory of a session, KiB"),
            ("server_cpu_us_per_login", "CPU of coming in, units"),
        ),
    ),
    "messages": Axis(
        "Messages in the database",
        (10_000, 100_000, 1_000_000),
        "history --publishers 16 --limit 24 --seconds 4",
        (("server_cpu_us_per_page", "CPU of a page of 24, units"),),
        stored=True,
    ),
    "writing": Axis(
        "Messages in the database",
        (10_000, 100_000, 1_000_000),
        "spread --publishers 16 --window 4 --seconds 4",
        (_PUB,),
        stored=True,
    ),
    "topics": Axis(
        "Groups written to at once",
        (10, 100, 1000),
        "spread --publishers {} --window 1 --seconds 4",
        (_PUB,),
    ),
}


def main() -> None:
    """Measure the axes asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("axes", nargs="*", metavar="AXIS", help=", ".join(AXES))
    asked = parser.parse_args().axes
    if unknown := set(asked) - set(AXES):
        parser.error(f"no such axis: {', '.join(sorted(unknown))}")
    if not bench.LOAD.is_file():
        sys.exit(f"The load generator is missing: {bench.LOAD}")
    bench._open_files()
    lines = [line for name in asked or AXES for line in rows(AXES[name], _measured(AXES[name]))]
    print("\n".join(lines))
    if not asked:
        text = bench.PAGE.read_text(encoding="utf-8")
        bench.PAGE.write_text(placed(text, lines), encoding="utf-8")


def _measured(axis: Axis) -> list[dict[str, Any]]:
    """The results at each size, CPU times in units."""
    found = []
    for size in axis.sizes:
        unit_us = bench._load("--calibrate")[UNIT]
        with bench.server(None) as live:
            assert live.process is not None
            if axis.stored:
                fill(live.data / "chinwag.db", size)
            url = live.address.replace("http", "ws", 1)
            words = axis.words.format(size).split()
            result = bench._load("--url", url, "--pid", str(live.process.pid), *words)
        print(axis.what, size, result, file=sys.stderr, flush=True)
        found.append({k: v / unit_us if "_us_per_" in k else v for k, v in result.items()})
    return found


def fill(database: Path, count: int) -> None:
    """Put messages into the database of a server that has nothing to do."""
    tx = sqlite3.connect(database)
    try:
        with tx:
            tx.executemany(_ADD, _messages(count))
    finally:
        tx.close()


def _messages(count: int) -> Iterator[tuple[str, int, int, int, bytes]]:
    content = b'"' + b"The quick brown fox " * 7 + b'"'
    for folder in range(FOLDERS):
        for seq in range(1, count // FOLDERS + 1):
            yield f"grpStored{folder:04d}", seq, 1, 1_700_000_000_000 + seq, content


def rows(axis: Axis, results: list[dict[str, Any]]) -> list[str]:
    """Lines of the table: sizes, a figure at each, and how much it is of the first in the end."""
    sizes = " · ".join(f"{size:,}" for size in axis.sizes)
    lines = []
    for figure, title in axis.figures:
        values = [result[figure] for result in results]
        cells = " | ".join(f"{value:,.2f}" for value in values)
        lines.append(f"| {axis.what}: {sizes} | {title} | {cells} | {values[-1] / values[0]:.2f} |")
    return lines


def placed(page: str, lines: list[str]) -> str:
    """`page` with the table between the marks."""
    head = "| What grows | Figure | 1x | 10x | 100x | last / first |\n|---|---|---|---|---|---|"
    begin, end = MARKS
    return figures.between(page, begin, end, "\n".join(("", head, *lines, "")))


if __name__ == "__main__":
    main()
