"""What a query means. Source: specification 02, paragraphs 12.3 and 12.4."""

import pytest

from chinwag.core import search
from chinwag.core.errors import Refused
from chinwag.core.limits import Limits
from chinwag.core.query import Query


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (b'" ab "', "ab"), (b"1", ""), (b'{"a":1}', ""), (b"null", ""), (b'""', "")],
)
def test_only_texts_are_queries(value: bytes | None, text: str) -> None:
    assert search.text_of(value) == text


def test_the_sessions_query_wins() -> None:
    assert search.decide(b'"aa"', b'"bb"') == Query([["aa"]], [])
    for empty in (None, b'" "', b"[1]"):
        assert search.decide(empty, b'"bb"') == Query([["bb"]], [])


@pytest.mark.parametrize("text", [b'""', b'"a,,b"', b'"<> aa"', b'","', b'"<>,!,$"'])
def test_what_finds_nothing(text: bytes) -> None:
    """An AND term that can be no tag finds nothing (D-64), an OR term is passed over."""
    found = search.decide(text, None)
    assert found is None or found.optional == ["!"]


def test_masked_tags_are_for_those_who_have_them() -> None:
    """DEFECT T26."""
    limits = Limits(masked_ns=frozenset({"org"}))
    asked = Query([["ab"], ["org:x"]], ["org:y"])
    search.check_masked(asked, ["org:x", "org:y"], limits)
    search.check_masked(asked, [], Limits())
    with pytest.raises(Refused):
        search.check_masked(asked, ["org:x"], limits)


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        (b'" Alias:Flower"', "alias:flower"),
        (b'"flower"', None),
        (b'"alias:a b"', None),
        (b'"alias:"', None),
        (None, None),
    ],
)
def test_a_full_tag(value: bytes | None, tag: str | None) -> None:
    assert search.full_tag(value) == tag
