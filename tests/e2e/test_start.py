"""What a server loads when it starts: each module costs time then, and memory for ever."""

from pathlib import Path

import pytest

from live import Live

# Used by some servers, or by some requests, and imported there.
NOT_AT_ONCE = (
    *("asyncmy", "asyncpg", "greenlet", "sqlalchemy.ext.asyncio", "sqlalchemy.orm"),
    *("sqlalchemy.dialects.postgresql", "chinwag.store.pooled"),
    *("grpc", "google.protobuf", "chinwag.transports.grpc", "chinwag.wire.pbx"),
    *("regex", "phonenumbers", "smtplib", "markdown_it"),
    *("chinwag.bots", "chinwag.importing", "chinwag.upkeep", "chinwag.testing", "chinwag.demo"),
    *("pydantic", "rich", "unittest", "multiprocessing", "pydoc", "zoneinfo"),
)


def _loaded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The modules of a server that has started, and the packages they are in."""
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    with Live(folder / "data", "--no-web") as live:
        told = live.log.read_text().splitlines()
    return {line.rpartition("|")[2].strip() for line in told if line.startswith("import time:")}


def test_a_server_loads_what_every_server_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = _loaded(tmp_path, monkeypatch)
    assert {"chinwag.app", "chinwag.store.sqlite", "sqlalchemy"} <= names  # it tells the truth
    heavy = {
        n for n in names if n in NOT_AT_ONCE or n.startswith(tuple(f"{h}." for h in NOT_AT_ONCE))
    }
    assert heavy == set()
