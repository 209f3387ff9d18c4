"""Every scenario recorded with the reference server comes out as it does there."""

import fcntl
import json
from pathlib import Path

import pytest

import conformance
import transcripts
from live import ROOT, Live
from transcripts import EXPECTED_TO_FAIL

SCENARIOS = transcripts.scenarios()
ABSENT = "the scenarios are not beside this repository"
CONFIG = ROOT / "tests" / "conformance" / "chinwag.toml"

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> dict[str, str]:
    """What differs in each scenario; they are played once, whoever of several processes asks."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder if worker_id == "master" else folder.parent
    results = folder / "conformance.json"
    with (folder / "conformance.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not results.exists():
            results.write_text(json.dumps(play_all(folder / "data")))
    found: dict[str, str] = json.loads(results.read_text())
    return found


def play_all(data: Path) -> dict[str, str]:
    """Play every scenario against a server of its own."""
    with Live(data, "--config", str(CONFIG), "--no-web") as server:
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
def test_the_transcript_is_the_same(played: dict[str, str], name: str) -> None:
    assert played[name] == ""


def test_the_page_tells_of_every_scenario() -> None:
    """docs/conformance.md is up to date."""
    if not SCENARIOS:
        pytest.skip(ABSENT)
    page = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    wanted = conformance.page(SCENARIOS, conformance.expected())
    assert page == wanted, "run: .venv/bin/python tools/conformance.py"


def test_what_is_expected_to_fail_is_a_scenario() -> None:
    assert not SCENARIOS or set(EXPECTED_TO_FAIL) <= {s.name for s in SCENARIOS}
