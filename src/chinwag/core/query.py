"""Search queries of `fnd`: blanks for all, commas for any, quotes for one.

Source: specification 02, paragraph 12.3; specification 04, paragraph 7.2.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from chinwag.core import tags

Rewrite = Callable[[str], str | None]
"""The tag that a bare term stands for as well, such as `email:…`; None: none."""


class BadQuery(ValueError):
    """A query that cannot be read."""


@dataclass(slots=True)
class Query:
    """What to look for: one of each group of `required`, else one of `optional`."""

    required: list[list[str]] = field(default_factory=list)
    optional: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Term:
    text: str
    either: bool  # next to a comma: OR


def terms(text: str) -> tuple[list[str], list[str]]:
    """The AND and the OR terms of a query in lower case. Raises BadQuery."""
    found = [t for t in _scan(text.strip(" \t\r\n").lower()) if t.text]
    return [t.text for t in found if not t.either], [t.text for t in found if t.either]


def _scan(text: str) -> list[_Term]:
    found: list[_Term] = []
    commas = 0  # since the last term
    at = 0
    while at < len(text):
        if text[at] in " \t":
            at += 1
        elif text[at] == ",":
            commas += 1
            if commas > 1:
                raise BadQuery("two commas in a row")
            if found:
                found[-1].either = True
            at += 1
        else:
            term, at = _term(text, at)
            found.append(_Term(term, either=commas > 0))
            commas = 0
    return found


def _term(text: str, at: int) -> tuple[str, int]:
    """The term that begins at `at`, and where it ends."""
    if text[at] == '"':
        end = text.find('"', at + 1)
        if end < 0:
            raise BadQuery("a quote is not closed")
        if end + 1 < len(text) and text[end + 1] not in " \t,":
            return _glued(text, at, end + 1)
        return text[at + 1 : end], end + 1
    end = _word_end(text, at)
    if '"' in text[at:end]:
        raise BadQuery("a quote inside a word")
    return text[at:end], end


def _glued(text: str, at: int, after: int) -> tuple[str, int]:
    """A quoted text with a word right behind it keeps its quotes (verified oddity)."""
    end = _word_end(text, after)
    if '"' in text[after:end]:
        raise BadQuery("a quote inside a word")
    return text[at:end], end


def _word_end(text: str, at: int) -> int:
    while at < len(text) and text[at] not in " \t,":
        at += 1
    return at


def parse(text: str, rewrites: Iterable[Rewrite] = ()) -> Query:
    """The query as groups of tags. Raises BadQuery.

    A term that can be no tag is dropped from OR; an AND term that can be none makes the result
    empty (D-64). Source: specification 04, paragraph 7.2.
    """
    required, optional = terms(text)
    ways = list(rewrites)
    query = Query(required=[_alternatives(term, ways) for term in required])
    query.optional = [tag for term in optional for tag in _alternatives(term, ways)]
    return query


def _alternatives(term: str, rewrites: list[Rewrite]) -> list[str]:
    if tags.is_prefixed(term):
        return [term]
    rewritten = [tag for way in rewrites if (tag := way(term)) is not None]
    if rewritten:
        return [term, *rewritten]
    return [term] if tags.is_generic(term) else []
