"""What measurements should come to, and how results are told: a page, and what has changed.

A result is what `tools/bench.py` keeps: `scenarios` by database, then by name, each with the
figures that the load generator prints.
"""

from typing import Final

from scenarios import GOALS, TITLES, UNIT, Goal, Result

Measured = dict[str, dict[str, Result]]  # by database and scenario

NOTABLE: Final = 0.1  # a change by less is noise
BEGIN: Final = "<!-- written by `make bench`: begin -->\n"
END: Final = "<!-- written by `make bench`: end -->\n"
# Figures that say what was asked for, or for how long, or how fast the machine was.
_GIVEN: Final = (
    *("scenario", "wall_s", "sessions", "rate", "pairs", "disk_cache", "new", "again", "cpu"),
    UNIT,
)
_MORE_IS_BETTER: Final = ("_per_s",)
_LESS_IS_BETTER: Final = (
    *("_ms", "new_s", "again_s", "cpu_s", "_mib", "_percent", "kib_per_session"),
    *("errors", "missing", "dropped", "unanswered"),
)


def missed(measured: Measured) -> list[tuple[Goal, str]]:
    """The goals that were not met, each with its database."""
    return [
        (goal, product) for goal, product, result in _measured(measured) if not goal.met(result)
    ]


def _measured(measured: Measured) -> list[tuple[Goal, str, Result]]:
    """Every goal for every database on which it was measured."""
    return [
        (goal, product, measured[product][goal.scenario])
        for goal in GOALS
        for product in goal.on
        if goal.scenario in measured.get(product, {})
    ]


def add_totals(result: Result, unit_us: float) -> Result:
    """`result` with the CPU of server and database together, in µs and in bare deliveries."""
    totals: Result = {UNIT: unit_us}
    for name, value in result.items():
        if name.startswith("server_cpu_us_per_"):
            what = name.removeprefix("server_cpu_us_per_")
            both = value + result.get(name.replace("server", "db", 1), 0.0)
            totals["cpu_us_per_" + what] = round(both, 2)
            totals["units_per_" + what] = round(both / unit_us, 2)
    return {**result, **totals}


# --- the page -------------------------------------------------------------------------------


def page(record: Result, text: str) -> str:
    """`text`, a page with two marks, with what `record` says between them. Raises ValueError."""
    return between(text, BEGIN, END, tables(record))


def between(text: str, begin: str, end: str, new: str) -> str:
    """`text` with `new` between two marks. Raises ValueError where one is missing."""
    head, first, rest = text.partition(begin)
    _, last, tail = rest.partition(end)
    if not (first and last):
        raise ValueError(f"The page lacks its marks {begin.strip()} and {end.strip()}")
    return head + begin + new + end + tail


def tables(record: Result) -> str:
    """What `record` says, as Markdown."""
    measured: Measured = record["scenarios"]
    goals = [
        f"| {goal.title} | {TITLES[product]} | {goal.wanted(result)} | {_shown(goal, result)} |\n"
        for goal, product, result in _measured(measured)
    ]
    rows = [
        f"| `{name}` | {TITLES[product]} | {_figures(result)} |\n"
        for name in _names(measured)
        for product in TITLES
        if (result := measured.get(product, {}).get(name))
    ]
    runs = [f"| `{name}` | `{line}` |\n" for name, line in record["options"].items()]
    units = ", ".join(
        f"{next(iter(results.values()))[UNIT]} µs when {TITLES[product]} was measured"
        for product, results in measured.items()
    )
    return "".join(
        (
            *(_INTRO.format(**record), *goals),
            *(_RUNS.format(units=units, **record["machine"]), *runs, _ALL, *rows, _TAIL),
        )
    )


def _names(measured: Measured) -> list[str]:
    """The scenarios in the order in which they were measured."""
    return list(dict.fromkeys(name for results in measured.values() for name in results))


def _shown(goal: Goal, result: Result) -> str:
    value = result[goal.figure]
    text = f"{value:,} {goal.unit}".rstrip()
    return text if goal.met(result) else f"**{text}: missed**"


def _figures(result: Result) -> str:
    return ", ".join(f"{key} {value:,}" for key, value in result.items() if key not in _GIVEN)


_INTRO: Final = """
Measured on {date} at commit {commit}. *Here* is what a goal means on the machine of this run.

| What | Database | Goal | Measured |
|---|---|---|---|
"""
_RUNS: Final = """
### All figures

Machine: {processor}, {cpus} processors, CPython {python}. The **unit**, one bare delivery, is the
CPU time of writing a prepared buffer to one of 500 sockets: {units}. The server has one processor
to itself, the load the others; database servers have none of their own, sync every commit and are
otherwise as their tests start them.

| Scenario | `load.py` |
|---|---|
"""
_ALL: Final = """
Times are in ms where the name ends in `_ms`, CPU times in µs where it says `_us_per_`: `server_` of
Chinwag, `db_` of the database's processes, without either both together, `units_per_` in units.

| Scenario | Database | Figures |
|---|---|---|
"""
_TAIL: Final = """
A start is cold where the disk cache is dropped before it, as on a machine that has just booted;
where the system does not allow that, it is warm, and the result says so.
"""


# --- what has changed -----------------------------------------------------------------------


def changes(before: Measured, now: Measured) -> list[str]:
    """A line for each figure that is notably different: for better or worse, from what to what.

    CPU time is compared in units where both runs know theirs: the machine may be another one.
    """
    return [
        _told(f"{product} {name} {figure}", was, value)
        for product, results in now.items()
        for name, result in results.items()
        for figure, value in _compared(result, before.get(product, {}).get(name, {}))
        if (was := before.get(product, {}).get(name, {}).get(figure)) is not None
        if _is_notable(was, value)
    ]


def _compared(result: Result, before: Result) -> list[tuple[str, float]]:
    """The figures worth comparing."""
    in_units = UNIT in result and UNIT in before
    return [
        (figure, value)
        for figure, value in result.items()
        if figure not in _GIVEN and isinstance(value, int | float)
        if not (in_units and "cpu_us_per_" in figure)
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
