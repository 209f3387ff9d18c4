"""Tags. Source: specification 01, paragraph 11.2; specification 04, paragraph 6."""

import pytest

from chinwag.core import tags

ERASE = "\u2421"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (["  Tag1  ", "tag2", "TAG3", "tag1"], ["tag1", "tag2", "tag3"]),
        (["tag1", ERASE], []),
        (["tag1", f" {ERASE} "], []),
        (["zz top", "a"], ["zz top"]),
        (["x" * 96, "x" * 97, "\u00e9" * 96], ["x" * 96, "\u00e9" * 96]),
        (["_x", "-x", ":x", "\u00bdx", "1x", "\u0663x", "\u00c9x"], ["1x", "\u00e9x", "\u0663x"]),
        ([None, "", "ok"], ["ok"]),
        ([], []),
    ],
)
def test_lists_are_cleaned(sent: list[str | None], kept: list[str]) -> None:
    """01 §11.2 and 04 §6.1, examples: characters count, not bytes."""
    assert tags.normalise(sent, 16) == kept


def test_nothing_sent_is_not_an_empty_list() -> None:
    assert tags.normalise(None, 16) is None


def test_the_first_so_many_are_looked_at() -> None:
    """01 §11.2: the list is cut before anything else, so a mark behind it erases nothing."""
    sent: list[str | None] = ["bb", "bb", "aa", ERASE]
    assert tags.normalise(sent, 3) == ["aa", "bb"]
    assert tags.normalise(sent, 4) == []


@pytest.mark.parametrize(
    ("tag", "namespace"),
    [
        ("email:a@b.c", "email"),
        ("alias:\u00e9t\u00e9", "alias"),
        ("a1:x", "a1"),
        ("basic:-_+.!?#@", "basic"),
        ("a:x", ""),
        ("abcdefghijklmnop:x", "abcdefghijklmnop"),
        ("abcdefghijklmnopq:x", ""),
        ("1a:x", ""),
        ("Ab:x", ""),
        ("ab:", ""),
        ("ab:x y", ""),
        ("ab:x:y", ""),
        ("\u00e9a:x", ""),
        ("ab:" + "x" * 94, ""),
        ("plain", ""),
        ("ab:x\n", ""),
    ],
)
def test_namespaces(tag: str, namespace: str) -> None:
    """04 §6.1."""
    assert tags.namespace_of(tag) == namespace
    assert tags.is_prefixed(tag) == bool(namespace)


@pytest.mark.parametrize(
    ("tag", "searchable"),
    [("abc", True), ("a", True), ("-_+.!?#@", True), ("a b", False), ("a:b", False), ("", False)],
)
def test_tags_without_a_namespace(tag: str, searchable: bool) -> None:
    """04 §6.1."""
    assert tags.is_generic(tag) is searchable


def test_tags_of_namespaces() -> None:
    """02 §12.1."""
    mine = ["basic:x", "email:a@b.c", "basically", "tel:+1", "alias:x", "aliasing"]
    assert tags.restricted(mine, {"basic", "email"}) == {"basic:x", "email:a@b.c"}
    assert tags.aliases(mine, "alias") == ["alias:x"]
    assert tags.aliases(mine, "") == []


def test_what_a_new_list_adds_and_removes() -> None:
    """04 §13.6."""
    assert tags.change(["aa", "bb", "xx"], ["aa", "yy"]) == ({"yy"}, {"bb", "xx"})
