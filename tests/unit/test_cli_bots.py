"""The commands for bots."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chinwag import cli_bots
from chinwag.cli import app
from chinwag.config import CannotStart
from live import ROOT, Live, chinwag
from talk import Talk

ECHO = ROOT / "examples/bots/echo.py"


def test_a_bot_is_made_and_talked_to(tmp_path: Path) -> None:
    made = chinwag("bot", "new", "tino", "--folder", tmp_path)
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith(f"Wrote {tmp_path / 'tino.py'} and ")
    command = [sys.executable, "-m", "chinwag.cli", "bot", "shell", str(tmp_path / "tino.py")]
    talked = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        input="hello\n/help\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert talked.stdout.splitlines() == ["bot> Hello!", "bot> I am tino. Say hello."], (
        talked.stderr
    )


@pytest.mark.parametrize("how", ["CHINWAG_BOT_LOGIN", "CHINWAG_BOT_TOKEN"])
def test_a_bot_runs_until_it_is_told_to_stop(tmp_path: Path, how: str) -> None:
    """It serves, keeps what it remembers beside its file, and ends with status 0."""
    (tmp_path / "echo.py").write_text(ECHO.read_text())
    made = chinwag("bot", "account", "echobot", "--password", "--data", tmp_path / "data")
    first, _, *told = made.stdout.splitlines()
    uid = first.split()[-1]
    with Live(tmp_path / "data", "--no-web") as live, Talk(live.port) as ann:
        command = [sys.executable, "-m", "chinwag.cli", "bot", "run", str(tmp_path / "echo.py")]
        environ = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        environ[how] = dict(line.split("=", 1) for line in told)[how]
        process = subprocess.Popen(
            [*command, "--server", live.address],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == f"{uid} listens on {live.address}\n"
        ann.register("annbot")
        ann.ask("sub", topic=uid)
        ann.ask("pub", topic=uid, content="hi", noecho=True)
        heard = ann.hear()
        while "data" not in heard:
            heard = ann.hear()
        assert heard["data"]["content"] == "hi"
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (0, "", "")
    assert (tmp_path / "echo.db").exists()


def test_a_bot_gets_an_account_and_loses_its_log_in(tmp_path: Path) -> None:
    made = chinwag("bot", "account", "tino", "--name", "Tino", "--data", tmp_path / "data")
    assert made.returncode == 0, made.stderr
    login = made.stdout.splitlines()[-1]
    assert login.startswith("CHINWAG_BOT_TOKEN=cwbot")
    again = chinwag("bot", "account", "tino", "--renew", "--data", tmp_path / "data")
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines()[-1].startswith("CHINWAG_BOT_TOKEN=cwbot")
    assert again.stdout.splitlines()[-1] != login
    more = chinwag("bot", "token", "tino", "--topic", "p2p", "--data", tmp_path / "data")
    token = more.stdout.split()[1]
    assert f"{token}  usr" in chinwag("bot", "tokens", "--data", tmp_path / "data").stdout
    assert chinwag("bot", "revoke", token, "--data", tmp_path / "data").returncode == 0
    assert token not in chinwag("bot", "tokens", "--data", tmp_path / "data").stdout


def test_a_bot_logs_in_with_its_token(tmp_path: Path) -> None:
    """Over WebSocket, as every client, and no longer when it is revoked."""
    data = tmp_path / "data"
    made = chinwag("bot", "account", "tino", "--data", data)
    secret = made.stdout.splitlines()[-1].partition("=")[2]
    with Live(data, "--no-web") as live, Talk(live.port) as talk:
        assert talk.ask("login", scheme="token", secret=secret)["params"]["token"] == secret
    token = made.stdout.splitlines()[-2].split()[1]
    assert chinwag("bot", "revoke", token, "--data", data).returncode == 0
    with Live(data, "--no-web") as live, Talk(live.port) as talk:
        assert talk.ask("login", scheme="token", secret=secret)["code"] == 401


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["run", "missing.py"], "There is no file missing.py"),
        (["shell", "missing.py"], "There is no file missing.py"),
        (["new", "Tino"], "no name for a bot"),
        (["run", str(ECHO), "--server", "ftp://x"], "no address of a server"),
        (["run", str(ECHO), "--memory"], "Who is the bot"),
    ],
)
def test_what_cannot_be_done_is_said(
    words: list[str], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CHINWAG_BOT_LOGIN", "CHINWAG_BOT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(app, ["bot", *words])
    assert isinstance(result.exception, CannotStart)
    assert why in str(result.exception)


def test_without_its_packages_it_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "chinwag.bots.errors", None)
    result = CliRunner().invoke(cli_bots.app, ["new", "tino"])
    assert isinstance(result.exception, CannotStart)
    assert "pip install 'chinwag[bots]'" in str(result.exception)


def test_the_commands_explain_themselves() -> None:
    assert "shell" in CliRunner().invoke(app, ["bot"]).stdout
