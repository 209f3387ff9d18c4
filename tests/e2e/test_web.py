"""The stock web client in a real browser against a real server.

Each scenario is a script in `node/web`, played in a process of its own; what it saw is kept in
`shots/`. Any request to another host, and any unexplained error in the browser's console, fails it.
"""

import http.client
import os
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from live import ROOT, Live

SCENARIO_S = 240
SHOTS = Path(__file__).parent / "shots"
SETTINGS = ROOT / "tests" / "conformance" / "chinwag.toml"
SCENARIOS = [
    "channel",
    "chats",
    "devices",
    "first-light",
    "group",
    "messages",
    "pictures",
    "profile",
    "restart",
]

pytestmark = [
    pytest.mark.skipif(
        shutil.which("node") is None, reason="Node.js is not installed: no browser is driven"
    ),
    pytest.mark.skipif(
        not Path("/usr/bin/chromium").exists(), reason="Chromium is not installed: install chromium"
    ),
    pytest.mark.skipif(
        not (ROOT / "src/chinwag/web/index.html").exists(),
        reason="the web client is not built: run `make setup`",
    ),
]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_web(node: Path, tmp_path: Path, scenario: str) -> None:
    """People do with the stock client what they came for."""
    shutil.rmtree(SHOTS / scenario, ignore_errors=True)
    with Live(tmp_path / "data", "--config", str(SETTINGS)) as live:
        status, said = _play(node, live, scenario)
        assert status == 0, said
        assert live.log.read_text() == ""


def _play(node: Path, live: Live, scenario: str) -> tuple[int, str]:
    """How the scenario ended, and what it said; it may ask for a restart of the server."""
    script = subprocess.Popen(
        ["node", "run.mjs", scenario],
        cwd=node / "web",
        env={**os.environ, "CHINWAG_ADDRESS": live.address, "CHINWAG_SHOTS": str(SHOTS)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert script.stdin is not None
    assert script.stdout is not None
    watchdog = threading.Timer(SCENARIO_S, script.kill)
    watchdog.start()
    said = []
    with script:
        for line in script.stdout:
            if line == "please restart\n":
                live.stop()
                live.start()
                script.stdin.write("done\n")
                script.stdin.flush()
            said.append(line)
    watchdog.cancel()
    return script.returncode, "".join(said)


def test_every_scenario_is_played(node: Path) -> None:
    tools = {"person", "png", "run", "stage", "until"}
    assert {path.stem for path in (node / "web").glob("*.mjs")} == {*SCENARIOS, *tools}


def test_another_client_or_none(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "index.html").write_text("another client")
    with Live(tmp_path / "data", "--web", str(tmp_path / "web")) as live:
        assert _get(live, "/") == (200, "another client")
        assert _get(live, "/umd/index.prod.js")[0] == 404
    with Live(tmp_path / "data", "--no-web") as live:
        status, body = _get(live, "/")
        assert (status, '"not found"' in body) == (404, True)


def _get(live: Live, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=10)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, body
