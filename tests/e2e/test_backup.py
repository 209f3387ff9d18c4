"""Backups through the command line, while the server runs, and from any database to any other."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import product as pairs
from pathlib import Path

import pytest

from databases import ESCAPED, PASSWORD, SERVERS, Start
from live import ROOT, Live, chinwag, cramped
from parcels import download, small_disk, upload
from talk import Talk, fresh

pytestmark = pytest.mark.timeout(300)  # several processes one after the other


@pytest.fixture
def place(servers: Start) -> Callable[[str], list[str]]:
    """The options for an empty database of some kind."""

    def options(kind: str) -> list[str]:
        return [] if kind == "sqlite" else ["--database", servers(kind).new_database()]

    return options


def kinds() -> list[str]:
    """The databases that there are here."""
    return ["sqlite", *(name for name, kind in SERVERS.items() if not kind.missing())]


def _texts(talk: Talk, topic: str) -> list[tuple[int, str]]:
    """Numbers and texts of all messages of a topic."""
    found: list[tuple[int, str]] = []
    before = 0
    while True:
        what = {"limit": 100, "before": before}
        talk.say({"get": {"id": "page", "topic": topic, "what": "data", "data": what}})
        count = len(found)
        while "ctrl" not in (heard := talk.hear()):
            if "data" in heard:
                found.append((heard["data"]["seq"], heard["data"]["content"]))
        if len(found) == count:
            return sorted(found)
        before = min(seq for seq, _ in found)


def _no_secrets(done: "subprocess.CompletedProcess[str]") -> None:
    for secret in (PASSWORD, ESCAPED, "Traceback"):
        assert secret not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("source", "target"), [pair for pair in pairs(kinds(), kinds()) if pair[0] != pair[1]]
)
def test_a_team_moves_from_one_database_to_another(
    place: Callable[[str], list[str]], tmp_path: Path, source: str, target: str
) -> None:
    """With people, log-ins, messages and files, by a backup that is made while they chat."""
    options = place(source)
    with Live(tmp_path / "data", "--no-web", *options) as live, Talk(live.port) as anna:
        topic = anna.register(fresh("anna")).ask("sub", topic="new")["topic"]
        path = upload(live, anna.token, b"a map" * 1000)
        extra = {"attachments": [path]}
        anna.ask("pub", topic=topic, content="See!", noecho=True, extra=extra)
        for number in range(120):
            text = f"n{number} äé😀"
            assert anna.ask("pub", topic=topic, content=text, noecho=True)["code"] == 202
        done = chinwag("backup", tmp_path / "b", "--data", live.data, *options)
        assert (done.returncode, done.stderr.count("\n")) == (0, 2), done.stderr
        _no_secrets(done)
        history = _texts(anna, topic)
        assert anna.ask("pub", topic=topic, content="too late", noecho=True)["code"] == 202
    options = place(target)
    done = chinwag("restore", tmp_path / "b", "--data", tmp_path / "new", *options)
    assert done.returncode == 0, done.stderr
    _no_secrets(done)
    with Live(tmp_path / "new", "--no-web", *options) as live, Talk(live.port) as again:
        again.log_in(anna.token)
        assert again.ask("sub", topic=topic)["code"] == 200
        assert _texts(again, topic) == history
        assert download(live, anna.token, path) == b"a map" * 1000
        assert again.ask("pub", topic=topic, content="goes on")["params"]["seq"] == 122
    again_done = chinwag("restore", tmp_path / "b", "--data", tmp_path / "new", *options)
    assert again_done.returncode == 2
    assert "--replace" in again_done.stderr


@pytest.mark.parametrize("kind", kinds())
def test_a_backup_under_load_is_of_one_moment(
    place: Callable[[str], list[str]], tmp_path: Path, kind: str
) -> None:
    """What was acknowledged before it began is in it, and no message without those before it."""
    options = place(kind)
    with Live(tmp_path / "data", "--no-web", *options) as live, Talk(live.port) as talk:
        topic = talk.register(fresh("author")).ask("sub", topic="new")["topic"]
        acknowledged: list[int] = []
        over = threading.Event()

        def flood() -> None:
            while not over.is_set():
                found = talk.ask("pub", topic=topic, noecho=True, content="x" * 2000)
                assert found["code"] == 202
                acknowledged.append(found["params"]["seq"])

        flooding = threading.Thread(target=flood)
        flooding.start()
        before: list[int] = []
        for number in range(2):
            before.append(len(acknowledged))
            done = chinwag("backup", tmp_path / f"b{number}", "--data", live.data, *options)
            assert done.returncode == 0, done.stderr
        over.set()
        flooding.join()
        count = len(acknowledged)
    for number, least in enumerate(before):
        seqs = _seqs(tmp_path / f"b{number}" / "chinwag.db")
        assert seqs == list(range(1, len(seqs) + 1))
        assert least <= len(seqs) <= count


def _seqs(file: Path) -> list[int]:
    """The numbers of all messages in a backup, which must be those its topic knows of."""
    raw = sqlite3.connect(file)
    seqs = [seq for (seq,) in raw.execute("SELECT seq FROM messages ORDER BY seq")]
    assert raw.execute("SELECT max(seq) FROM topics").fetchone() == (max(seqs, default=0),)
    raw.close()
    return seqs


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of a server that has stopped."""
    assert chinwag("user", "add", "anna", "--data", tmp_path / "data").returncode == 0
    return tmp_path / "data"


def _sentence(done: "subprocess.CompletedProcess[str]") -> str:
    """The one sentence with which a command has failed, after what it had done."""
    assert done.returncode == 2, done
    last = done.stderr.splitlines()[-1]
    assert last.startswith("chinwag: ")
    assert last.endswith(".")
    assert "Traceback" not in done.stderr
    return last


def test_a_full_disk_leaves_no_backup(data: Path, tmp_path: Path) -> None:
    for index in range(8):
        (data / "uploads" / "aa").mkdir(parents=True, exist_ok=True)
        (data / "uploads" / "aa" / str(index)).write_bytes(b"x" * 100_000)
    for most in (150_000, 60_000):  # of one file: the database does not fit, nor do uploads
        done = cramped(most, "backup", tmp_path / "b", "--data", data)
        assert "cannot be" in _sentence(done)
        assert sorted(os.listdir(tmp_path)) == ["data"]


def test_a_full_disk_restores_nothing(data: Path, tmp_path: Path) -> None:
    assert chinwag("backup", tmp_path / "b", "--data", data).returncode == 0
    before = (data / "chinwag.db").read_bytes()
    done = cramped(100_000, "restore", tmp_path / "b", "--data", data, "--replace")
    assert "cannot be restored" in _sentence(done)
    assert (data / "chinwag.db").read_bytes() == before
    assert "anna" in chinwag("user", "list", "--data", data).stdout


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB."""
    with small_disk(tmp_path / "disk", "256k") as folder:
        yield folder


def test_a_disk_that_is_really_full_leaves_no_backup(
    data: Path, tmp_path: Path, disk: Path
) -> None:
    (data / "uploads" / "aa").mkdir(parents=True)
    (data / "uploads" / "aa" / "file").write_bytes(b"x" * 300_000)
    done = chinwag("backup", disk / "b", "--data", data)
    assert "No space left on device" in _sentence(done)
    assert os.listdir(disk) == []
    assert "anna" in chinwag("user", "list", "--data", data).stdout


def test_a_backup_that_is_killed_is_none_and_the_next_one_is(data: Path, tmp_path: Path) -> None:
    (data / "uploads" / "aa").mkdir(parents=True)
    for index in range(400):
        (data / "uploads" / "aa" / str(index)).write_bytes(b"x" * 50_000)
    command = [sys.executable, "-m", "chinwag.cli", "backup", str(tmp_path / "b")]
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    running = subprocess.Popen([*command, "--data", str(data)], env=environ)
    while not list(tmp_path.glob("b.part/found/aa/*")):
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert not (tmp_path / "b").exists()
    done = chinwag("restore", tmp_path / "b.part", "--data", tmp_path / "new")
    assert "There is no whole backup in" in _sentence(done)
    assert chinwag("backup", tmp_path / "b", "--data", data).returncode == 0
    assert chinwag("restore", tmp_path / "b", "--check").returncode == 0
    assert sorted(os.listdir(tmp_path)) == ["b", "data", "new"]


@pytest.mark.parametrize("left", [0, 100, 100_000])
def test_a_truncated_backup_is_refused(data: Path, tmp_path: Path, left: int) -> None:
    assert chinwag("backup", tmp_path / "b", "--data", data).returncode == 0
    os.truncate(tmp_path / "b" / "chinwag.db", left)
    before = (data / "chinwag.db").read_bytes()
    for words in (["--check"], ["--data", data, "--replace"], ["--data", tmp_path / "new"]):
        done = chinwag("restore", tmp_path / "b", *words)
        assert "chinwag.db has been altered or cut short; take another" in _sentence(done)
    assert (data / "chinwag.db").read_bytes() == before


def test_a_running_server_is_not_restored_into(tmp_path: Path) -> None:
    with Live(tmp_path / "data", "--no-web") as live:
        assert chinwag("backup", tmp_path / "b", "--data", live.data).returncode == 0
        done = chinwag("restore", tmp_path / "b", "--data", live.data, "--replace")
        assert "is in use by another chinwag" in _sentence(done)
        with Talk(live.port) as talk:
            talk.register("anna")


def test_half_a_restored_folder_is_not_served(data: Path) -> None:
    (data / "restoring.json").write_text("{}")
    done = chinwag("serve", "--no-web", "--data", data)
    assert "run `chinwag restore` once more" in _sentence(done)
