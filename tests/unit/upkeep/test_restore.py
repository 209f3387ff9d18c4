"""Restoring backups. Issue 4, item 6."""

import io
import os
import shutil
from pathlib import Path

import pytest

from attic import back_up
from chinwag.config import CannotStart, Config
from chinwag.store import opening, snapshot
from chinwag.store.lock import Lock
from chinwag.upkeep import aside, restore, swap
from chinwag.upkeep.archive import Manifest
from chinwag.upkeep.progress import Progress
from rows import NOW

STAMP = "20260105T080000Z"


def bring_back(
    folder: Path, data: Path, *, replace: bool = False, url: str = ""
) -> Manifest | None:
    """Restore `folder` into `data`."""
    config = Config()
    config.database.url = url
    target = restore.Target(config, data, replace)
    return restore.run(folder, target, Progress(io.StringIO()), NOW)


def state(data: Path) -> dict[str, bytes]:
    """What a folder holds but its locks."""
    return {
        name: (data / name).read_bytes()
        for name in aside.files_in(data)
        if not name.endswith(".lock")
    }


def _spoil(data: Path) -> None:
    """Let a folder hold something else."""
    (data / "token.key").write_bytes(b"other")
    (data / "uploads" / "fi" / "fileOne1234").write_bytes(b"other")
    (data / "chinwag.db").write_bytes(b"Dear diary, " * 1000)
    (data / "chinwag.db-wal").write_bytes(b"of the diary")


def test_a_backup_comes_back(data: Path, folder: Path, tmp_path: Path) -> None:
    restored = tmp_path / "restored"
    manifest = bring_back(folder, restored)
    assert manifest is not None
    assert state(restored).keys() == state(data).keys()
    for name, content in state(data).items():
        assert name == "chinwag.db" or state(restored)[name] == content
    assert opening.look("", restored, snapshot.counts) == manifest.counts
    for path in restored.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_the_backup_is_left_as_it_was(folder: Path, tmp_path: Path) -> None:
    before = state(folder)
    bring_back(folder, tmp_path / "restored")
    assert state(folder) == before


def test_what_is_there_stays_unless_it_is_said(data: Path, folder: Path) -> None:
    before = state(data)
    with pytest.raises(CannotStart, match=r"There are accounts or files already in .*--replace"):
        bring_back(folder, data)
    assert state(data) == before


@pytest.mark.parametrize("left", ["uploads", "database", "damaged database"])
def test_any_part_is_something(data: Path, folder: Path, left: str) -> None:
    if left != "uploads":
        shutil.rmtree(data / "uploads")
    if left != "database":
        (data / "chinwag.db").unlink()
    if left == "damaged database":
        (data / "chinwag.db").write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(CannotStart, match="--replace"):
        bring_back(folder, data)


def test_what_was_there_is_kept_beside_it(data: Path, folder: Path) -> None:
    _spoil(data)
    before = state(data)
    assert bring_back(folder, data, replace=True) is not None
    after = state(data)
    for name, content in before.items():
        first, slash, rest = name.partition("/")
        assert after[f"{first}.before-{STAMP}{slash}{rest}"] == content
    assert after["uploads/fi/fileOne1234"] == b"one"
    assert "chinwag.db-wal" not in after
    assert opening.look("", data, snapshot.counts)["users"] == 3


def test_a_database_elsewhere_is_exchanged_there(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    url = f"sqlite:///{tmp_path / 'far' / 'chat.db'}"
    bring_back(folder, tmp_path / "restored", url=url)
    assert {"chat.db"} <= set(os.listdir(tmp_path / "far")) <= {"chat.db", "chat.lock"}
    assert opening.look(url, tmp_path / "restored", snapshot.counts)["users"] == 3
    assert "chinwag.db" not in os.listdir(tmp_path / "restored")


@pytest.mark.parametrize("name", ["chinwag.db", "uploads/fi/fileTwo1234", "SHA256SUMS"])
def test_a_backup_that_was_cut_short_touches_nothing(data: Path, folder: Path, name: str) -> None:
    os.truncate(folder / name, 10)
    before = state(data)
    with pytest.raises(CannotStart, match=r"cannot be used: .* has been altered"):
        bring_back(folder, data, replace=True)
    assert state(data) == before


def test_a_running_server_is_not_disturbed(data: Path, folder: Path) -> None:
    lock = Lock(data / "chinwag.lock")
    before = state(data)
    with pytest.raises(CannotStart, match="is in use by another chinwag: stop that one"):
        bring_back(folder, data, replace=True)
    lock.release()
    assert state(data) == before


def test_without_room_nothing_is_touched(
    data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(data)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 1000))
    with pytest.raises(CannotStart, match=r"The backup needs [\d,]+ bytes, the disk of .* has 1,0"):
        bring_back(folder, data, replace=True)
    assert state(data) == before


@pytest.mark.parametrize("name", ["copy_file", "modernise"])
def test_an_error_on_the_way_touches_nothing(
    data: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = state(data)
    monkeypatch.setattr(snapshot if name == "modernise" else aside, name, fail)
    with pytest.raises(CannotStart, match=r"cannot be restored \(No space left on device"):
        bring_back(folder, data, replace=True)
    assert state(data) == before


def test_without_its_database_nothing_stays_of_it(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="does not answer"):
        bring_back(folder, tmp_path / "new", url="postgresql://a:b@127.0.0.1:1/c")
    assert state(tmp_path / "new") == {}


def test_one_that_was_cut_short_is_finished_first(data: Path, folder: Path) -> None:
    _spoil(data)
    place = data / "token.key"
    swap.ready(place).write_bytes(b"new")
    swap.begin(data, swap.Note(swap.moves([place], "T")))
    assert bring_back(folder, data) is None
    assert place.read_bytes() == b"new"
    with pytest.raises(CannotStart, match="--replace"):
        bring_back(folder, data)


def test_one_that_may_not_have_been_committed_is_done_again(data: Path, folder: Path) -> None:
    _spoil(data)
    swap.begin(data, swap.Note())
    assert bring_back(folder, data) is not None
    assert opening.look("", data, snapshot.counts)["users"] == 3


def test_without_a_secret_in_the_backup_the_one_that_is_there_stays(
    data: Path, tmp_path: Path
) -> None:
    key = (data / "token.key").read_bytes()
    (data / "token.key").unlink()
    back_up(data, tmp_path / "c")
    (data / "token.key").write_bytes(key)
    bring_back(tmp_path / "c", data, replace=True)
    assert (data / "token.key").read_bytes() == key
