"""Ranges are sets of numbers. Source: specification 02, paragraph 11.1."""

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chinwag.core import ranges
from chinwag.core.errors import Refused
from chinwag.core.ranges import Range
from chinwag.wire.messages import SeqRange

SMALL = st.integers(-3, 40)
RANGES = st.lists(st.tuples(SMALL, SMALL), max_size=8)
WIRE = st.lists(st.builds(SeqRange, SMALL, SMALL), max_size=8)


def numbers(found: Iterable[Range]) -> set[int]:
    """The numbers that ranges hold."""
    return {n for low, high in found for n in range(low, high)}


def is_normal(found: list[Range]) -> bool:
    """Whether ranges are ascending, not empty, and do not touch."""
    ends = [end for pair in found for end in pair]
    return all(a < b for a, b in pairwise(ends))


@given(RANGES)
def test_merging_keeps_the_numbers(given_ranges: list[Range]) -> None:
    merged = ranges.merge(given_ranges)
    assert numbers(merged) == numbers(given_ranges)
    assert is_normal(merged)
    assert ranges.merge(merged) == merged
    assert ranges.count(merged) == len(numbers(merged))


@given(RANGES, st.integers(0, 40))
def test_clipping_keeps_what_exists(given_ranges: list[Range], newest: int) -> None:
    clipped = ranges.clip(given_ranges, newest)
    assert numbers(clipped) == numbers(given_ranges) & set(range(1, newest + 1))
    assert is_normal(clipped)


@given(st.sets(SMALL), SMALL)
def test_numbers_become_ranges(some: set[int], one: int) -> None:
    found = ranges.of_numbers(some)
    assert numbers(found) == some
    assert is_normal(found)
    assert ranges.contains(found, one) == (one in some)


@given(st.sets(st.integers(1, 40)))
def test_ranges_survive_the_wire(some: set[int]) -> None:
    found = ranges.of_numbers(some)
    assert ranges.of_wire(ranges.to_wire(found)) == found


@given(WIRE, st.integers(0, 40))
def test_deletions_are_refused_or_just_what_was_asked(asked: list[SeqRange], newest: int) -> None:
    """Rows 3 to 7."""
    bad = [r for r in asked if r.low < 0 or r.hi < 0 or r.low > newest or 0 < r.hi < r.low]
    bad += [r for r in asked if r.low == r.hi == 0]
    try:
        found = ranges.requested(asked, newest)
    except Refused:
        assert bad or not asked
        return
    assert asked
    assert not bad
    named = {n for r in asked for n in range(r.low, max(r.hi, r.low + 1))}
    assert numbers(found) == {n for n in named if 1 <= n <= newest}
    assert is_normal(found)


@given(WIRE, st.integers(0, 40))
def test_wanted_messages_exist(asked: list[SeqRange], newest: int) -> None:
    """D-03: whatever is asked, what is looked for exists and was asked for."""
    named = {n for r in asked for n in range(r.low, r.hi or r.low + 1)}
    assert numbers(ranges.wanted(asked, newest)) == {n for n in named if 1 <= n <= newest}


@given(RANGES, st.integers(1, 9))
def test_portions_hold_the_same_numbers_and_not_too_many(found: list[Range], most: int) -> None:
    merged = ranges.merge(found)
    groups = list(ranges.portions(merged, most))
    assert [n for group in groups for low, high in group for n in range(low, high)] == sorted(
        numbers(merged)
    )
    sizes = [ranges.count(group) for group in groups]
    assert all(size == most for size in sizes[:-1])
    assert all(0 < size <= most for size in sizes)
