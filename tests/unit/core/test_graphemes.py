"""Grapheme clusters: specification 07, paragraph 15."""

import regex
from hypothesis import example, given
from hypothesis import strategies as st

from chinwag.core import graphemes

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@given(
    st.text(
        st.sampled_from("aé中ア가\n\r\u0301\u200d\U0001f1e9\U0001f468\U0001f3fd\u0600\u0915\u094d")
    )
)
@example("\U0001f1e9\u0301\U0001f1ea\U0001f1eb")
@example("\u0600\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1ec")
def test_they_are_those_of_unicode(text: str) -> None:
    assert list(graphemes.clusters(text)) == regex.findall(r"\X", text)


@given(st.text())
def test_together_they_are_the_text(text: str) -> None:
    assert "".join(graphemes.clusters(text)) == text


def test_families_flags_and_stacks_of_marks_count_as_one() -> None:
    """D13b: also such as take 256 bytes and more."""
    one = [FAMILY, "\U0001f1e9\U0001f1ea", "\U0001f44d\U0001f3fd", "e" + "\u0301" * 300]
    assert graphemes.clusters("".join(one)) == one


def test_the_letters_taken_for_plain_are() -> None:
    plain = [c for c in map(chr, range(0x1_0000)) if graphemes._PLAIN.fullmatch(c)]
    assert len(plain) > 40_000
    text = "".join(plain) + "".join(reversed(plain))
    assert regex.findall(r"\X", text) == list(text)


def test_a_hundred_thousand_flags_are_no_burden() -> None:
    assert len(graphemes.clusters("\U0001f1e9" * 100_001)) == 50_001
