"""The algebra of access modes. Source: specification 02, paragraph 2."""

import random

from hypothesis import given
from hypothesis import strategies as st

from chinwag.core import modes
from chinwag.core.modes import UNSET, BadMode, apply_delta, delta, parse, text

MODES = st.integers(0, 0xFF)
KNOWN = MODES | st.just(UNSET)


@given(KNOWN)
def test_a_mode_is_read_from_its_text(mode: int) -> None:
    assert parse(text(mode)) == mode


@given(MODES, st.randoms(use_true_random=False))
def test_order_case_and_repetition_do_not_matter(mode: int, dice: random.Random) -> None:
    letters = [dice.choice([c, c.lower()]) for c in text(mode) * dice.randint(1, 3)]
    if mode:
        dice.shuffle(letters)
    assert parse("".join(letters)) == mode


@given(st.text() | st.text("JRWPASDONjrwpasdon+-", max_size=6))
def test_any_text_is_a_mode_or_refused(sent: str) -> None:
    """2.2: only the eight letters, unless the first is `N`."""
    legal = sent[:1] in ("N", "n") or set(sent) <= set("JRWPASDOjrwpasdo")
    try:
        mode = parse(sent)
    except BadMode:
        assert not legal
    else:
        assert legal
        assert 0 <= mode <= UNSET


@given(KNOWN, KNOWN)
def test_whoever_knows_the_old_mode_learns_the_new_one(old: int, new: int) -> None:
    """2.3: a removed subscription is announced as none."""
    assert apply_delta(old, delta(old, new)) == (0 if new == UNSET else new)


@given(MODES.filter(bool), MODES)
def test_changes_name_no_letter_twice_and_none_needlessly(old: int, new: int) -> None:
    letters = [c for c in delta(old, new) if c not in "+-"]
    assert sorted(letters) == sorted(c for c in text(old ^ new) if c != "N")


@given(MODES, st.text("JRWPASDON+-", max_size=8) | st.text(max_size=4))
def test_any_change_gives_a_mode_or_is_refused(old: int, change: str) -> None:
    try:
        new = apply_delta(old, change)
    except BadMode:
        return
    assert 0 <= new <= 0xFF
    if change.startswith(("+", "-")):
        assert apply_delta(new, change) == new  # once is enough


@given(MODES, MODES)
def test_wanting_no_more_than_is_given(want: int, granted: int) -> None:
    """2.5."""
    assert modes.exceeds(want, granted) == (want & granted != want)
