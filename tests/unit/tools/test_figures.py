"""What is measured is told as it is, and goals that are missed are."""

from typing import Any

import pytest

import figures
from scenarios import GOALS, REFERENCE_US, SCENARIOS, UNIT


def _hot(per_s: float, errors: int = 0, unit_us: float = REFERENCE_US) -> dict[str, Any]:
    figures = {"scenario": "hot", "pubs_per_s": per_s, "errors": errors, "unanswered": 0}
    return {**figures, UNIT: unit_us}


def _record(measured: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "date": "2026-01-02",
        "commit": "abc",
        "machine": {"processor": "a", "cpus": 2, "python": "3"},
        "options": {"hot-64": "hot --window 8"},
        "scenarios": measured,
    }


def _page(measured: dict[str, dict[str, Any]], around: str = "") -> str:
    return figures.page(_record(measured), f"{around}{figures.BEGIN}former\n{figures.END}{around}")


def test_server_and_database_are_counted_together_and_in_units() -> None:
    both = {"server_cpu_us_per_pub": 120.5, "db_cpu_us_per_pub": 60.25, "pubs": 9}
    totals = figures.add_totals(both, 10.0)
    assert (totals["cpu_us_per_pub"], totals["units_per_pub"]) == (180.75, 18.07)
    assert figures.add_totals({"server_cpu_us_per_pub": 120.5}, 10.0)["cpu_us_per_pub"] == 120.5
    assert figures.add_totals({"pubs": 9}, 10.0) == {"pubs": 9, UNIT: 10.0}


def test_each_database_has_goals_of_its_own() -> None:
    measured = {"sqlite": {"hot-64": _hot(7000)}, "mysql": {"hot-64": _hot(7000, errors=1)}}
    missed = [(goal.figure, product) for goal, product in figures.missed(measured)]
    assert missed == [("pubs_per_s", "sqlite"), ("errors", "mysql")]


@pytest.mark.parametrize(("unit_us", "met"), [(REFERENCE_US, False), (2 * REFERENCE_US, True)])
def test_a_slower_machine_has_lower_goals(unit_us: float, met: bool) -> None:
    assert (figures.missed({"sqlite": {"hot-64": _hot(5000, unit_us=unit_us)}}) == []) is met
    login = {"cpu_us_per_login": 500.0, UNIT: unit_us}
    assert (figures.missed({"sqlite": {"login": login}}) == []) is met


def test_memory_and_units_are_the_same_on_every_machine() -> None:
    idle = {"kib_per_session": 7.0, "base_mib": 50.0, UNIT: 9 * REFERENCE_US}
    fanout = {"units_per_delivery": 2.0, "missing": 0, "dropped": 0, UNIT: 9 * REFERENCE_US}
    missed = figures.missed({"sqlite": {"idle-2000": idle, "fanout-20": fanout}})
    assert [goal.figure for goal, _ in missed] == ["units_per_delivery", "kib_per_session"]


def test_goals_are_of_scenarios_that_are_run() -> None:
    for goal in GOALS:
        if goal.scenario not in ("start", "import"):
            assert set(goal.on) & set(SCENARIOS[goal.scenario].on), goal


def test_the_page_tells_goals_and_all_figures() -> None:
    page = _page({"sqlite": {"hot-64": _hot(7000)}, "mysql": {"hot-64": _hot(7000)}})
    assert "| SQLite | at least 10,000 /s | **7,000 /s: missed** |" in page
    assert "| MariaDB | at least 6,000 /s | 7,000 /s |" in page
    assert "| `hot-64` | MariaDB | pubs_per_s 7,000, errors 0, unanswered 0 |" in page
    assert "| `hot-64` | `hot --window 8` |" in page
    assert "5.2 µs when SQLite was measured" in page


def test_the_page_says_what_a_goal_means_on_this_machine() -> None:
    page = _page({"sqlite": {"hot-64": _hot(7000, unit_us=2 * REFERENCE_US)}})
    assert "| at least 10,000 /s; here 5,000 | 7,000 /s |" in page


def test_what_is_written_around_the_figures_stays() -> None:
    page = _page({"sqlite": {"hot-64": _hot(7000)}}, around="by hand\n")
    assert page.startswith("by hand\n" + figures.BEGIN)
    assert page.endswith(figures.END + "by hand\n")
    assert "former" not in page


def test_a_page_without_marks_is_not_overwritten() -> None:
    with pytest.raises(ValueError, match="lacks its marks"):
        figures.page(_record({}), "by hand")


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


def test_cpu_time_is_compared_in_units() -> None:
    was = {"cpu_us_per_pub": 100.0, "units_per_pub": 20.0, UNIT: 5.0}
    now = {"cpu_us_per_pub": 200.0, "units_per_pub": 20.0, UNIT: 10.0}
    assert figures.changes({"sqlite": {"hot": was}}, {"sqlite": {"hot": now}}) == []
    now["units_per_pub"] = 30.0
    told = figures.changes({"sqlite": {"hot": was}}, {"sqlite": {"hot": now}})
    assert told == ["worse  sqlite hot units_per_pub: 20.0 → 30.0 (+50%)"]
