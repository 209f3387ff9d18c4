"""Ranges of message numbers. Source: specification 02, paragraph 11.1; specification 04, 13.5."""

import pytest

from chinwag.core import ranges
from chinwag.core.errors import Refused
from chinwag.wire import ctrl
from chinwag.wire.messages import SeqRange

NEWEST = 20


def sent(text: str) -> list[SeqRange]:
    """Ranges as `1-4 7`: low and hi of the wire, or low alone."""
    pairs = (part.split("_") for part in text.split())
    return [SeqRange(int(low), int(hi[0]) if hi else 0) for low, *hi in pairs]


@pytest.mark.parametrize(
    ("asked", "correct"),
    [
        ("1_4 2_3 7_9", "1_4 7_9"),
        ("1_4 5_7", "1_4 5_7"),
        ("1_4 4_7", "1_7"),
        ("1 1 3 4", "1 3_5"),
        ("2_5 3 9", "2_5 9"),
        ("1_7 2_3 9_10", "1_7 9"),
        ("6_8 9_11", "6_8 9_11"),
        ("9 7 8", "7_10"),
    ],
)
def test_deletions_are_merged(asked: str, correct: str) -> None:
    """04 §13.5 and T17, D34, D-01, D-02: nothing is lost and nothing is added."""
    assert ranges.to_wire(ranges.requested(sent(asked), NEWEST)) == sent(correct)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("5_99", [(5, 21)]),
        ("20", [(20, 21)]),
        ("20_21", [(20, 21)]),
        ("5_5", [(5, 6)]),
        ("5_6", [(5, 6)]),
        ("0_3", [(1, 3)]),
        ("0_1", []),
        ("1_9223372036854775807", [(1, 21)]),
    ],
)
def test_ends_of_deletions(asked: str, found: list[ranges.Range]) -> None:
    """02 §11.1, rows 5 and 6: `hi` is exclusive; QUIRK: 0 is accepted as a beginning."""
    assert ranges.requested(sent(asked), NEWEST) == found


@pytest.mark.parametrize("asked", ["", "21", "21_30", "-1", "-1_5", "5_-1", "7_5", "0", "3 21"])
def test_deletions_that_are_refused(asked: str) -> None:
    """02 §11.1, rows 3 and 4: one bad entry refuses them all."""
    with pytest.raises(Refused) as caught:
        ranges.requested(sent(asked), NEWEST)
    assert caught.value.reply == ctrl.MALFORMED


def test_nothing_asked_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        ranges.requested(None, NEWEST)
    assert caught.value.reply == ctrl.MALFORMED


def test_how_much_one_request_deletes() -> None:
    """02 §11.1, row 8: numbers as sent count, one range may be of any size."""
    newest = 10_000
    assert ranges.requested(sent("1_10000"), newest) == [(1, 10_000)]
    assert ranges.requested(sent("1_1000 500_2000"), newest) == [(1, 2000)]
    assert len(ranges.requested(sent("1_1024 2000"), newest)) == 2
    for asked in ("1_1025 2000", "1_1024 1 2000", "1_9000 9999"):
        with pytest.raises(Refused) as caught:
            ranges.requested(sent(asked), newest)
        assert caught.value.reply == ctrl.MALFORMED


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("5_5 7_7", []),
        ("1_2000000000 3", [(1, 21)]),
        ("30", []),
        ("-5_3", [(1, 3)]),
        ("3 1_2", [(1, 2), (3, 4)]),
    ],
)
def test_messages_that_are_wanted(asked: str, found: list[ranges.Range]) -> None:
    """D-03: empty ranges and what does not exist are left out."""
    assert ranges.wanted(sent(asked), NEWEST) == found


def test_the_newest_of_many_wanted_ranges() -> None:
    """D-03, T34: memory is bounded."""
    asked = [SeqRange(n) for n in range(1, 1000, 2)]
    found = ranges.wanted(asked, 1000)
    assert len(found) == ranges.WANTED_MAX
    assert found[-1] == (999, 1000)


def test_numbers() -> None:
    """D-02: neighbours become one range."""
    assert ranges.of_numbers([3, 1, 2, 9]) == [(1, 4), (9, 10)]
    assert ranges.count([(1, 4), (9, 10)]) == 4
    assert ranges.contains([(1, 4)], 3)
    assert not ranges.contains([(1, 4)], 4)
