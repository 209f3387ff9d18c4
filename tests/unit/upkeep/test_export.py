"""Everything about one person, as files. Issue 4, item 6."""

import io
import json
import os
import sqlite3
import tarfile
from pathlib import Path
from typing import Any

import pytest

from attic import FILES
from chinwag.config import CannotStart, Config
from chinwag.upkeep import export
from chinwag.upkeep.export import Exported
from chinwag.upkeep.progress import Progress
from rows import ALICE, BOB, CAROL, GROUP


def _write(data: Path, who: str, target: Path) -> Exported:
    return export.write(Config(), data, who, target, Progress(io.StringIO()))


def _lines(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]


NAMES = {
    "README.txt", "credentials.jsonl", "devices.jsonl", "files", "files.jsonl", "messages.jsonl",
    "profile.jsonl", "subscriptions.jsonl",
}  # fmt: skip


def test_it_is_all_there(data: Path, tmp_path: Path) -> None:
    found = _write(data, "alice", tmp_path / "x")
    assert found == Exported(ALICE, 33, 3)
    assert set(os.listdir(tmp_path / "x")) == NAMES
    (profile,) = _lines(tmp_path / "x", "profile")
    assert (profile["id"], profile["public"], profile["tags"]) == (ALICE, {"fn": "A"}, ["red"])
    assert (profile["state"], profile["made"]) == ("ok", "2026-01-05T08:00:00.000Z")
    (log_in,) = _lines(tmp_path / "x", "credentials")
    assert log_in == {"scheme": "basic", "name": "alice", "level": "auth", "expires": None}
    places = {line["topic"]: line for line in _lines(tmp_path / "x", "subscriptions")}
    assert {"me", "fnd", BOB, GROUP} <= places.keys()
    assert (places[GROUP]["owner"], places[GROUP]["public"]) == (True, {"fn": "G"})
    assert places["me"]["private"] == "mine"
    messages = _lines(tmp_path / "x", "messages")
    assert messages[0] == {
        "topic": GROUP,
        "seq": 1,
        "at": "2026-01-05T08:00:00.001Z",
        "from": ALICE,
        "head": None,
        "content": "message 1",
    }
    assert [(m["topic"], m["seq"], m["from"]) for m in messages[-3:]] == [
        (BOB, n, BOB) for n in (1, 2, 3)
    ]


def test_files_are_copied(data: Path, tmp_path: Path) -> None:
    (data / "uploads" / "fi" / "fileNil1234").unlink()
    _write(data, ALICE, tmp_path / "x")
    lines = {line["id"]: line for line in _lines(tmp_path / "x", "files")}
    assert lines.keys() == FILES.keys()
    assert lines["fileNil1234"]["missing"]
    for fid in ("fileOne1234", "fileTwo1234"):
        assert lines[fid]["path"] == f"files/{fid}.txt"
        assert (tmp_path / "x" / "files" / f"{fid}.txt").read_bytes() == FILES[fid]


def test_it_is_for_its_owner_only(data: Path, tmp_path: Path) -> None:
    _write(data, "alice", tmp_path / "x")
    _write(data, "alice", tmp_path / "x.tar")
    paths = [tmp_path / "x", tmp_path / "x.tar", *(tmp_path / "x").rglob("*")]
    for path in paths:
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("name", ["anna.tar", "anna.tgz", "anna.tar.gz"])
def test_it_may_be_an_archive(data: Path, tmp_path: Path, name: str) -> None:
    assert _write(data, "alice", tmp_path / name).messages == 33
    with tarfile.open(tmp_path / name) as tar:
        found = set(tar.getnames())
        told = tar.extractfile("anna/messages.jsonl")
        assert told is not None
        assert len(told.read().splitlines()) == 33
    assert {f"anna/{each}" for each in NAMES} | {"anna/files/fileOne1234.txt"} <= found
    assert set(os.listdir(tmp_path)) == {"data", name}


@pytest.mark.parametrize("name", ["x", "x.tar"])
def test_what_is_there_already_is_left_alone(data: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(CannotStart, match="already: name"):
        _write(data, "alice", tmp_path / name)
    assert (tmp_path / name).read_text() == "mine"


@pytest.mark.parametrize("name", ["x", "x.tar"])
def test_somebody_unknown_leaves_nothing(data: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(CannotStart, match="There is no user zoe: give a log-in name or an id"):
        _write(data, "zoe", tmp_path / name)
    assert os.listdir(tmp_path) == ["data"]


def test_each_message_is_one_line_whatever_it_holds(data: Path, tmp_path: Path) -> None:
    raw = sqlite3.connect(data / "chinwag.db")
    for seq, content in enumerate([b'{\n "a": [1,\n 2]}', b"no json\n", b'"\xff"'], 1):
        raw.execute(
            "UPDATE messages SET content = ? WHERE topic LIKE 'p2p%' AND seq = ?", (content, seq)
        )
    raw.commit()
    raw.close()
    assert _write(data, BOB, tmp_path / "x").messages == 33
    told = [line["content"] for line in _lines(tmp_path / "x", "messages")[-3:]]
    assert told == [{"a": [1, 2]}, "no json\n", "\ufffd"]


def test_nothing_of_others_is_in_it(data: Path, tmp_path: Path) -> None:
    assert _write(data, CAROL, tmp_path / "x") == Exported(CAROL, 0, 0)
    told = "".join(path.read_text() for path in (tmp_path / "x").glob("*.jsonl"))
    assert ALICE not in told
    assert BOB not in told


@pytest.mark.parametrize("version", ["1", "99"])
def test_tables_of_another_version_are_not_guessed_at(
    data: Path, tmp_path: Path, version: str
) -> None:
    raw = sqlite3.connect(data / "chinwag.db")
    raw.execute("UPDATE meta SET value = ? WHERE key = 'schema_version'", (version,))
    raw.commit()
    raw.close()
    with pytest.raises(CannotStart, match=f"has schema version {version}, this program"):
        _write(data, "alice", tmp_path / "x")
    assert not (tmp_path / "x").exists()
