"""What measurements should come to, and how results are told: a page, and what has changed.

A result is what `tools/bench.py` keeps: `scenarios` by database, then by name, each with the
figures that the load generator prints.
"""

from typing import Any, Final, NamedTuple

Result = dict[str, Any]
Measured = dict[str, dict[str, Result]]  # by database and scenario

SQLITE: Final = "sqlite"
TITLES: Final = {SQLITE: "SQLite", "postgres": "PostgreSQL", "mysql": "MariaDB"}
NOTABLE: Final = 0.1  # a change by less is noise
# Figures that say what was asked for, or for how long.
_GIVEN: Final = ("scenario", "wall_s", "sessions", "rate", "pairs", "disk_cache", "new", "again")
_MORE_IS_BETTER: Final = ("_per_s",)
_LESS_IS_BETTER: Final = (
    "_ms",
    "new_s",
    "again_s",
    "_mib",
    "_percent",
    "errors",
    "missing",
    "dropped",
)


class Goal(NamedTuple):
    """What one measurement should come to."""

    scenario: str
    title: str
    figure: str  # in the result of the scenario
    unit: str
    least: float | None = None
    most: float | None = None
    on: tuple[str, ...] = tuple(TITLES)

    def met(self, value: float) -> bool:
        """Whether `value` is good enough."""
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )

    @property
    def wanted(self) -> str:
        """The goal in words."""
        if self.least is not None:
            return f"at least {self.least:,g} {self.unit}".rstrip()
        return f"at most {self.most:,g} {self.unit}".rstrip() if self.most else "none"


_OTHERS: Final = ("postgres", "mysql")
_HOT: Final = "Acknowledged, 64 publishers, 8 outstanding each"
GOALS: Final = (
    Goal("start", "Ready from a cold start, new data folder", "new_s", "s", most=1.5, on=(SQLITE,)),
    Goal("start", "Ready again on existing data", "again_s", "s", most=1.5, on=(SQLITE,)),
    Goal("fanout", "Missing of deliveries to 500 sessions, 100/s", "missing", "", most=0),
    Goal("fanout", "Dropped of 500 sessions", "dropped", "", most=0),
    Goal("idle", "Memory of an idle session", "kib_per_session", "KiB", most=12, on=(SQLITE,)),
    Goal("hot", _HOT, "pubs_per_s", "/s", least=10_000, on=(SQLITE,)),
    Goal("hot", _HOT, "pubs_per_s", "/s", least=6000, on=_OTHERS),
    Goal("hot", "Errors of 64 publishers", "errors", "", most=0),
    Goal("hot", "Unanswered of 64 publishers", "unanswered", "", most=0),
    Goal("spread", "CPU of a message, 16 groups", "cpu_us_per_pub", "µs", most=200),
)


def missed(measured: Measured) -> list[tuple[Goal, str]]:
    """The goals that were not met, each with its database."""
    return [
        (goal, product)
        for goal, product, result in _measured(measured)
        if not goal.met(result[goal.figure])
    ]


def _measured(measured: Measured) -> list[tuple[Goal, str, Result]]:
    """Every goal for every database on which it was measured."""
    return [
        (goal, product, measured[product][goal.scenario])
        for goal in GOALS
        for product in goal.on
        if goal.scenario in measured.get(product, {})
    ]


def add_totals(result: Result) -> Result:
    """`result` with the CPU time of server and database together, where both are known."""
    totals = {
        "cpu_us_" + name.removeprefix("server_cpu_us_"): round(
            value + result.get(name.replace("server", "db", 1), 0.0), 2
        )
        for name, value in result.items()
        if name.startswith("server_cpu_us_per_")
    }
    return {**result, **totals}


# --- the page -------------------------------------------------------------------------------


def page(record: Result) -> str:
    """The page about `record`."""
    measured: Measured = record["scenarios"]
    goals = [
        f"| {goal.title} | {TITLES[product]} | {goal.wanted} | {_shown(goal, result)} |\n"
        for goal, product, result in _measured(measured)
    ]
    rows = [
        f"| `{name} {' '.join(record['options'].get(name, []))}`".rstrip(" `")
        + f"` | {TITLES[product]} | {_figures(result)} |\n"
        for name in _names(measured)
        for product in TITLES
        if (result := measured.get(product, {}).get(name))
    ]
    machine = record["machine"]
    return _INTRO.format(**record) + "".join(goals) + _ALL.format(**machine) + "".join(rows) + _TAIL


def _names(measured: Measured) -> list[str]:
    """The scenarios in the order in which they were measured."""
    return list(dict.fromkeys(name for results in measured.values() for name in results))


def _shown(goal: Goal, result: Result) -> str:
    value = result[goal.figure]
    text = f"{value:,} {goal.unit}".rstrip()
    return text if goal.met(value) else f"**{text}: missed**"


def _figures(result: Result) -> str:
    return ", ".join(f"{key} {value:,}" for key, value in result.items() if key not in _GIVEN)


_INTRO: Final = """# Performance

Written by `make bench`; do not edit. Measured on {date} at commit {commit}; every run is kept under
`bench/results`, and `make bench-compare` measures again and says what is different.

| What | Database | Goal | Measured |
|---|---|---|---|
"""
_ALL: Final = """
## All figures

Machine: {processor}, {cpus} processors, CPython {python}; one bare delivery, a prepared buffer
written to one of 500 sockets, costs {bare_delivery_us} µs of CPU time here. That is the unit which
makes figures of different machines comparable. The server has one processor to itself, the load the
others; database servers have none of their own, sync every commit and are otherwise as their tests
start them. Times are in ms where the name ends in `_ms`, CPU times in µs where it says `_us_per_`:
`server_` of Chinwag, `db_` of the database's processes, without either both together.

| Scenario of `load.py` | Database | Figures |
|---|---|---|
"""
_TAIL: Final = """
A start is cold where the disk cache is dropped before it, as on a machine that has just booted;
where the system does not allow that, it is warm, and the result says so.
"""


# --- what has changed -----------------------------------------------------------------------


def changes(before: Measured, now: Measured) -> list[str]:
    """A line for each figure that is notably different: for better or worse, from what to what."""
    return [
        _told(f"{product} {name} {figure}", was, value)
        for product, results in now.items()
        for name, result in results.items()
        for figure, value in result.items()
        if figure not in _GIVEN and isinstance(value, int | float)
        if (was := before.get(product, {}).get(name, {}).get(figure)) is not None
        if _is_notable(was, value)
    ]


def _is_notable(was: float, value: float) -> bool:
    return abs(value - was) > NOTABLE * abs(was)


def _told(what: str, was: float, value: float) -> str:
    share = f"{(value - was) / was:+.0%}" if was else "new"
    return f"{_verdict(what.rpartition(' ')[2], was, value):7}{what}: {was:,} → {value:,} ({share})"


def _verdict(figure: str, was: float, value: float) -> str:
    """Whether a change is for the better; empty: it only tells how much was done."""
    if figure.endswith(_MORE_IS_BETTER):
        return "better" if value > was else "worse"
    if figure.endswith(_LESS_IS_BETTER) or "_per_" in figure:
        return "better" if value < was else "worse"
    return ""
