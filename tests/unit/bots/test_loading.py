"""Bots in files."""

import subprocess
import sys
from pathlib import Path

import pytest

from chinwag.bots import Bot, CannotRun
from chinwag.bots.loading import load, make
from live import ROOT


def test_a_new_bot_has_a_test_that_passes(tmp_path: Path) -> None:
    files = make(tmp_path, "tino")
    assert [file.name for file in files] == ["tino.py", "test_tino.py"]
    assert isinstance(load(files[0]), Bot)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    environ = {"PYTHONPATH": f"{ROOT / 'src'}:{tmp_path}", "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(
        command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert "1 passed" in ran.stdout, ran.stdout


@pytest.mark.parametrize("name", ["", "Tino", "two words", "class", "bot", "../x", "1st"])
def test_names_are_checked(tmp_path: Path, name: str) -> None:
    with pytest.raises(CannotRun, match="no name for a bot"):
        make(tmp_path, name)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "test_tino.py").write_text("mine")
    with pytest.raises(CannotRun, match="already"):
        make(tmp_path, "tino")
    assert not (tmp_path / "tino.py").exists()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="cannot be written"):
        make(tmp_path / "missing", "tino")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x = 1", "has no bot"),
        ("def (", "is no Python, line 1"),
        ("from chinwag.bots import Bot\na, b = Bot(), Bot()", "has no bot"),
    ],
)
def test_files_without_a_bot_are_told(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "tino.py").write_text(text)
    with pytest.raises(CannotRun, match=why):
        load(tmp_path / "tino.py")


def test_the_only_bot_is_found_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("name = 'x'")
    (tmp_path / "tino.py").write_text("import beside\nfrom chinwag.bots import Bot\ntino = Bot()")
    assert isinstance(load(tmp_path / "tino.py"), Bot)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="bot new"):
        load(tmp_path / "tino.py")
