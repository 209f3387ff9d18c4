"""Portable columns."""

import pytest
from sqlalchemy.dialects import sqlite

from chinwag.core import ids
from chinwag.store.types import Name, UserId, Words

SQLITE = sqlite.dialect()


@pytest.mark.parametrize("number", [1, 255, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_a_user_id_is_a_signed_number_and_comes_back(number: int) -> None:
    uid = ids.uid_text(number)
    stored = UserId().process_bind_param(uid, SQLITE)
    assert stored is not None
    assert -(1 << 63) <= stored < 1 << 63
    assert UserId().process_result_value(stored, SQLITE) == uid


def test_nobody_is_null() -> None:
    assert UserId().process_bind_param(None, SQLITE) is None
    assert UserId().process_result_value(None, SQLITE) is None


def test_names_are_never_cut_and_hold_no_nul() -> None:
    """D-14. A name that is cut might be another one."""
    assert Name(4).process_bind_param("abcdef", SQLITE) == "abcdef"
    assert Name(4).process_bind_param("a\0", SQLITE) == "a\ufffd"
    assert Name(4).process_bind_param(None, SQLITE) is None


def test_names_end_in_no_space() -> None:
    """MySQL takes `alice ` for `alice`."""
    assert Name(4).process_bind_param("a b", SQLITE) == "a b"
    assert Name(4).process_bind_param("a ", SQLITE) == "a\ufffd"
    assert Name(4).process_bind_param("\0 ", SQLITE) == "\ufffd\ufffd"
    assert Name(4).process_bind_param("", SQLITE) == ""


def test_words_are_cut() -> None:
    assert Words(4).process_bind_param("a\0cdef", SQLITE) == "a\ufffdcd"
    assert Words(4).process_bind_param("", SQLITE) == ""
    assert Words(4).process_bind_param("a ", SQLITE) == "a "
    assert Words(4).process_bind_param(None, SQLITE) is None
