"""Updates of free-form values. Source: specification 01, paragraph 2.8; specification 02, 9.1."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from chinwag.core import merge
from chinwag.core.merge import ERASE

LEAVES = st.sampled_from([1, True, "x", [1], [None]])
KEYS = st.sampled_from("abc")
OBJECTS = st.recursive(
    st.dictionaries(KEYS, LEAVES),
    lambda inner: st.dictionaries(KEYS, LEAVES | inner, max_size=3),
    max_leaves=6,
)
UPDATES = st.recursive(
    st.dictionaries(KEYS, LEAVES | st.sampled_from([None, ERASE])),
    lambda inner: st.dictionaries(KEYS, LEAVES | inner | st.just(ERASE), max_size=3),
    max_leaves=6,
)


def merged(old: Any, update: Any) -> tuple[Any, bool]:
    """What becomes of `old`, and whether anything was done."""
    raw = None if old is None else json.dumps(old).encode()
    found, changed = merge.merge(raw, json.dumps(update).encode())
    return None if found is None else json.loads(found), changed


def says(update: dict[str, Any]) -> bool:
    """Whether anything in `update` is to be set or erased."""
    return any(says(v) if isinstance(v, dict) else v is not None for v in update.values())


def expected(old: dict[str, Any], update: dict[str, Any]) -> dict[str, Any]:
    """The rule in words of Python: erase, descend, replace; an empty object is nothing new."""
    new = dict(old)
    for key, value in update.items():
        if value == ERASE:
            new.pop(key, None)
        elif isinstance(value, dict) and says(value):
            inner = old.get(key)
            new[key] = expected(inner if isinstance(inner, dict) else {}, value)
        elif value is not None and not isinstance(value, dict):
            new[key] = value
    return new


@given(OBJECTS, UPDATES)
def test_an_object_is_merged_member_by_member(old: dict[str, Any], update: dict[str, Any]) -> None:
    found, changed = merged(old, update)
    assert found == expected(old, update)
    assert changed == says(update)


@given(OBJECTS, UPDATES)
def test_an_update_twice_is_an_update_once(old: dict[str, Any], update: dict[str, Any]) -> None:
    once, _ = merged(old, update)
    assert merged(once, update)[0] == once


@given(OBJECTS, OBJECTS)
def test_no_mark_is_ever_stored(old: dict[str, Any], update: dict[str, Any]) -> None:
    marked = json.loads(json.dumps(update).replace('"x"', json.dumps(ERASE)))
    assert ERASE not in json.dumps(merged(old, marked)[0], ensure_ascii=False)


@given(st.none() | OBJECTS | LEAVES, LEAVES)
def test_anything_else_replaces(old: Any, new: Any) -> None:
    """And counts as a change even where it is the same (QUIRK)."""
    assert merged(old, new) == (new, True)


@given(OBJECTS, st.dictionaries(KEYS, LEAVES | st.just(ERASE)))
def test_auxiliary_data_lose_what_is_erased(old: dict[str, Any], new: dict[str, Any]) -> None:
    update = {key: Raw(json.dumps(value).encode()) for key, value in new.items()}
    found, changed = merge.merge_members(json.dumps(old).encode(), update)
    left = {k: v for k, v in {**old, **new}.items() if v != ERASE}
    assert (None if found is None else json.loads(found)) == (left or None)
    assert changed == bool(new)
