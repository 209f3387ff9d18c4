"""Rows of the old tables."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from chinwag.importing.rows import Said, Sub, Topic, fields_of, row_of, rows_of

AT = datetime(2026, 1, 5)  # noqa: DTZ001 - as the databases have it
TOPIC: dict[str, Any] = {"id": 1, "createdat": AT, "updatedat": AT, "name": "sys"}


def test_columns_that_a_version_lacks_have_defaults() -> None:
    row = row_of(Topic, TOPIC)
    assert isinstance(row, Topic)
    assert (row.aux, row.trusted, row.touchedat, row.usebt) == (None, None, None, False)


def test_flags_are_numbers_in_one_product_and_truths_in_the_other() -> None:
    for yes in (1, True):
        row = row_of(Topic, {**TOPIC, "usebt": yes})
        assert isinstance(row, Topic)
        assert row.usebt is True


def test_the_author_stands_in_a_column_with_a_reserved_name() -> None:
    assert "from" in fields_of(Said)
    assert fields_of(Said)[0] == fields_of(Sub)[0] == "id"


def test_what_is_missing_is_named() -> None:
    with pytest.raises(msgspec.ValidationError, match="createdat"):
        row_of(Topic, {**TOPIC, "createdat": None})


def test_several_rows_are_what_each_of_them_is() -> None:
    found = [{**TOPIC, "id": number, "usebt": number} for number in (0, 1)]
    assert rows_of(Topic, found) == [row_of(Topic, each) for each in found]
    with pytest.raises(msgspec.ValidationError):
        rows_of(Topic, [*found, {**TOPIC, "createdat": None}])
