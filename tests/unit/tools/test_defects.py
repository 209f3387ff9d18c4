"""The table of faults is complete, up to date and honest."""

import re
from pathlib import Path

import pytest

import defects
from defects import Defect
from live import ROOT, SHARED

SPECIFICATIONS = SHARED / "spec"
_REGISTER = re.compile(r"^\| (DEFECT-\d\d|T\d\d|D\d\d|D-\d\d)†?(?: \([^)]*\))? \|", re.MULTILINE)
_INDEX = re.compile(r"^\| (\d\d?) \|", re.MULTILINE)  # those of 06 and 07 have bare numbers


def test_the_page_is_what_the_tool_writes() -> None:
    page = (ROOT / "docs/defects.md").read_text(encoding="utf-8")
    assert page == defects.page(defects.load()), "run: .venv/bin/python tools/defects.py"


def test_every_fault_of_the_specifications_is_listed() -> None:
    if not SPECIFICATIONS.is_dir():
        pytest.skip("the specifications are not beside this repository")
    listed = {d.number for d in defects.load()}
    for path in sorted(SPECIFICATIONS.glob("*.md")):
        known = _numbers(path.read_text(encoding="utf-8"), path.name[:2])
        assert known <= listed, f"{path.name}: {sorted(known - listed)}"


def _numbers(text: str, spec: str) -> set[str]:
    """The faults that a specification counts."""
    found = set(_REGISTER.findall(text))
    if spec in ("06", "07"):
        index = text.partition("DEFECT index\n")[2].rpartition("DEFECT index\n")[2]
        found |= {f"{spec}-{int(number):02}" for number in _INDEX.findall(index)}
        assert len(found) >= 20
    return found


def test_numbers_are_found_where_tests_name_them(tmp_path: Path) -> None:
    """Docstrings of tests and titles of scripts count; names, comments and other numbers do not."""
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_a.py").write_text(
        'def test_one() -> None:\n    """T01, 01 DEFECT-15: as T-S26 says; D-05."""\n'
        'def test_two_T02() -> None:\n    """Nothing of ST03 or T044."""  # T05\n'
        'def helper() -> None:\n    """T06."""\n'
    )
    (folder / "b.mjs").write_text('test("T07 by a stock client", () => {});\n// T08\n')
    assert set(defects.cited(folder)) == {
        ("T01", "tests/test_a.py::test_one"),
        ("DEFECT-15", "tests/test_a.py::test_one"),
        ("D-05", "tests/test_a.py::test_one"),
        ("T07", "tests/b.mjs::T07 by a stock client"),
    }


@pytest.mark.parametrize(
    ("entry", "is_open", "proof"),
    [
        ({}, True, "**open**: no test yet"),
        ({"open": "later"}, True, "**open**: later"),
        ({"absent": "no such thing"}, False, "nothing to test: no such thing"),
        ({"tests": ["tests/t.py::test_a_b"]}, False, "[a b](../tests/t.py)"),
    ],
)
def test_what_is_not_proven_is_called_open(
    entry: dict[str, str], is_open: bool, proof: str
) -> None:
    defect = Defect("T01", "was", "now", **entry)  # type: ignore[arg-type]  # a list among texts
    assert defect.is_open is is_open
    assert f"| T01 | was | now | {proof} |" in defects.page([defect])
