"""The commands for webhooks, on a data folder; at a running server: tests/e2e/test_hooks.py."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chinwag.cli import app
from chinwag.config import CannotStart
from live import chinwag


def test_webhooks_on_a_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert chinwag("init", "--data", data).returncode == 0

    def hook(*words: str) -> str:
        done = chinwag("hook", *words, "--data", data)
        assert done.returncode == 0, done.stderr
        return done.stdout

    made = hook("out", "https://ci.example/", "--topic", "p2p")
    found = re.match(
        r"Made (\w{11}): https://ci.example/ is told of p2p.\nSecret: whsec_\w{64}\n", made
    )
    assert found is not None
    assert hook("list").endswith("out  https://ci.example/  p2p  ok\n")
    assert hook("resume", found[1]) == f"Webhook {found[1]} goes on.\n"
    assert hook("revoke", found[1]) == f"Webhook {found[1]} is revoked.\n"
    assert hook("list") == ""
    done = chinwag("hook", "in", "grpAAAAAAAAAAA", "--data", data)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "chinwag: grpAAAAAAAAAAA takes no webhook: topic not found.\n"


def test_who_orders_must_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHINWAG_ROOT", raising=False)
    result = CliRunner().invoke(app, ["hook", "list", "--server", "http://127.0.0.1:1"])
    assert isinstance(result.exception, CannotStart)
    assert "CHINWAG_ROOT" in str(result.exception)


def test_the_commands_explain_themselves() -> None:
    assert "resume" in CliRunner().invoke(app, ["hook"]).stdout
