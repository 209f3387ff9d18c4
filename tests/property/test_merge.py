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


def expected(old: dict[str, Any], update: dict[str, Any]) -> dict[str, Any]:
    """The rule in words of Python: erase, descend, replace; an empty object is nothing new."""
    new = dict(old)
    for key, value in update.items():
        if value == ERASE:
            new.pop(key, None)
        elif isinstance(value, dict):
            inner = old.get(key)
            below = expected(inner if isinstance(inner, dict) else {}, value)
            if below != (inner if isinstance(inner, dict) else {}):
                new[key] = below
        elif value is not None:
            new[key] = value
    return new


@given(OBJECTS, UPDATES)
def test_an_object_is_merged_member_by_member(old: dict[str, Any], update: dict[str, Any]) -> None:
    found, changed = merged(old, update)
    assert found == expected(old, update)
    assert changed or found == old


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
def test_auxiliary_data_change_at_the_top_only(old: dict[str, Any], new: dict[str, Any]) -> None:
    update = {key: Raw(json.dumps(value).encode()) for key, value in new.items()}
    found, changed = merge.merge_top(json.dumps(old).encode(), update)
    left = {k: v for k, v in {**old, **new}.items() if v != ERASE}
    assert (None if found is None else json.loads(found)) == (left or None)
    assert changed == bool(new)
