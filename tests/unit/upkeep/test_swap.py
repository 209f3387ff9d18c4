"""Exchanging what a data folder holds: wherever it is interrupted, it can be finished."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from chinwag.store import opening
from chinwag.store.db import CannotOpen
from chinwag.upkeep import swap


class Cut(Exception):
    """The power is gone."""


def _lay_out(data: Path) -> swap.Note:
    """Old things, and new ones that lie ready; one that is only put away, one that is only new."""
    data.mkdir()
    for name in ("db", "db-wal"):
        (data / name).write_text("old")
    (data / "uploads").mkdir()
    (data / "uploads" / "file").write_text("old")
    for name in ("db", "key"):
        swap.ready(data / name).write_text("new")
    swap.ready(data / "uploads").mkdir()
    (swap.ready(data / "uploads") / "file").write_text("new")
    places = [data / name for name in ("db-wal", "uploads", "key", "db")]
    return swap.Note(swap.moves(places, "T"))


def _contents(data: Path) -> dict[str, str]:
    return {str(p.relative_to(data)): p.read_text() for p in data.rglob("*") if p.is_file()}


DONE = {
    "db": "new",
    "key": "new",
    "uploads/file": "new",
    "db.before-T": "old",
    "db-wal.before-T": "old",
    "uploads.before-T/file": "old",
}


@pytest.fixture
def cut_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let the power be gone after some changes of names."""
    real = os.rename

    def cut(count: int) -> None:
        left = [count]

        def rename(old: str, new: str) -> None:
            if not left[0]:
                raise Cut
            left[0] -= 1
            real(old, new)

        monkeypatch.setattr(os, "rename", rename)

    return cut


@pytest.mark.parametrize("count", range(7))
def test_it_is_finished_wherever_it_was_cut(
    tmp_path: Path, cut_after: Callable[[int], None], count: int
) -> None:
    data = tmp_path / "data"
    note = _lay_out(data)
    swap.begin(data, note)
    cut_after(count)
    if count < 6:
        with pytest.raises(Cut):
            swap.finish(data, note)
        with pytest.raises(CannotOpen, match="is being restored, or that was cut short"):
            opening.check_whole(data)
        cut_after(99)
        begun = swap.under_way(data)
        assert begun == note
        swap.finish(data, begun)
    else:
        swap.finish(data, note)
    opening.check_whole(data)
    assert swap.under_way(data) is None
    assert _contents(data) == DONE


def test_a_note_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "restoring.json.part").write_text("{")
    assert swap.under_way(tmp_path) is None
    swap.begin(tmp_path, swap.Note())
    assert swap.under_way(tmp_path) == swap.Note()
    assert os.listdir(tmp_path) == ["restoring.json"]
    swap.forget(tmp_path)
    assert os.listdir(tmp_path) == []
