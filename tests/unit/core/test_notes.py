"""{note}: what may be said, and what it changes."""

import pytest

from chinwag.core import notes
from chinwag.core.notes import Mark
from chinwag.core.state import Member
from chinwag.wire.messages import Note
from stage import BOB


@pytest.mark.parametrize(
    ("known", "note", "mark"),
    [
        ((0, 0), ("read", 3), (3, 0)),
        ((3, 0), ("read", 3), None),
        ((3, 0), ("recv", 2), None),
        ((3, 0), ("recv", 3), None),
        ((3, 0), ("recv", 4), (3, 4)),
        ((0, 2), ("recv", 3), (0, 3)),
        ((0, 5), ("read", 4), (4, 5)),
    ],
)
def test_what_a_receipt_changes(
    known: tuple[int, int], note: tuple[str, int], mark: tuple[int, int] | None
) -> None:
    """03 §5.2, 5.3: reading leaves the stored `recv` behind (QUIRK), but it counts as received."""
    member = Member(BOB, 0, 0, read=known[0], recv=known[1])
    expected = None if mark is None else Mark(BOB, *mark)
    assert notes.mark(member, Note(what=note[0], seq=note[1])) == expected


@pytest.mark.parametrize(
    ("what", "event", "allowed"),
    [
        ("recv", "", True),
        ("read", "", False),
        ("kp", "", False),
        ("call", "ringing", True),
        ("call", "accept", True),
        ("call", "hang-up", True),
        ("call", "offer", False),
    ],
)
def test_what_may_be_said_without_being_attached(what: str, event: str, allowed: bool) -> None:
    """01 §6.11: the rest is answered 409 (QUIRK-23)."""
    assert notes.from_outside(Note(what=what, seq=1, event=event)) is allowed
