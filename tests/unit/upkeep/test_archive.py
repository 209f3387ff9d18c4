"""A backup tells whether it is whole."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from attic import silent
from chinwag.config import CannotStart
from chinwag.upkeep import archive

Spoil = Callable[[Path], object]


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _tell(folder: Path, **changes: object) -> None:
    """Let the manifest say something else."""
    path = folder / "manifest.json"
    path.write_bytes(msgspec.json.encode({**msgspec.json.decode(path.read_bytes()), **changes}))


def _name(folder: Path, line: str) -> None:
    """Let the sums name another file, and the manifest know of it."""
    with (folder / "SHA256SUMS").open("a") as sums:
        sums.write(line)
    _tell(folder, sums=archive.digest_of(folder / "SHA256SUMS"))


def refusal(folder: Path) -> str:
    """Why a backup cannot be used."""
    with pytest.raises(CannotStart) as caught:
        archive.check(folder, silent)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")
    return str(caught.value)


@pytest.mark.parametrize("spoil", [_cut, _flip, lambda path: path.write_bytes(b"")])
@pytest.mark.parametrize("name", ["chinwag.db", "token.key", "uploads/fi/fileTwo1234"])
def test_a_file_that_is_not_as_it_was_is_found(folder: Path, name: str, spoil: Spoil) -> None:
    spoil(folder / name)
    assert f"{name} has been altered or cut short; take another one" in refusal(folder)


@pytest.mark.parametrize("name", ["chinwag.db", "token.key", "uploads/fi/fileNil1234"])
def test_a_file_that_is_gone_is_found(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert f"{name} is missing" in refusal(folder)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda f: _cut(f / "SHA256SUMS"), "SHA256SUMS has been altered"),
        (lambda f: _flip(f / "SHA256SUMS"), "SHA256SUMS has been altered"),
        (lambda f: (f / "SHA256SUMS").unlink(), "SHA256SUMS is missing"),
        (lambda f: (f / "manifest.json").unlink(), "There is no whole backup in"),
        (lambda f: os.truncate(f / "manifest.json", 99), "manifest.json has been altered or cut"),
        (lambda f: (f / "manifest.json").write_bytes(b"\xff"), "manifest.json has been altered"),
        (lambda f: _tell(f, counts={}), "manifest.json does not tell what is in chinwag.db"),
        (lambda f: _tell(f, schema=1), "manifest.json does not tell what is in chinwag.db"),
        (lambda f: _tell(f, schema=99, program="9.9"), "was made by chinwag 9.9, which is newer"),
        (lambda f: _tell(f, format=2), "which is newer: restore it with that release"),
        (lambda f: _name(f, f"{'0' * 64}  ../../etc/x\n"), "names what is no part of a backup"),
        (lambda f: _name(f, f"{'0' * 64}  uploads/../x\n"), "names what is no part of a backup"),
        (lambda f: _name(f, f"{'0' * 64}  /etc/passwd\n"), "names what is no part of a backup"),
        (lambda f: _name(f, "half a li"), "names what is no part of a backup"),
        (lambda f: f.rename(f.with_name("c")), "There is no folder"),
    ],
)
def test_a_backup_that_does_not_tell_the_truth_is_refused(
    folder: Path, spoil: Spoil, sentence: str
) -> None:
    spoil(folder)
    assert sentence in refusal(folder)


def test_half_a_backup_is_no_backup(folder: Path) -> None:
    """As long as it is written it has another name, and its manifest comes last."""
    folder.rename(folder.with_name("b.part"))
    (folder.with_name("b.part") / "manifest.json").unlink()
    assert "There is no whole backup in" in refusal(folder.with_name("b.part"))


def test_sums_are_as_other_programs_write_them(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    assert len(lines) == 5
    for line in lines:
        assert re.fullmatch(r"[0-9a-f]{64}  [^ ].*", line)
