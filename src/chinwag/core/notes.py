"""{note}: what a receipt or a typing note may change and who is told.

Source: specification 03, paragraph 5.
"""

from dataclasses import dataclass

from chinwag.core import modes
from chinwag.core.state import Member, TopicState
from chinwag.wire.messages import Note

TYPING = frozenset({"kp", "kpa", "kpv"})
MARKS = frozenset({"read", "recv"})
_ANSWERS = frozenset({"ringing", "accept", "hang-up"})


@dataclass(frozen=True, slots=True)
class Mark:
    """The new receipt numbers of one member."""

    uid: str
    read: int
    recv: int


def wellformed(note: Note) -> bool:
    """Whether `note` makes sense at all. Source: specification 03, paragraph 5.1."""
    if note.what in TYPING:
        return note.seq == 0
    if note.what in MARKS or note.what == "call":
        return note.seq > 0
    return note.what == "data" and bool(bytes(note.payload))


def from_outside(note: Note) -> bool:
    """Whether a session that is not attached may say `note`.

    Source: specification 03, paragraph 5.1; specification 01, paragraph 6.11.
    """
    return note.what == "recv" or (note.what == "call" and note.event in _ANSWERS)


def permitted(state: TopicState, member: Member | None, note: Note) -> bool:
    """Whether `member` may say `note` in this topic. Source: specification 03, paragraph 5.2."""
    if member is None or note.seq > state.seq:
        return False
    if note.what in MARKS:
        return bool(member.eff & modes.R)
    return bool(member.eff & modes.W) and not state.read_only


def mark(member: Member, note: Note) -> Mark | None:
    """The receipt numbers of `member` after `note`; None: it brings nothing new.

    Source: specification 03, paragraphs 5.2 and 5.3.
    """
    if note.what == "read" and note.seq > member.read:
        return Mark(member.uid, note.seq, member.recv)  # `recv` may stay behind (QUIRK)
    if note.what == "recv" and note.seq > max(member.read, member.recv):
        return Mark(member.uid, member.read, note.seq)
    return None


def apply(member: Member, mark: Mark) -> None:
    """Let `member` know its new numbers."""
    member.read, member.recv = mark.read, mark.recv
