"""How much is unread: specification 03, paragraph 6.1; DEFECT D12."""

from hypothesis import given
from hypothesis import strategies as st

from chinwag.core import unread
from chinwag.core.ranges import Range

SEQ = st.integers(0, 30)


@given(SEQ, SEQ, st.lists(st.tuples(st.integers(-2, 33), st.integers(-2, 33)), max_size=6))
def test_it_is_what_counting_one_by_one_finds(read: int, seq: int, deleted: list[Range]) -> None:
    """D12: never below zero, and what is deleted twice counts once."""
    left = [n for n in range(read + 1, seq + 1) if not any(lo <= n < hi for lo, hi in deleted)]
    assert unread.count(read, seq, deleted) == len(left)
