"""Tags by which people and groups are found.

Source: specification 01, paragraph 11.2; specification 02, paragraph 12; specification 04, 6.
"""

import re
from collections.abc import Collection, Iterable
from typing import Final

ERASE: Final = "\u2421"  # the character that means: remove this
LENGTH_MIN: Final = 2
LENGTH_MAX: Final = 96

_BODY: Final = r"[-_+.!?#@\w]{1,96}"
_PREFIXED: Final = re.compile(rf"[a-z][A-Za-z0-9_]{{1,15}}:{_BODY}")
_GENERIC: Final = re.compile(_BODY)


def normalise(sent: Iterable[str | None] | None, max_count: int) -> list[str] | None:
    """A client's list, cleaned: trimmed, lower case, sorted, without doubles and unusable ones.

    None stays None: nothing was sent. One U+2421 anywhere empties the list.
    """
    if sent is None:
        return None
    first = [tag or "" for tag in list(sent)[:max_count]]
    cleaned = sorted({tag.strip().lower() for tag in first})
    if ERASE in cleaned:
        return []
    return [t for t in cleaned if LENGTH_MIN <= len(t) <= LENGTH_MAX and _begins_well(t[0])]


def _begins_well(first: str) -> bool:
    return first.isalpha() or first.isdecimal()


def is_prefixed(tag: str) -> bool:
    """Whether `tag` has a namespace and a searchable body."""
    return len(tag) <= LENGTH_MAX and bool(_PREFIXED.fullmatch(tag))


def is_generic(tag: str) -> bool:
    """Whether `tag` is searchable without a namespace."""
    return bool(_GENERIC.fullmatch(tag))


def namespace_of(tag: str) -> str:
    """The namespace of a prefixed tag; empty: it has none."""
    return tag.partition(":")[0] if is_prefixed(tag) else ""


def within(tags: Iterable[str], namespaces: Collection[str]) -> set[str]:
    """Those of `tags` that belong to one of `namespaces`."""
    return {tag for tag in tags if ":" in tag and tag.partition(":")[0] in namespaces}


def restricted(tags: Iterable[str], namespaces: Collection[str]) -> set[str]:
    """Those of `tags` that only the server may set."""
    return within(tags, namespaces)


def aliases(tags: Iterable[str], namespace: str) -> list[str]:
    """Those of `tags` that must be unique on this server."""
    return [t for t in tags if namespace and t.startswith(namespace + ":")]


def change(old: Iterable[str], new: Iterable[str]) -> tuple[set[str], set[str]]:
    """What `new` adds to and removes from `old`."""
    before, after = set(old), set(new)
    return after - before, before - after
