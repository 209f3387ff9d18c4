"""Ranges of message numbers: half-open pairs [low, high).

Source: specification 02, paragraph 11.1; specification 04, paragraph 2.5; DEFECTs T17, D34, D-01.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from chinwag.core.errors import Refused
from chinwag.wire import ctrl
from chinwag.wire.messages import SeqRange

Range = tuple[int, int]

DELETE_MAX: Final = 1024  # numbers in one request of several ranges
WANTED_MAX: Final = 64  # ranges in one {get data} (D-03)


def merge(ranges: Iterable[Range]) -> list[Range]:
    """The same numbers in ascending, disjoint, not touching ranges."""
    merged: list[Range] = []
    for low, high in sorted(r for r in ranges if r[0] < r[1]):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged


def clip(ranges: Iterable[Range], newest: int) -> list[Range]:
    """The part of `ranges` that exists: 1 ≤ low < high ≤ newest + 1, merged."""
    return merge((max(low, 1), min(high, newest + 1)) for low, high in ranges)


def count(ranges: Iterable[Range]) -> int:
    """How many numbers disjoint `ranges` hold."""
    return sum(high - low for low, high in ranges)


def of_numbers(numbers: Iterable[int]) -> list[Range]:
    """The ranges that hold just `numbers`."""
    return merge((n, n + 1) for n in numbers)


def portions(ranges: Iterable[Range], most: int) -> Iterator[list[Range]]:
    """Disjoint `ranges` in groups that hold at most `most` numbers each."""
    group: list[Range] = []
    room = most
    for low, high in ranges:
        start = low
        while start < high:
            end = min(high, start + room)
            group.append((start, end))
            room -= end - start
            start = end
            if not room:
                yield group
                group, room = [], most
    if group:
        yield group


def contains(ranges: Iterable[Range], number: int) -> bool:
    """Whether one of `ranges` holds `number`."""
    return any(low <= number < high for low, high in ranges)


def of_wire(items: Iterable[SeqRange]) -> list[Range]:
    """Ranges as clients write them; without `hi`: a single number."""
    return [(item.low, item.hi or item.low + 1) for item in items]


def to_wire(ranges: Iterable[Range]) -> list[SeqRange]:
    """Ranges as clients read them."""
    return [SeqRange(low=low, hi=high if high > low + 1 else 0) for low, high in ranges]


def requested(items: list[SeqRange] | None, newest: int) -> list[Range]:
    """The existing numbers that a {del msg} names, or Refused.

    Source: specification 02, paragraph 11.1, rows 3 to 8.
    """
    if not items:
        raise Refused(ctrl.MALFORMED)
    for item in items:
        low, high = item.low, item.hi
        if low > newest or low < 0 or high < 0 or (0 < high < low) or low == high == 0:
            raise Refused(ctrl.MALFORMED)
    # A range that ends where it begins is one number, what is not there does not count (row 5).
    asked = [(low, min(max(high, low + 1), newest + 1)) for low, high in of_wire(items)]
    merged = clip(asked, newest)
    if len(merged) > 1 and count(asked) > DELETE_MAX:
        raise Refused(ctrl.MALFORMED)
    return merged


def wanted(items: list[SeqRange], newest: int) -> list[Range]:
    """The existing numbers that a {get data} asks for, in at most WANTED_MAX ranges.

    Source: specification 04, DEFECT D-03; specification 02, DEFECT T34.
    """
    return clip(of_wire(items), newest)[-WANTED_MAX:]
