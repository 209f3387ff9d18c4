"""Figures stand in columns, and what went wrong is told."""

from chinwag.measure.loads import Outcome
from chinwag.measure.table import percentile, row, table


def test_percentiles() -> None:
    times_s = [float(n) for n in range(100, 0, -1)]
    assert (percentile(times_s, 0.5), percentile(times_s, 0.99)) == (51.0, 100.0)
    assert percentile([0.25], 0.99) == 0.25


def test_a_table() -> None:
    good = Outcome("deliveries", seconds=2.0, times_s=[0.001] * 4000)
    bad = Outcome("messages", seconds=2.0, failed={"missing": 1200, "refused with 503": 1})
    assert table([row("fanout", good), row("hot", bad)]).splitlines() == [
        "load             counted  a second  p50 ms  p99 ms  not so good",
        "fanout  4,000 deliveries     2,000     1.0     1.0  nothing",
        "hot           0 messages         0       –       –  1,200 missing, 1 refused with 503",  # noqa: RUF001 - as in the table
    ]
