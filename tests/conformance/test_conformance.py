"""Every scenario recorded with the reference server comes out as it does there."""

import fcntl
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

import conformance
import transcripts
from databases import Start
from live import ROOT, Live
from transcripts import EXPECTED_TO_FAIL

SCENARIOS = transcripts.scenarios()
ABSENT = "the scenarios are not beside this repository"
CONFIG = ROOT / "tests" / "conformance" / "chinwag.toml"

pytestmark = pytest.mark.timeout(300)


Played = Callable[[str], dict[str, str]]


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory, worker_id: str, servers: Start) -> Played:
    """What differs in each scenario on a database.

    They are played once on each, whoever of several processes asks.
    """
    folder = tmp_path_factory.getbasetemp()
    folder = folder if worker_id == "master" else folder.parent

    @cache
    def played_on(product: str) -> dict[str, str]:
        results = folder / f"conformance-{product}.json"
        with (folder / f"conformance-{product}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not results.exists():
                options = (
                    [] if product == "sqlite" else ["--database", servers(product).new_database()]
                )
                results.write_text(json.dumps(play_all(folder / f"data-{product}", *options)))
        found: dict[str, str] = json.loads(results.read_text())
        return found

    return played_on


def play_all(data: Path, *options: str) -> dict[str, str]:
    """Play every scenario against a server of its own."""
    with Live(data, "--config", str(CONFIG), "--no-web", *options) as server:
        url = server.address.replace("http", "ws", 1)
        return transcripts.play(url, [s.name for s in SCENARIOS])


def cases() -> list[object]:
    """One case for each scenario; none may pass that is expected to fail."""
    if not SCENARIOS:
        return [pytest.param("", marks=pytest.mark.skip(reason=ABSENT))]
    return [
        pytest.param(s.name, marks=pytest.mark.xfail(reason=EXPECTED_TO_FAIL[s.name], strict=True))
        if s.name in EXPECTED_TO_FAIL
        else s.name
        for s in SCENARIOS
    ]


@pytest.mark.parametrize("name", cases())
def test_the_transcript_is_the_same(played: Played, product: str, name: str) -> None:
    assert played(product)[name] == ""


def test_the_page_tells_of_every_scenario() -> None:
    """docs/conformance.md is up to date."""
    if not SCENARIOS:
        pytest.skip(ABSENT)
    page = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    wanted = conformance.page(SCENARIOS, conformance.expected())
    assert page == wanted, "run: .venv/bin/python tools/conformance.py"


def test_what_is_expected_to_fail_is_a_scenario() -> None:
    assert not SCENARIOS or set(EXPECTED_TO_FAIL) <= {s.name for s in SCENARIOS}
