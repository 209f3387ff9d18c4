"""Updates of free-form values, kept as raw JSON.

Source: specification 01, paragraphs 2.7 and 2.8; specification 02, paragraph 9.1.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from chinwag.core.errors import Refused
from chinwag.wire import ctrl

ERASE: Final = "\u2421"
_MARKS: Final = (ERASE.encode(), b"\\u2421")
_NULL: Final = b"null"
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def given(raw: bytes) -> bytes | None:
    """A value for something new: None if it is absent, null or the null marker.

    Members that are the marker are left out: clients send them along with what replaces them.
    Raises Refused.
    Source: specification 07, paragraph 4.2.
    """
    if raw in (b"", _NULL) or is_erase(raw):
        return None
    with _within_bounds():
        value = _without_erased(_decode(raw))
        return _encode(value) if any(mark in raw for mark in _MARKS) else bytes(raw)


@contextmanager
def _within_bounds() -> Iterator[None]:
    """Refuse numbers that are out of range and values that are nested too deep."""
    try:
        yield
    except (ValueError, RecursionError):
        raise Refused(ctrl.MALFORMED) from None


def _without_erased(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: _without_erased(inner) for key, inner in value.items() if inner != ERASE}


def present(value: msgspec.Raw) -> bool:
    """Whether a client gave a value: null is none."""
    return bytes(value) not in (b"", _NULL)


def is_erase(raw: bytes) -> bool:
    """Whether `raw` is the marker that removes a value."""
    return len(raw) <= 8 and raw[:1] == b'"' and _decode(raw) == ERASE  # noqa: PLR2004 - "\u2421"


def merge(old: bytes | None, new: bytes) -> tuple[bytes | None, bool]:
    """`old` after the update `new`, and whether anything was done to it.

    An assignment counts even where the value is the same, and so does the removal of a member even
    where there is none (QUIRK). Raises Refused.
    """
    if new in (b"", _NULL):
        return old, False
    if is_erase(new):
        return None, old is not None
    with _within_bounds():
        update = _decode(new)
        if not isinstance(update, dict):
            return bytes(new), True
        before = _decode(old) if old is not None else {}
        target: dict[str, Any] = before if isinstance(before, dict) else {}
        return (_encode(target), True) if _merge_into(target, update) else (old, False)


def _merge_into(target: dict[str, Any], update: dict[str, Any]) -> bool:
    changed = False
    for key, value in update.items():
        if value is None:
            continue
        if value == ERASE:
            target.pop(key, None)
            changed = True
        elif isinstance(value, dict):
            changed = _merge_nested(target, key, value) or changed
        else:
            target[key] = value
            changed = True
    return changed


def _merge_nested(target: dict[str, Any], key: str, value: dict[str, Any]) -> bool:
    inner = target.get(key)
    nested: dict[str, Any] = inner if isinstance(inner, dict) else {}
    changed = _merge_into(nested, value)
    if changed:
        target[key] = nested
    return changed


def merge_members(old: bytes | None, update: dict[str, msgspec.Raw]) -> tuple[bytes | None, bool]:
    """`old` after an update of some members, as auxiliary data are changed; None: nothing is left.

    Raises Refused.
    Source: specification 02, paragraph 9.5.
    """
    with _within_bounds():
        target: dict[str, Any] = _decode(old) if old is not None else {}
        changed = _merge_into(target, {key: _decode(raw) for key, raw in update.items()})
        return (_encode(target) if target else None), changed
