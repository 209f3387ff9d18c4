"""Rows that cannot be carried over are reported, others go on."""

from datetime import datetime
from typing import Any

import pytest

from chinwag.importing.job import Job, Settings
from chinwag.importing.report import CannotImport, Report, Unreadable
from chinwag.importing.rows import Gone
from chinwag.importing.values import Clockwork
from tinode import CIPHER, uid

ROWS = [Gone(n, "sys", n, 1, 2) for n in (1, 2, 3)]
NONE: Any = None


def job(*, stops: bool) -> Job:
    """One without databases."""
    return Job(NONE, NONE, CIPHER, Clockwork(), Report(stops), Settings())


def convert(row: Gone) -> str | None:
    """Nothing of the first, something of the second, the third cannot be read."""
    if row.id == 3:
        raise Unreadable("three")
    return "two" if row.id == 2 else None


def test_each_row_is_made_something_or_nothing_of() -> None:
    one = job(stops=False)
    assert one.each("dellog", ROWS, convert) == [(ROWS[1], "two")]
    assert one.report.lines() == ["dellog: 1 left out, unreadable", "  3: three"]


def test_it_stops_where_it_is_to() -> None:
    with pytest.raises(CannotImport, match="The row 3 of dellog"):
        job(stops=True).each("dellog", ROWS, convert)


def test_nobody_is_no_user() -> None:
    assert job(stops=True).uid(1) == uid(1)
    for number in (0, -1):
        with pytest.raises(Unreadable):
            job(stops=True).uid(number)


def test_time_is_read_as_it_was_written() -> None:
    at = datetime(1970, 1, 1, 0, 0, 1)  # noqa: DTZ001 - as the databases have it
    assert job(stops=True).clock.ms(at) == 1000
