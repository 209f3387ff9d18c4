"""Folders that are there whole or not at all."""

import os
from pathlib import Path

import pytest

from chinwag.config import CannotStart
from chinwag.upkeep import aside


def test_a_folder_appears_when_all_went_well(tmp_path: Path) -> None:
    with aside.fresh_folder(tmp_path / "new" / "b") as folder:
        with aside.create(folder / "file") as file:
            file.write(b"x")
        assert not (tmp_path / "new" / "b").exists()
    assert os.listdir(tmp_path / "new") == ["b"]
    assert (tmp_path / "new" / "b" / "file").read_bytes() == b"x"
    assert (tmp_path / "new" / "b").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "new" / "b" / "file").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("error", [CannotStart("no"), KeyboardInterrupt(), OSError(28, "full")])
def test_nothing_is_left_when_it_did_not(tmp_path: Path, error: BaseException) -> None:
    def work() -> None:
        with aside.fresh_folder(tmp_path / "b") as folder:
            (folder / "file").write_bytes(b"x")
            raise error

    with pytest.raises((type(error), CannotStart)) as caught:
        work()
    if isinstance(error, OSError):
        assert str(caught.value).startswith(f"The folder {tmp_path / 'b'} cannot be written (full)")
    assert os.listdir(tmp_path) == []


def test_what_an_interruption_has_left_is_not_in_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "b.part" / "uploads").mkdir(parents=True)
    (tmp_path / "b.part" / "file").write_bytes(b"old")
    (tmp_path / "b").mkdir()  # empty, as somebody may have made it
    with aside.fresh_folder(tmp_path / "b") as folder:
        assert os.listdir(folder) == []
    assert os.listdir(tmp_path) == ["b"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_is_there_already_is_left_alone(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "b"
    if kind == "folder":
        target.mkdir()
        (target / "mine").touch()
    else:
        target.touch()
    with (
        pytest.raises(CannotStart, match=r"There is something in .* already"),
        aside.fresh_folder(target),
    ):
        pass
    assert os.listdir(tmp_path) == ["b"]


def test_two_do_not_write_the_same_folder(tmp_path: Path) -> None:
    with aside.fresh_folder(tmp_path / "b") as first:
        (first / "file").touch()
        second = aside.fresh_folder(tmp_path / "b")
        with pytest.raises(CannotStart, match="Another chinwag is writing"):
            second.__enter__()
    assert os.listdir(tmp_path / "b") == ["file"]


def test_uploads_under_way_are_no_files(tmp_path: Path) -> None:
    for name in ("b/2", "a/1", "a/3.part", "4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert list(aside.files_in(tmp_path)) == ["4", "a/1", "b/2"]
    assert list(aside.files_in(tmp_path / "nowhere")) == []
