"""What is told of rows that were left out or mended."""

import pytest

from chinwag.importing.report import EXAMPLES_MAX, CannotImport, Report


def test_it_stops_at_the_first_row_that_cannot_be_read() -> None:
    with pytest.raises(CannotImport, match=r"The row 7 of users cannot be read \(why\)"):
        Report(stops=True).unreadable("users", [("7", "why")])


def test_or_leaves_them_out_and_says_which() -> None:
    report = Report(stops=False)
    report.unreadable("users", [("7", "why"), ("8", "how")])
    assert report.left["users"] == 2
    assert report.lines() == ["users: 2 left out, unreadable", "  7: why", "  8: how"]


def test_many_of_a_kind_are_counted() -> None:
    report = Report()
    for number in range(1000 + EXAMPLES_MAX):
        report.mend("topics", "odd", str(number))
    told = report.lines()
    assert told[0] == "topics: 1,020 odd"
    assert told[-1] == "  … and 1,000 more"
    assert len(told) == EXAMPLES_MAX + 2
    assert not report.left


def test_rows_that_are_made_are_counted_apart() -> None:
    report = Report()
    report.add("subscriptions", "made", "usr…")
    assert report.left == {"+subscriptions": 1}
