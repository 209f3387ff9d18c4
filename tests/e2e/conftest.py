"""What tests from outside share: real clients, real servers."""

import fcntl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from live import Live

NODE = Path(__file__).parent / "node"


@pytest.fixture(scope="session")
def node() -> Path:
    """The folder of the real clients, with the packages that its lock file pins."""
    wanted = NODE / "package-lock.json"
    done = NODE / "node_modules" / ".installed"
    with wanted.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests may run in several processes
        pinned = lock.read()
        if not done.is_file() or done.read_bytes() != pinned:
            subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
                cwd=NODE,
                check=True,
                timeout=300,
            )
            done.write_bytes(pinned)
    return NODE


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A running server without a web client, shared by the tests of a module."""
    with Live(tmp_path_factory.mktemp("live") / "data", "--no-web") as server:
        yield server
