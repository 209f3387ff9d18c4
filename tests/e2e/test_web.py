"""The stock web client in a real browser against a real server.

Each scenario is a script in `node/web`, played in a process of its own; what it saw is kept in
`shots/`. Any request to another host, and any unexplained error in the browser's console, fails it.
"""

import asyncio
import http.client
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from live import ROOT, Live, chinwag
from mailserver import Mailbox, serving

SCENARIO_S = 300  # it gives up by itself: what it waits for does not come within a minute
SHOTS = Path(__file__).parent / "shots"
SETTINGS = Path(__file__).parent / "chinwag.toml"
MAIL_SETTINGS = """
[email]
enabled = true
required = true
host = "127.0.0.1"
port = {}
security = "none"
sender = "Chinwag <chat@example.com>"
"""
SCENARIOS = [
    "calls",
    "channel",
    "chats",
    "demo",
    "devices",
    "farewell",
    "first-light",
    "group",
    "history",
    "longpoll",
    "messages",
    "pictures",
    "profile",
    "report",
    "restart",
    "ringing",
    "voice",
]

pytestmark = [
    pytest.mark.timeout(SCENARIO_S + 60),
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
    data = tmp_path / "data"
    if scenario == "report":
        made = chinwag(
            "user", "add", "staff", "--root", "--password", "staff secret", "--data", data
        )
        assert made.returncode == 0, made.stderr
    options = ["--demo"] if scenario == "demo" else []
    with Live(data, "--config", str(SETTINGS), *options) as live:

        def restart(_what: str) -> str:
            live.stop()
            live.start()
            return "done"

        _play(node, live, scenario, restart)


async def test_mail(node: Path, tmp_path: Path) -> None:
    """People confirm their addresses and get new passwords by mail. Specification 07, 4.2, 4.4."""
    box = Mailbox()
    async with serving(box) as port:
        settings = tmp_path / "mail.toml"
        settings.write_text(MAIL_SETTINGS.format(port))
        with Live(tmp_path / "data", "--config", str(settings)) as live:
            await asyncio.to_thread(_play, node, live, "mail", partial(_mail_to, box))


def _mail_to(box: Mailbox, address: str) -> str:
    """The next mail to `address`, in one line."""
    deadline = time.monotonic() + SCENARIO_S
    while time.monotonic() < deadline:
        for mail in box.mails:
            body = mail.get_body(("plain",))
            if mail["To"] == address and body is not None:
                box.mails.remove(mail)
                return " ".join(body.get_content().split())
        time.sleep(0.05)
    raise AssertionError(f"no mail to {address}")


def _play(node: Path, live: Live, scenario: str, answer: Callable[[str], str]) -> None:
    """Play a scenario to its end; `answer` does what it asks for, and says so in a line."""
    shutil.rmtree(SHOTS / scenario, ignore_errors=True)
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
            said.append(line)
            if line.startswith("please "):
                script.stdin.write(answer(line.split()[-1]) + "\n")
                script.stdin.flush()
    watchdog.cancel()
    assert script.returncode == 0, "".join(said)
    assert live.log.read_text() == ""


def test_every_scenario_is_played(node: Path) -> None:
    played = {*SCENARIOS, "mail"}
    tools = {"person", "png", "run", "stage", "until"}
    assert {path.stem for path in (node / "web").glob("*.mjs")} == played | tools
    page = (ROOT / "docs/testing.md").read_text(encoding="utf-8")
    assert [name for name in sorted(played) if f"`{name}`" not in page] == []


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
