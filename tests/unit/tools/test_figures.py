"""What is measured is told as it is, and goals that are missed are."""

from typing import Any

import pytest

import figures


def _hot(per_s: float, errors: int = 0) -> dict[str, Any]:
    return {"scenario": "hot", "pubs_per_s": per_s, "errors": errors, "unanswered": 0}


def _record(measured: dict[str, dict[str, Any]]) -> dict[str, Any]:
    machine = {"processor": "a", "cpus": 2, "python": "3", "bare_delivery_us": 5.2}
    return {
        "date": "2026-01-02",
        "commit": "abc",
        "machine": machine,
        "options": {"hot": ["--window", "8"]},
        "scenarios": measured,
    }


def test_server_and_database_are_counted_together() -> None:
    both = {"server_cpu_us_per_pub": 120.5, "db_cpu_us_per_pub": 60.25, "pubs": 9}
    assert figures.add_totals(both)["cpu_us_per_pub"] == 180.75
    assert figures.add_totals({"server_cpu_us_per_pub": 120.5})["cpu_us_per_pub"] == 120.5
    assert figures.add_totals({"pubs": 9}) == {"pubs": 9}


def test_each_database_has_goals_of_its_own() -> None:
    measured = {"sqlite": {"hot": _hot(7000)}, "mysql": {"hot": _hot(7000, errors=1)}}
    missed = [(goal.figure, product) for goal, product in figures.missed(measured)]
    assert missed == [("pubs_per_s", "sqlite"), ("errors", "mysql")]


def test_the_page_tells_goals_and_all_figures() -> None:
    page = figures.page(_record({"sqlite": {"hot": _hot(7000)}, "mysql": {"hot": _hot(7000)}}))
    assert "| SQLite | at least 10,000 /s | **7,000 /s: missed** |" in page
    assert "| MariaDB | at least 6,000 /s | 7,000 /s |" in page
    assert "| `hot --window 8` | MariaDB | pubs_per_s 7,000, errors 0, unanswered 0 |" in page
    assert "costs 5.2 µs" in page


@pytest.mark.parametrize(
    ("figure", "was", "now", "told"),
    [
        ("pubs_per_s", 100, 95, []),
        ("pubs_per_s", 100, 80, ["worse  sqlite hot pubs_per_s: 100 → 80 (-20%)"]),
        ("ack_p99_ms", 100, 80, ["better sqlite hot ack_p99_ms: 100 → 80 (-20%)"]),
        ("server_cpu_us_per_pub", 1.0, 2.0, ["worse  sqlite hot server_cpu_us_per_pub: 1.0 → 2.0"]),
        ("errors", 0, 3, ["worse  sqlite hot errors: 0 → 3 (new)"]),
        ("pubs", 100, 200, ["       sqlite hot pubs: 100 → 200 (+100%)"]),
        ("wall_s", 1, 9, []),
    ],
)
def test_notable_changes_are_told(figure: str, was: float, now: float, told: list[str]) -> None:
    before, after = ({"sqlite": {"hot": {figure: value}}} for value in (was, now))
    lines = figures.changes(before, after)
    assert len(lines) == len(told)
    assert all(line.startswith(start) for line, start in zip(lines, told, strict=True)), lines


def test_what_was_not_measured_before_is_not_compared() -> None:
    assert figures.changes({}, {"sqlite": {"hot": _hot(1)}}) == []
