"""A plug-in made with the PyPI package `tinode-grpc`, called by a real server.

Source: specification 06, paragraphs 6 and 18.4.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from live import ROOT, Live
from talk import Talk

SETTINGS = """
[plugins.censor]
service_addr = "unix://{socket}"
timeout_ms = 1000
failure_code = 503
failure_text = "no plug-in"

[plugins.censor.filters]
fire_hose = "pub"
find = true
account = "CD"
message = ""
"""


@contextmanager
def program(socket: Path) -> Iterator[subprocess.Popen[str]]:
    """The plug-in, listening on `socket`."""
    command = [sys.executable, str(ROOT / "tests/e2e/plugin_program.py"), f"unix:{socket}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert _hear(running) == ["ready"]
            yield running
        finally:
            running.kill()


def _hear(running: subprocess.Popen[str]) -> Any:
    assert running.stdout is not None
    return json.loads(running.stdout.readline())


def _next(talk: Talk, kind: str) -> Any:
    while True:
        heard = talk.hear()
        if kind in heard:
            return heard[kind]


def test_a_plugin_judges_answers_and_hears(tmp_path: Path) -> None:
    socket = tmp_path / "plugin.sock"
    settings = tmp_path / "chinwag.toml"
    settings.write_text(SETTINGS.format(socket=socket))
    with Live(tmp_path / "data", "--no-web", "--config", str(settings)) as live:
        with program(socket) as running, Talk(live.port) as alice:
            alice.register("alice")
            assert _hear(running) == ["account", 0, None, ["basic:alice"]]
            group = alice.ask("sub", topic="newA")["topic"]
            _judged(alice, group, running)
            _found(alice, running)
        _without(live, group)
        assert "plugin_failed" in live.log.read_text()


def _judged(alice: Talk, group: str, running: subprocess.Popen[str]) -> None:
    """Replaced, answered, dropped, too late: as the plug-in rules; only the rest is stored."""
    assert alice.ask("pub", topic=group, content="badword")["params"] == {"seq": 1}
    assert _next(alice, "data")["content"] == "***"
    assert _hear(running) == ["fire", "pub", "badword", True]
    assert _hear(running) == ["message", 1, "***"]
    refused = alice.ask("pub", topic=group, content="LOUD")
    assert (refused["code"], refused["text"]) == (403, "language!")
    alice.say({"pub": {"id": "dropped", "topic": group, "content": "secret"}})
    began = time.monotonic()
    late = alice.ask("pub", topic=group, content="slow")
    assert (late["code"], late["text"]) == (503, "no plug-in")
    assert time.monotonic() - began < 20
    assert alice.ask("pub", topic=group, content="fine")["params"] == {"seq": 2}
    heard = [_hear(running) for _ in range(5)]
    assert [each[2] for each in heard] == ["LOUD", "secret", "slow", "fine", "fine"]


def _found(alice: Talk, running: subprocess.Popen[str]) -> None:
    """A search for `robot` is answered by the plug-in."""
    alice.ask("sub", topic="fnd")
    alice.ask("set", topic="fnd", desc={"public": "robot"})
    alice.say({"get": {"id": "f", "topic": "fnd", "what": "sub"}})
    assert [row["public"] for row in _next(alice, "meta")["sub"]] == [{"fn": "Robot"}]
    assert _hear(running) == ["find", "robot"]


def _without(live: Live, group: str) -> None:
    """The plug-in is gone: what it must judge is refused, everything else goes on."""
    with Talk(live.port) as bob:
        bob.register("bobby")
        assert bob.ask("sub", topic=group)["code"] == 200
        assert bob.ask("pub", topic=group, content="x")["code"] == 503
        assert bob.ask("leave", topic=group)["code"] == 200
