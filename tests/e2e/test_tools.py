"""Programs made for the original server, against a real one: the chatbot, and what tn-cli says.

Neither can be had as a package: the chatbot is examples/bots/quotes_grpc.py, which takes its
options and does its steps; what tn-cli sends is replayed through the package `tinode-grpc`, whose
bindings it uses. Source: specification 06, paragraphs 7, 8 and 18.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from live import ROOT, Live, chinwag
from talk import Talk

SETTINGS = """
[plugins.tino]
service_addr = "tcp://127.0.0.1:{port}"
timeout_ms = 5000

[plugins.tino.filters]
account = "C"
"""
WAIT_S = 60


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def tino(*words: str, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """The chatbot, running."""
    command = [sys.executable, str(ROOT / "examples/bots/quotes_grpc.py"), *words]
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(
        command, cwd=cwd, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def says(running: subprocess.Popen[str], start: str) -> str:
    """The next line that the bot prints, which begins with `start`."""
    assert running.stdout is not None
    said = []
    for line in running.stdout:
        said.append(line)
        if line.startswith(start):
            return line.rstrip("\n")
    raise AssertionError(f"the bot has ended before it said {start}: {''.join(said)}")


def answer(person: Talk, bot: str, text: str) -> tuple[str, object]:
    """Say something; what the bot answers, once it has read it."""
    person.ask("pub", topic=bot, content=text, noecho=True)
    has_read = False
    while True:
        heard = person.hear()
        has_read |= heard.get("info", {}).get("what") == "read"
        if heard.get("data", {}).get("from") == bot:
            assert has_read
            return heard["data"]["content"], heard["data"]["head"]


def test_the_chatbot_of_the_original(tmp_path: Path) -> None:
    """18.1: it logs in, hears of accounts, attaches to who comes, reads, answers, comes back."""
    port, plugin = free_port(), free_port()
    settings = tmp_path / "chinwag.toml"
    settings.write_text(SETTINGS.format(port=plugin))
    (tmp_path / "quotes.txt").write_text("Be wise.\n\n")
    words = ["--host", f"127.0.0.1:{port}", "--listen", f"127.0.0.1:{plugin}"]
    words += ["--quotes", "quotes.txt"]
    options = ("--no-web", "--grpc", f"127.0.0.1:{port}", "--config", str(settings))
    account = ("tino", "--password", "tino1234", "--data", tmp_path / "data")
    added = chinwag("user", "add", *account)
    assert added.returncode == 0, added.stderr
    uid = added.stdout.split()[2]
    with Live(tmp_path / "data", *options) as live:
        with tino(*words, "--login-basic", "tino:tino1234", cwd=tmp_path) as running:
            assert says(running, "Server:").endswith(" 0.25")
            assert says(running, "Logged in") == f"Logged in as {uid}"
            with Talk(live.port) as ann:
                ann.register("annie")
                made = f"Account created {ann.uid}"
                assert says(running, "Account").startswith(made)
                ann.ask("sub", topic="me")
                ann.ask("sub", topic=uid)
                assert answer(ann, uid, "Hello") == ("Be wise.", {"auto": True})
                assert answer(ann, uid, "Again")[0] == "Be wise."
                token = ann.token
            live.stop()
            live.start()
            says(running, "Logged in")
            with Talk(live.port) as ann:
                ann.log_in(token)
                ann.ask("sub", topic="me")
                ann.ask("sub", topic=uid)
                assert answer(ann, uid, "Hello")[0] == "Be wise."
        cookie = json.loads((tmp_path / ".tn-cookie").read_text())
        assert (cookie["schema"], cookie["user"]) == ("token", uid)
        with tino(*words, cwd=tmp_path) as running:  # by the cookie of the last time
            assert says(running, "Logged in") == f"Logged in as {uid}"
        with tino(*words, "--login-basic", "tino:wrong", cwd=tmp_path) as running:
            assert says(running, "The server refuses").startswith("The server refuses: 401")
            assert running.wait(WAIT_S) == 1


def test_what_tn_cli_says(tmp_path: Path) -> None:
    """18.2, 18.3 and the macros of 8.6, by an administrator; DEFECTs 06-10 and 06-11."""
    added = chinwag(
        "user", "add", "xena", "--password", "xena1234", "--root", "--data", tmp_path / "data"
    )
    assert added.returncode == 0, added.stderr
    address = f"127.0.0.1:{free_port()}"
    with Live(tmp_path / "data", "--no-web", "--grpc", address) as live, Talk(live.port) as tina:
        tina.register("tina1")
        replay = [sys.executable, str(ROOT / "tests/e2e/tn_cli_talk.py"), address, tina.uid]
        environ = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
        ran = subprocess.run(
            replay, env=environ, capture_output=True, text=True, timeout=100, check=False
        )
        assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}\n{live.log.read_text()}"
        heard = dict(json.loads(line) for line in ran.stdout.splitlines())
        assert heard == {
            "hi": [201, True],
            "login": [200, "root", True],
            "acc": [201, "auth", {"fn": "Zoe"}, {"staff": True}],
            "sub": [200, True],
            "pub": [202, 1],
            "do-login": 409,
            "sub as Zoe": 200,
            "set as Zoe": 200,
            "leave as Zoe": 200,
            "get as Zoe": "JRA",
            "thecard": {"fn": "Zoe"},
            "resolve": True,
            "lock": 200,
            "unlock": 200,
            "passwd": 200,
            "userdel": 200,
            "empty get": 400,
            "nobody": 400,
            "end": True,
        }
