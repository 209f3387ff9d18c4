"""Lengths of time and features in an answer. Source: specification 04, paragraph 4.5."""

import pytest

from chinwag.core.errors import Refused
from chinwag.plugins import rest_answers
from chinwag.plugins.rest_answers import Record


@pytest.mark.parametrize(
    ("lifetime", "ends_ms"),
    [
        (0, None),
        (60, 60_000),
        (1.5, 1_500),
        ("5000s", 5_000_000),
        ("1h30m", 5_400_000),
        ("1.5h", 5_400_000),
        ("250ms", 250),
        ("", None),
    ],
)
def test_lengths_of_time(lifetime: float | str, ends_ms: int | None) -> None:
    """DEFECT D-35: nanoseconds went out and seconds came in."""
    found = rest_answers.identity(Record(lifetime=lifetime), 0)
    assert found.expires_ms == ends_ms


@pytest.mark.parametrize("lifetime", ["soon", "5", "5 s", "s", "-5s", -5])
def test_what_is_no_length_of_time(lifetime: float | str) -> None:
    with pytest.raises(Refused):
        rest_answers.identity(Record(lifetime=lifetime), 0)


@pytest.mark.parametrize(
    ("features", "validated", "no_login"),
    [
        ("", False, False),
        ("V", True, False),
        ("vl", True, True),
        ("L", False, True),
        (3, True, True),
        ("2", False, True),
    ],
)
def test_features(features: str | int, validated: bool, no_login: bool) -> None:
    """04 §3.1: letters, or a number."""
    found = rest_answers.identity(Record(features=features), 0)
    assert (found.validated, found.no_login) == (validated, no_login)
