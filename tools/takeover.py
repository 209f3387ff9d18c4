"""How fast a Tinode database is taken over: from MariaDB into a new SQLite file."""

import re
import resource
import tempfile
import time
from pathlib import Path
from typing import Final

from databases import SERVERS
from live import chinwag
from scenarios import Result
from tinode import KEY, Crowd, Tinode, fill

SIZE: Final = Crowd(people=1000, groups=200, messages=100_000)
_RATE: Final = re.compile(r"^messages .* ([\d,]+)/s$", re.MULTILINE)


def missing() -> str:
    """The program that is not there; empty: everything is."""
    return SERVERS["mysql"].missing()


def measure() -> Result:
    """Messages a second while messages are carried, and what the whole command takes."""
    server = SERVERS["mysql"]().start()
    try:
        old = Tinode(server)
        fill(old, SIZE)
        with tempfile.TemporaryDirectory() as folder:
            return _taken(old, Path(folder) / "data")
    finally:
        server.remove()


def _taken(old: Tinode, data: Path) -> Result:
    begun, cpu_s = time.perf_counter(), _cpu_s()
    done = chinwag("import-tinode", "--from", old.url, "--uid-key", KEY, "--data", data)
    wall_s = time.perf_counter() - begun
    rate = _RATE.search(done.stderr)
    if done.returncode or rate is None:
        raise SystemExit(f"The import has failed: {done.stdout}{done.stderr}")
    each_us = (_cpu_s() - cpu_s) * 1_000_000 / SIZE.messages
    return {
        "messages": SIZE.messages,
        "messages_per_s": int(rate[1].replace(",", "")),
        "importer_cpu_us_per_message": round(each_us, 1),
        "wall_s": round(wall_s, 1),
    }


def _cpu_s() -> float:
    """What the commands run so far have taken."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
