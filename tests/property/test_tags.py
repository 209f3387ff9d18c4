"""Tags and queries of any text. Source: specification 04, paragraphs 6.1 and 7.2."""

from hypothesis import given
from hypothesis import strategies as st

from chinwag.core import query, tags
from chinwag.core.query import BadQuery

TAGS = (
    st.text()
    | st.sampled_from([" A ", "alias:x", "\u2421", "zz top"])
    | st.text("aB: _", max_size=9)
)
TERMS = st.text("abc:@.", min_size=1, max_size=5)
QUERIES = st.text() | st.text('ab",\t ', max_size=12)


@given(st.lists(st.none() | TAGS, max_size=20), st.integers(0, 20))
def test_cleaning_a_list(sent: list[str | None], most: int) -> None:
    kept = tags.normalise(sent, most)
    assert kept is not None
    assert len(kept) <= most
    assert kept == sorted(set(kept))
    assert set(kept) <= {tag.strip().lower() for tag in sent if tag is not None}
    assert all(tags.LENGTH_MIN <= len(tag) <= tags.LENGTH_MAX for tag in kept)


@given(st.lists(TAGS))
def test_a_clean_list_stays_as_it_is(sent: list[str]) -> None:
    kept = tags.normalise(sent, len(sent)) or []
    assert tags.normalise(kept, len(kept)) == kept


@given(TAGS)
def test_a_prefixed_tag_is_its_parts(tag: str) -> None:
    namespace = tags.namespace_of(tag)
    if tags.is_prefixed(tag):
        body = tag.removeprefix(namespace + ":")
        assert tags.is_generic(body)
        assert not tags.is_generic(tag)
        assert tags.within([tag], {namespace}) == {tag}
    else:
        assert namespace == ""


@given(st.sets(TAGS), st.sets(TAGS))
def test_changes_lead_from_old_to_new(old: set[str], new: set[str]) -> None:
    added, removed = tags.change(old, new)
    assert (old - removed) | added == new
    assert not added & old
    assert removed <= old


@given(QUERIES)
def test_any_text_is_a_query_or_refused(text: str) -> None:
    try:
        required, optional = query.terms(text)
    except BadQuery:
        assert '"' in text or "," in text
        return
    assert all([*required, *optional])
    if not {",", '"'} & set(text):
        assert not optional
        assert required == [
            t for t in text.lower().replace("\t", " ").strip(" \r\n").split(" ") if t
        ]


@given(st.lists(TERMS, max_size=5), st.lists(TERMS, max_size=5))
def test_terms_come_out_as_they_went_in(required: list[str], optional: list[str]) -> None:
    text = " ".join(required) + " " + ",".join([*optional, ""] if len(optional) == 1 else optional)
    assert query.terms(text) == (required, optional)


@given(st.lists(st.text("ab, ", min_size=1, max_size=5), min_size=1, max_size=4))
def test_quoted_terms_keep_blanks_and_commas(terms: list[str]) -> None:
    assert query.terms(" ".join(f'"{t}"' for t in terms)) == (terms, [])
    if len(terms) > 1:
        assert query.terms(",".join(f'"{t}"' for t in terms)) == ([], terms)


@given(QUERIES)
def test_tags_of_a_query_can_be_found(text: str) -> None:
    """A group of alternatives never holds what can be no tag."""
    try:
        found = query.parse(text)
    except BadQuery:
        return
    for tag in [t for group in found.required for t in group] + found.optional:
        assert tags.is_prefixed(tag) or tags.is_generic(tag)
