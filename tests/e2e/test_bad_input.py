"""What an operator may get wrong, or a machine: one clear sentence, status 2, and nothing lost.

Issue 4, "Bad input gets".
"""

import contextlib
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest

from chinwag.store import migrate
from databases import PASSWORD, USER, Postgres, Server, Start
from live import ROOT, Live, chinwag, cramped
from parcels import download, small_disk, upload
from talk import Talk

pytestmark = pytest.mark.timeout(300)  # several processes one after the other

FROZEN = ROOT / "tests/store/frozen"


def _refused(words: list[str], *at: str | Path, **settings: str) -> str:
    """The sentence with which a command ends; the doctor's is one of its findings."""
    done = chinwag(*words, *at, **settings)
    assert done.returncode == 2, done
    told = done.stderr if words != ["doctor"] else done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    if words != ["doctor"]:
        assert told.startswith("chinwag: "), told
        assert told.count("\n") == 1, told
    assert told.endswith(".\n"), told
    return told


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of a server that has stopped."""
    assert chinwag("user", "add", "anna", "--data", tmp_path / "data").returncode == 0
    return tmp_path / "data"


def _still_there(data: Path) -> None:
    assert "anna" in chinwag("user", "list", "--data", data).stdout


# --- the address ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgres", "The address of the database cannot be used: write sqlite:///FILE"),
        ("oracle://a:b@c/d", "The address of the database cannot be used"),
        ("sqlite:////nowhere/at/all/chat.db", ""),
        ("postgresql://a:b@127.0.0.1:1/d", "does not answer"),
        ("mysql://a:b@127.0.0.1:1/d", "does not answer"),
    ],
)
def test_a_wrong_address(tmp_path: Path, url: str, sentence: str) -> None:
    for words in (["serve", "--no-web"], ["backup", str(tmp_path / "b")], ["doctor"]):
        said = _refused(words, "--data", tmp_path / "data", CHINWAG_DATABASE_URL=url)
        assert words == ["doctor"] or sentence in said
    assert not (tmp_path / "b").exists()


def test_a_database_that_can_only_be_read(servers: Start, tmp_path: Path) -> None:
    if Postgres.missing():
        pytest.skip("there is no PostgreSQL here")
    server: Server = servers("postgres")
    url = server.new_database()
    at = ("--data", tmp_path / "data", "--database", url)
    assert chinwag("init", *at).returncode == 0
    name = url.rpartition("/")[2]
    server.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert "can only be read" in _refused(["serve", "--no-web"], *at)
    assert "can only be read" in _refused(["doctor"], *at)
    assert chinwag("backup", tmp_path / "b", *at).returncode == 0
    server.execute(f"SET default_transaction_read_only = off; ALTER DATABASE {name} RESET ALL")
    assert chinwag("doctor", *at).returncode == 0


def test_rights_that_are_missing(servers: Start, tmp_path: Path) -> None:
    if Postgres.missing():
        pytest.skip("there is no PostgreSQL here")
    server = servers("postgres")
    url = server.new_database()
    server.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    url = "postgresql://guest:guest@" + url.rpartition("@")[2]
    server.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC", url.rpartition("/")[2])
    said = _refused(["serve", "--no-web"], "--data", tmp_path / "data", "--database", url)
    assert "does not let the user guest do this" in said
    assert "grant all rights in this database" in said
    assert USER not in said.replace("chinwag:", "")


# --- the tables -----------------------------------------------------------------------------


def _sql(file: Path, script: str) -> None:
    raw = sqlite3.connect(file)
    raw.executescript(script)
    raw.commit()
    raw.close()


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("CREATE TABLE mine (a INTEGER); DROP TABLE meta", "tables that are not chinwag's"),
        ("UPDATE meta SET value = '99' WHERE key = 'schema_version'", "has schema version 99"),
        ("INSERT INTO meta VALUES ('upgrading', '3')", "was cut short: restore the backup"),
        ("DELETE FROM meta", "does not say of which version its tables are"),
    ],
)
def test_a_wrong_schema(data: Path, tmp_path: Path, script: str, sentence: str) -> None:
    _sql(data / "chinwag.db", script)
    before = (data / "chinwag.db").read_bytes()
    for words in (
        ["serve", "--no-web"],
        ["export", "anna", str(tmp_path / "e")],
        ["backup", str(tmp_path / "b")],
    ):
        assert sentence in _refused(words, "--data", data)
    assert sentence in chinwag("doctor", "--data", data).stdout
    assert (data / "chinwag.db").read_bytes() == before


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A data folder of the first release."""
    folder = tmp_path / "old"
    folder.mkdir(mode=0o700)
    for part in ("sqlite", "rows"):
        _sql(folder / "chinwag.db", (FROZEN / f"v1-{part}.sql").read_text())
    (folder / "chinwag.db").chmod(0o600)
    return folder


def test_an_earlier_release_is_upgraded_with_a_copy_before(old: Path) -> None:
    done = chinwag("doctor", "--data", old)
    assert done.returncode == 1
    assert "the next start brings them to" in done.stdout
    before = (old / "chinwag.db").read_bytes()
    with Live(old, "--no-web"):
        pass
    copy = old / "chinwag-v1.db"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert _version(copy) == 1
    assert _version(old / "chinwag.db") == migrate.VERSION
    copy.rename(old / "chinwag.db")  # going back
    assert _version(old / "chinwag.db") == 1
    assert len(before) == (old / "chinwag.db").stat().st_size


def _version(file: Path) -> int:
    raw = sqlite3.connect(file)
    found = raw.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    raw.close()
    return int(found[0])


def test_without_room_for_the_copy_nothing_is_upgraded(old: Path) -> None:
    size = (old / "chinwag.db").stat().st_size
    done = cramped(size // 2, "serve", "--no-web", "--data", old)
    assert done.returncode == 2
    assert "cannot be copied before its upgrade" in done.stderr
    assert "make room on the disk" in done.stderr
    assert done.stderr.count("\n") == 1
    assert _version(old / "chinwag.db") == 1
    with Live(old, "--no-web"):
        pass
    assert _version(old / "chinwag.db") == migrate.VERSION


# --- the file -------------------------------------------------------------------------------


@pytest.mark.parametrize("harm", ["text", "short", "page"])
def test_a_damaged_file(data: Path, tmp_path: Path, harm: str) -> None:
    file = data / "chinwag.db"
    content = bytearray(file.read_bytes())
    if harm == "text":
        content = bytearray(b"Dear diary, " * 9999)
    elif harm == "short":
        del content[len(content) // 2 :]
    else:
        content[4096 * 20 : 4096 * 24] = b"\xff" * 4096 * 4
    file.write_bytes(content)
    for words in (["serve", "--no-web"], ["user", "list"], ["backup", str(tmp_path / "b")]):
        assert "is damaged or no SQLite database" in _refused(words, "--data", data)
    assert "damaged" in _refused(["doctor"], "--data", data)
    assert file.read_bytes() == content
    assert not (tmp_path / "b").exists()


# --- the disk -------------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MiB."""
    with small_disk(tmp_path / "disk", "4m") as folder:
        yield folder


def test_a_disk_that_is_full_refuses_until_there_is_room(disk: Path) -> None:
    """503 while it is; what was acknowledged is there; all goes on without a restart."""
    ballast = disk / "ballast"
    with Live(disk / "data", "--no-web") as live, Talk(live.port) as talk:
        topic = talk.register("author").ask("sub", topic="new")["topic"]
        _fill(ballast)
        acknowledged: dict[int, str] = {}
        for number in range(2000):
            text = f"{number} " + "x" * 2000
            found = talk.ask("pub", topic=topic, content=text, noecho=True)
            if found["code"] != 202:
                break
            acknowledged[found["params"]["seq"]] = text
        assert (found["code"], len(acknowledged) < 2000) == (503, True)
        assert _history(talk, topic) == acknowledged  # what is there is shown meanwhile
        ballast.unlink()
        last = talk.ask("pub", topic=topic, content="there is room", noecho=True)
        acknowledged[last["params"]["seq"]] = "there is room"
        assert sorted(acknowledged) == list(range(1, len(acknowledged) + 1))
        assert _history(talk, topic) == acknowledged
        live.kill()
    live.start()
    with Talk(live.port) as talk_again:
        talk_again.log_in(talk.token).ask("sub", topic=topic)
        assert _history(talk_again, topic) == acknowledged
    live.stop()


def _fill(ballast: Path) -> None:
    """Let a file take all the room that is left on its disk."""
    with contextlib.suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(b"x" * 65_536)
            file.flush()


def test_uploads_to_a_full_disk_are_refused_until_there_is_room(disk: Path) -> None:
    """Nothing is left of a file that found no room; those that are there can be had."""
    ballast, data = disk / "ballast", disk / "data"
    small, large = b"small" * 1000, b"large" * 100_000
    with Live(data, "--no-web") as live, Talk(live.port) as talk:
        token = talk.register("author").token
        first = upload(live, token, small)
        _fill(ballast)
        for _ in range(3):
            with pytest.raises(HTTPError) as refused:
                upload(live, token, large)
            assert refused.value.code == 503
            refused.value.close()
        assert download(live, token, first) == small
        assert talk.ask("get", topic=talk.uid, what="data")["code"] < 500
        ballast.unlink()
        second = upload(live, token, large)
        assert download(live, token, second) == large
        assert "Traceback" not in live.log.read_text()
    kept = sorted(f.stat().st_size for f in (data / "uploads").rglob("*") if f.is_file())
    assert kept == [len(small), len(large)]
    assert "All 2 are there." in chinwag("doctor", "--data", data).stdout


def test_a_database_that_another_program_has_locked(tmp_path: Path) -> None:
    """As by a backup program: 503 while it is; what is there is shown; then all goes on."""
    data = tmp_path / "data"
    with Live(data, "--no-web") as live, Talk(live.port) as talk, Talk(live.port) as reader:
        topic = talk.register("author").ask("sub", topic="new")["topic"]
        reader.register("reader").ask("sub", topic=topic)
        assert talk.ask("pub", topic=topic, content="before", noecho=True)["code"] == 202
        other = sqlite3.connect(data / "chinwag.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert talk.ask("pub", topic=topic, content="lost", noecho=True)["code"] == 503
        assert _history(talk, topic) == {1: "before"}
        reader.say({"note": {"topic": topic, "what": "kp"}})
        while talk.hear().get("info", {}).get("what") != "kp":
            pass
        other.execute("ROLLBACK")
        other.close()
        assert talk.ask("pub", topic=topic, content="after", noecho=True)["params"]["seq"] == 2
        while reader.hear().get("data", {}).get("content") != "after":
            pass
        assert _history(talk, topic) == {1: "before", 2: "after"}
        assert "Traceback" not in live.log.read_text()


def _history(talk: Talk, topic: str) -> dict[int, str]:
    """All messages of a topic."""
    found: dict[int, str] = {}
    while True:
        bounds = {"limit": 100, "before": min(found, default=0)}
        talk.say({"get": {"id": "page", "topic": topic, "what": "data", "data": bounds}})
        count = len(found)
        while "ctrl" not in (heard := talk.hear()):
            if "data" in heard:
                found[heard["data"]["seq"]] = heard["data"]["content"]
        if len(found) == count or 1 in found:
            return found


def test_a_disk_that_can_only_be_read(disk: Path) -> None:
    data = disk / "data"
    assert chinwag("user", "add", "anna", "--data", data).returncode == 0
    subprocess.check_call(["mount", "-o", "remount,ro", str(disk)])
    for words in (["serve", "--no-web"], ["user", "list"]):
        assert "is not writable" in _refused(words, "--data", data)
    assert "can only be read" in _refused(["doctor"], "--data", data)
    subprocess.check_call(["mount", "-o", "remount,rw", str(disk)])
    _still_there(data)


# --- the clock ------------------------------------------------------------------------------


def _clock(tmp_path: Path, expression: str) -> str:
    """The path of modules by which a program believes it is another time."""
    folder = tmp_path / "clock"
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(
        f"import time\nreal = time.time_ns\ntime.time_ns = lambda: {expression}\n"
    )
    return f"{folder}:{ROOT / 'src'}"


def test_a_clock_that_nobody_has_set(data: Path, tmp_path: Path) -> None:
    lost = _clock(tmp_path, "real() - real() % 10**9 - 1_790_000_000 * 10**9")
    said = _refused(["serve", "--no-web"], "--data", data, PYTHONPATH=lost)
    assert "The clock of this machine says 19" in said
    assert "has never been set" in chinwag("doctor", "--data", data, PYTHONPATH=lost).stdout
    _still_there(data)


def test_a_clock_that_was_set_back(data: Path, tmp_path: Path) -> None:
    """A server would start, for nothing is lost by it; the doctor says what to do."""
    back = _clock(tmp_path, "real() - 7 * 3660 * 10**9")
    done = chinwag("doctor", "--data", data, PYTHONPATH=back)
    assert done.returncode == 1
    assert "It is 7 hours behind the newest row: set it right" in done.stdout
    assert chinwag("doctor", "--data", data).returncode == 0
