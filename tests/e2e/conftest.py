"""What tests from outside share: real clients, real servers."""

import fcntl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from live import Live
from talk import Talk, fresh

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


@pytest.fixture
def talk(live: Live) -> Iterator[Talk]:
    """A session that has said {hi}; whatever it does, the server lives on."""
    with Talk(live.port) as session:
        yield session
    with Talk(live.port) as other:
        other.say("1")
        assert other.ws.recv() == "0"
    assert live.log.read_text() == "", "nothing is logged about what clients say"


@pytest.fixture
def user(talk: Talk) -> Talk:
    """A session that is logged in."""
    return talk.register(fresh("user"))
