"""Searching: what a query means and who may use it.

Source: specification 02, paragraphs 12.3 and 12.4; specification 04, paragraph 7.
"""

from collections.abc import Iterable

import msgspec

from chinwag.core import query, tags
from chinwag.core.errors import Refused
from chinwag.core.limits import Limits
from chinwag.core.query import Query, Rewrite
from chinwag.wire import ctrl

_FREE = msgspec.json.Decoder()


def text_of(value: bytes | None) -> str:
    """The query in a stored JSON value; anything but a text is an empty query."""
    found = "" if value is None else _FREE.decode(value)
    return found.strip() if isinstance(found, str) else ""


def decide(
    public: bytes | None, private: bytes | None, rewrites: Iterable[Rewrite] = ()
) -> Query | None:
    """What to look for: the session's own query, else the stored one; None: nothing.

    `rewrites`: what a term may stand for as well, such as an address. What cannot be read finds
    nothing (QUIRK).
    """
    text = text_of(public) or text_of(private)
    try:
        asked = query.parse(text, rewrites)
    except query.BadQuery:
        return None
    if not all(asked.required) or not (asked.required or asked.optional):
        return None
    return asked


def check_masked(asked: Query, own: Iterable[str], limits: Limits) -> None:
    """Raise Refused where a masked tag is looked for by somebody who does not have it (T26)."""
    terms = {tag for group in asked.required for tag in group}.union(asked.optional)
    if tags.within(terms, limits.masked_ns) - set(own):
        raise Refused(ctrl.PERMISSION_DENIED)


def full_tag(public: bytes | None) -> str | None:
    """The one full tag that the session's query consists of; None: it is something else."""
    text = text_of(public).lower()
    return text if tags.is_prefixed(text) else None
