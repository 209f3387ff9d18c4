"""Writing backups. Issue 4, item 6."""

import os
from pathlib import Path

import pytest

from attic import FILES, back_up, put, silent
from chinwag.config import CannotStart
from chinwag.store import migrate, snapshot
from chinwag.upkeep import archive, aside


def test_a_backup_holds_everything(data: Path, tmp_path: Path) -> None:
    manifest = back_up(data, tmp_path / "b")
    assert sorted(aside.files_in(tmp_path / "b")) == [
        "SHA256SUMS",
        "chinwag.db",
        "manifest.json",
        "token.key",
        *(f"uploads/fi/{fid}" for fid in sorted(FILES)),
    ]
    for fid, content in FILES.items():
        assert (tmp_path / "b" / "uploads" / "fi" / fid).read_bytes() == content
    assert (tmp_path / "b" / "token.key").read_bytes() == (data / "token.key").read_bytes()
    assert (manifest.schema, manifest.database) == (migrate.VERSION, "sqlite")
    assert (manifest.counts["users"], manifest.counts["messages"]) == (3, 33)
    assert (manifest.files_count, manifest.lacking) == (5, 0)
    assert manifest.made == "2026-01-05T08:00:00.000Z"
    assert snapshot.summary(tmp_path / "b" / "chinwag.db")[1] == manifest.counts
    assert archive.check(tmp_path / "b", silent) == manifest


def test_a_backup_is_for_its_owner_only(data: Path, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        back_up(data, tmp_path / "b")
    finally:
        os.umask(old)
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o700
    for path in (tmp_path / "b").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_the_source_is_left_as_it_was(data: Path, tmp_path: Path) -> None:
    def state() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}

    before = state()
    back_up(data, tmp_path / "b")
    assert state() == before


def test_the_rows_decide_which_files_belong_to_it(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One comes after the files were copied and before the rows; one has no row; one no bytes."""
    put(data, "orphan12345", b"nobody's")
    put(data, "fileOne1234.part", b"on its w")
    (data / "uploads" / "fi" / "fileTwo1234").unlink()
    moved = tmp_path / "late"
    (data / "uploads" / "fi" / "fileOne1234").rename(moved)
    real = snapshot.write

    def write(*args: object, **kwargs: object) -> None:
        moved.rename(data / "uploads" / "fi" / "fileOne1234")
        real(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(snapshot, "write", write)
    manifest = back_up(data, tmp_path / "b")
    assert list(aside.files_in(tmp_path / "b" / "uploads")) == ["fi/fileNil1234", "fi/fileOne1234"]
    assert manifest.lacking == 1
    assert archive.check(tmp_path / "b", silent).lacking == 1


def test_a_folder_without_a_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="There is no database in"):
        back_up(tmp_path / "nowhere", tmp_path / "b")
    assert os.listdir(tmp_path) == []


def test_a_damaged_database_makes_no_backup(data: Path, tmp_path: Path) -> None:
    content = bytearray((data / "chinwag.db").read_bytes())
    middle = 40 * 4096
    content[middle : middle + 4096] = b"\xff" * 4096
    (data / "chinwag.db").write_bytes(content)
    with pytest.raises(CannotStart, match="is damaged or no SQLite database") as caught:
        back_up(data, tmp_path / "b")
    assert f"The file {data / 'chinwag.db'} is" in str(caught.value)
    assert os.listdir(tmp_path) == ["data"]


def test_half_a_restored_folder_is_not_backed_up(data: Path, tmp_path: Path) -> None:
    (data / "restoring.json").write_text("{}")
    with pytest.raises(CannotStart, match="run `chinwag restore` once more"):
        back_up(data, tmp_path / "b")
