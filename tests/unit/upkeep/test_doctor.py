"""What the doctor finds, each with its remedy. Issue 4, item 6."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from attic import put
from chinwag.config import BadConfig, Config
from chinwag.store import migrate
from chinwag.upkeep import doctor, swap
from chinwag.upkeep.doctor import Finding, Grade
from databases import Postgres, Start
from rows import NOW

LATER_MS = NOW + 86_400_000


def _look(data: Path, config: Config | None = None, **when: int) -> list[Finding]:
    settings = config or Config()
    return list(doctor.examine(lambda: settings, None, data, when.get("now_ms", LATER_MS)))


def _ill(data: Path, config: Config | None = None, **when: int) -> list[str]:
    """What is to be done, with its grade."""
    found = [f for f in _look(data, config, **when) if f.grade]
    assert all(f.sentence.endswith(".") and "\n" not in f.sentence for f in found)
    return [f"{f.grade.name} {f.sentence}" for f in found]


def _sql(data: Path, *statements: str) -> None:
    raw = sqlite3.connect(data / "chinwag.db")
    for statement in statements:
        raw.execute(statement)
    raw.commit()
    raw.close()


def test_a_sound_server_has_no_findings(data: Path) -> None:
    found = _look(data)
    assert [f.grade for f in found] == [Grade.OK] * 7
    assert [f.what for f in found] == [
        "versions", "settings", "secrets", "disk", "database", "clock", "files",
    ]  # fmt: skip
    assert "is sound: 3 accounts, 33 messages." in found[4].sentence
    assert str(found[6]) == "OK    files:     All 3 are there."


def test_it_changes_nothing(data: Path) -> None:
    def state() -> dict[str, tuple[bytes, int]]:
        files = (path for path in data.rglob("*") if path.is_file())
        return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    before = state()
    _look(data)
    assert state() == before


Deed = Callable[[Path], object]


@pytest.mark.parametrize(
    ("deed", "sentence"),
    [
        (shutil.rmtree, "BAD There is none at"),
        (lambda d: (d / "chinwag.db").unlink(), "BAD There is no database in"),
        (lambda d: (d / "restoring.json").write_text("{}"), "BAD The data folder"),
        (lambda d: swap.ready(d / "uploads").mkdir(), "WARN A restore has left uploads.restoring"),
        (lambda d: os.chown(d / "uploads", 1, 1), "WARN uploads in"),
        (lambda d: d.chmod(0o755), "WARN Others can get at"),
        (lambda d: (d / "chinwag.db").chmod(0o644), "chmod 600 "),
        (lambda d: (d / "token.key").chmod(0o640), "chmod 600 "),
        (lambda d: (d / "token.key").write_text("short"), "BAD "),
        (lambda d: (d / "token.key").unlink(), "everybody has to log in again"),
        (lambda d: (d / "chinwag.db").write_bytes(b"Dear diary" * 999), "BAD The file"),
        (lambda d: os.truncate(d / "chinwag.db", 40_000), "BAD The file"),
        (lambda d: (d / "uploads" / "fi" / "fileTwo1234").unlink(), "bytes in"),
        (lambda d: put(d, "fileOne1234", b"more"), "are longer or shorter than they were: 1 (fi/"),
        (lambda d: _sql(d, "UPDATE topics SET seq = 29 WHERE seq = 30"), "beyond its newest"),
        (lambda d: _sql(d, "UPDATE meta SET value = '99'"), "BAD The database has schema version"),
        (lambda d: _sql(d, "INSERT INTO meta VALUES ('upgrading', '2')"), "was cut short: restore"),
        (lambda d: _sql(d, "UPDATE meta SET value = '2'"), "make a backup before"),
        (lambda d: _sql(d, "DROP TABLE meta"), "BAD The database holds tables that are not"),
    ],
)
def test_whatever_is_wrong_is_found(data: Path, deed: Deed, sentence: str) -> None:
    if "chown" in deed.__code__.co_names and os.geteuid() != 0:
        pytest.skip("only an administrator can give files away")
    deed(data)
    found = _ill(data)
    assert len(found) == 1, found
    assert sentence in found[0]


def test_a_damaged_page_is_found(data: Path) -> None:
    content = bytearray((data / "chinwag.db").read_bytes())
    at = content.rindex(b'"message 30"')  # in a page of messages
    start = at // 4096 * 4096
    content[start : start + 16] = b"\xff" * 16
    (data / "chinwag.db").write_bytes(content)
    found = _ill(data)
    assert len(found) == 1
    assert "restore" in found[0]


@pytest.mark.parametrize(("old", "count"), [(True, 1), (False, 0)])
def test_bytes_without_rows_are_found_once_they_are_old(data: Path, old: bool, count: int) -> None:
    put(data, "orphan12345", b"x")
    at_s = LATER_MS / 1000 - doctor.UPLOAD_S + (-1 if old else 1)
    os.utime(data / "uploads" / "or" / "orphan12345", (at_s, at_s))
    found = _ill(data)
    assert len(found) == count
    assert all("have no rows: 1 (or/orphan12345); the next start removes them" in f for f in found)


@pytest.mark.parametrize(
    ("behind_ms", "told"),
    [(4000, ""), (9000, "9 seconds"), (600_000, "10 minutes"), (90_000_000, "25 hours")],
)
def test_a_clock_that_was_set_back_is_found(data: Path, behind_ms: int, told: str) -> None:
    _sql(data, f"UPDATE topics SET touched_ms = {LATER_MS + behind_ms} WHERE name LIKE 'p2p%'")
    found = _ill(data)
    assert len(found) == bool(told)
    assert all(f"It is {told} behind the newest row: set it right" in f for f in found)


@pytest.mark.parametrize(
    ("free", "grade"), [(1 << 20, "BAD"), (1 << 29, "WARN"), (1 << 40, "")], ids=str
)
def test_a_full_disk_is_found(
    data: Path, monkeypatch: pytest.MonkeyPatch, free: int, grade: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, free))
    found = _ill(data)
    assert [f.split()[0] for f in found] == [grade] * bool(grade)
    assert all(f.endswith(": make room.") for f in found)


def test_settings_that_cannot_be_used_end_it(data: Path) -> None:
    def load() -> Config:
        raise BadConfig("There is no setting x.")

    found = list(doctor.examine(load, None, data, LATER_MS))
    assert [(f.grade, f.what) for f in found] == [(Grade.OK, "versions"), (Grade.BAD, "settings")]


def test_settings_that_are_not_safe_are_found(data: Path, tmp_path: Path) -> None:
    config = Config()
    config.email.password = "secret"
    config.confirm.development = True
    config.grpc.tls_key = "/nowhere"
    path = tmp_path / "chinwag.toml"
    path.touch(mode=0o644)
    found = [f for f in doctor.examine(lambda: config, path, data, LATER_MS) if f.grade]
    assert [(f.grade.name, f.what) for f in found] == [
        ("WARN", "settings"), ("BAD", "settings"), ("WARN", "settings"),
    ]  # fmt: skip
    assert "secret" not in "".join(f.sentence.replace("holds secrets", "") for f in found)
    path.chmod(0o600)
    config.confirm.development, config.grpc.tls_key = False, ""
    assert not [f for f in doctor.examine(lambda: config, path, data, LATER_MS) if f.grade]


def test_an_empty_database_is_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "chinwag.db").touch(mode=0o600)
    found = _ill(tmp_path / "data")
    assert any("has no tables yet: make them with `chinwag init`" in each for each in found)


def test_the_tables_of_this_release_are_named(data: Path) -> None:
    assert f"tables of version {migrate.VERSION}." in _look(data)[0].sentence


def test_a_server_that_is_not_fit_is_found(data: Path, servers: Start) -> None:
    """It has no tables yet, and `chinwag init`, which makes them, would refuse it."""
    if Postgres.missing():
        pytest.skip("there is no PostgreSQL here")
    server = servers("postgres")
    server.execute("CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0")
    config = Config()
    config.database.url = server.url + "ascii"
    assert "BAD The database has the encoding SQL_ASCII: make one with ENCODING 'UTF8'." in _ill(
        data, config
    )
