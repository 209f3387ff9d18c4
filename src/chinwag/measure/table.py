"""What was measured, as a table for people."""

from typing import Final

from chinwag.measure.loads import Outcome

HEAD: Final = ("load", "counted", "a second", "p50 ms", "p99 ms", "not so good")


def percentile(times_s: list[float], share: float) -> float:
    """The time below which `share` of `times_s` lie; they are not empty."""
    return sorted(times_s)[min(len(times_s) - 1, int(len(times_s) * share))]


def row(name: str, outcome: Outcome) -> tuple[str, ...]:
    """What became of one load."""
    times_s = outcome.times_s
    p50, p99 = (f"{percentile(times_s, p) * 1000:.1f}" if times_s else "–" for p in (0.5, 0.99))  # noqa: RUF001 - nothing to tell
    failed = ", ".join(f"{count:,} {how}" for how, count in outcome.failed.items())
    per_s = len(times_s) / outcome.seconds if outcome.seconds else 0.0
    counted = f"{len(times_s):,} {outcome.what}"
    return name, counted, f"{per_s:,.0f}", p50, p99, failed or "nothing"


def table(rows: list[tuple[str, ...]]) -> str:
    """`rows` under their head, in columns; figures stand to the right."""
    every = [HEAD, *rows]
    widths = [max(len(line[place]) for line in every) for place in range(len(HEAD))]
    return "\n".join(_line(line, widths) for line in every)


def _line(line: tuple[str, ...], widths: list[int]) -> str:
    left = (0, len(HEAD) - 1)
    cells = (
        cell.ljust(width) if place in left else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(line, widths, strict=True))
    )
    return "  ".join(cells).rstrip()
