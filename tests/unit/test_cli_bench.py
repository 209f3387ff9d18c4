"""The command that puts a load on a server, from outside."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from chinwag.cli import app
from live import Live, chinwag


def test_a_load_is_told_as_a_table_and_leaves_nobody(tmp_path: Path) -> None:
    with Live(tmp_path / "data", "--no-web") as live:
        run = chinwag("bench", live.address, "fanout", "--sessions", "3", "--seconds", "1")
        assert (run.returncode, run.stderr) == (0, "")
        head, row = run.stdout.splitlines()
        assert head.startswith("load ")
        assert row.startswith("fanout  60 deliveries ")
        assert row.endswith(" nothing")
    assert "Load" not in chinwag("user", "list", "--data", live.data).stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("http://127.0.0.1:1",), "cannot be reached"),
        (("http://127.0.0.1:1", "lots"), "There is no load called lots: choose from fanout"),
        (("ftp://x",), "is no address of a server"),
        (("http://127.0.0.1:1", "--sessions", "1000000"), "sessions"),
        (("http://127.0.0.1:1", "--window", "0"), "window"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_sentence(words: tuple[str, ...], told: str) -> None:
    run = chinwag("bench", *words)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("chinwag: ")
    assert run.stderr.count("\n") == 1
    assert told in run.stderr


def test_its_help_explains_the_loads() -> None:
    told = CliRunner().invoke(app, ["bench", "--help"]).output
    for word in ("fanout:", "hot:", "pairs:", "login:", "--sessions", "removed at the end"):
        assert word in told
