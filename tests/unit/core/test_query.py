"""Search queries. Source: specification 02, paragraph 12.3; specification 04, paragraph 7.2."""

import pytest

from chinwag.core import query
from chinwag.core.query import BadQuery, Query


@pytest.mark.parametrize(
    ("text", "required", "optional"),
    [
        ("aaa", "aaa", ""),
        ("AAA bbb", "aaa bbb", ""),
        ("aaa bbb, ccc", "aaa", "bbb ccc"),
        ("a b,c d", "a d", "b c"),
        ("a ,b c", "c", "a b"),
        ("flowers, travel puppies, kittens", "", "flowers travel puppies kittens"),
        ("flowers travel, puppies", "flowers", "travel puppies"),
        ("aaa,", "", "aaa"),
        (",aaa", "", "aaa"),
        ("aaa ,", "", "aaa"),
        (",", "", ""),
        ("", "", ""),
        (" \t ", "", ""),
        ("t1 t2 t3", "t1 t2 t3", ""),
        ("t1,t2,t3", "", "t1 t2 t3"),
        ("t1 t2,t3", "t1", "t2 t3"),
        ("t1,t2 t3", "t3", "t1 t2"),
        ("t1     ,    t2     t3", "t3", "t1 t2"),
        ("t1\tt2", "t1 t2", ""),
        ("t1\nt2", "t1\nt2", ""),
        ("tag1 , tag2 ,tag3", "", "tag1 tag2 tag3"),
    ],
)
def test_blanks_for_all_and_commas_for_any(text: str, required: str, optional: str) -> None:
    """04 §7.2, table; D-60: a query of blanks is empty."""
    assert query.terms(text) == (
        [t for t in required.split(" ") if t],
        [t for t in optional.split(" ") if t],
    )


@pytest.mark.parametrize(
    ("text", "required", "optional"),
    [
        ('"b c" d', ["b c", "d"], []),
        ('a  "b c" , d', ["a"], ["b c", "d"]),
        ('"a,b" c', ["a,b", "c"], []),
        ('"" aaa', ["aaa"], []),
        ('""', [], []),
        ('"aaa"bbb', ['"aaa"bbb'], []),
        ('t1 t2,t3 "t4 t5"', ["t1", "t4 t5"], ["t2", "t3"]),
        ('"tag1 tag2" tag3,tag4', ["tag1 tag2"], ["tag3", "tag4"]),
    ],
)
def test_quotes_for_one(text: str, required: list[str], optional: list[str]) -> None:
    """04 §7.2, table."""
    assert query.terms(text) == (required, optional)


@pytest.mark.parametrize(
    "text",
    [
        "aaa,,bbb",
        "aaa, ,bbb",
        ",,",
        "t1,,t2",
        '"aaa',
        'aaa"bbb"',
        '"aaa""bbb"',
        '"',
        't1 "abc',
        't1"t2"',
    ],
)
def test_what_cannot_be_read(text: str) -> None:
    """04 §7.2: two commas, a quote that is not closed, a quote behind a letter."""
    with pytest.raises(BadQuery):
        query.terms(text)
    with pytest.raises(BadQuery):
        query.parse(text)


def mail(term: str) -> str | None:
    """Stands for a validator that knows e-mail addresses."""
    return f"email:{term}" if "@" in term else None


def test_a_bare_term_may_stand_for_a_contact() -> None:
    """04 §7.2: both forms are alternatives; logins are not rewritten."""
    found = query.parse("a@b.c bob, x@y.z", [mail])
    assert found == Query([["a@b.c", "email:a@b.c"]], ["bob", "x@y.z", "email:x@y.z"])


def test_a_full_tag_is_used_as_it_is() -> None:
    assert query.parse("email:a@b.c", [mail]) == Query([["email:a@b.c"]])


def test_a_term_that_can_be_no_tag() -> None:
    """D-64: it finds nothing instead of everything else; among alternatives it is dropped."""
    assert query.parse('"b c" d') == Query([[], ["d"]])
    assert query.parse('"b c", d') == Query(optional=["d"])
    assert query.parse("a:b") == Query([[]])
