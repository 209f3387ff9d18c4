"""The stock `tinode-sdk`, as applications use it, against a real server.

Each scenario is a script in `node/sdk`, played in a process of its own. `TRACE=1` in the
environment shows the packets of a scenario that fails.
"""

import os
import subprocess
from pathlib import Path

import pytest

from live import Live

SCENARIO_S = 150
SCENARIOS = [
    "account",
    "blocking",
    "channel",
    "deletes",
    "devices",
    "edits",
    "files",
    "group",
    "history",
    "longpoll",
    "marks",
    "p2p",
    "presence",
    "push",
    "search",
]

pytestmark = pytest.mark.timeout(SCENARIO_S + 60)


def _play(node: Path, live: Live, scenario: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        ["node", "run.mjs", scenario],
        cwd=node / "sdk",
        env={**os.environ, "CHINWAG_HOST": f"127.0.0.1:{live.port}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _finish(scenario: "subprocess.Popen[str]", live: Live) -> None:
    output, _ = scenario.communicate(timeout=SCENARIO_S)
    assert scenario.returncode == 0, output
    assert live.log.read_text() == ""


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_sdk(node: Path, live: Live, scenario: str) -> None:
    """The stock client library finds everything as it expects it."""
    _finish(_play(node, live, scenario), live)


def test_every_scenario_is_played(node: Path) -> None:
    tools = {"people", "run", "xhr", "restart"}
    assert {path.stem for path in (node / "sdk").glob("*.mjs")} == {*SCENARIOS, *tools}


def test_clients_survive_the_death_of_the_server(node: Path, tmp_path: Path) -> None:
    """Specification 07, paragraph 1.4: they reconnect by themselves and miss nothing."""
    with Live(tmp_path / "data", "--no-web") as live:
        scenario = _play(node, live, "restart")
        assert scenario.stdout is not None
        for line in scenario.stdout:
            if line == "restart\n":
                live.kill()
                live.start()
                break
        _finish(scenario, live)
