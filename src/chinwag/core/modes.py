"""Access modes: bits, texts, deltas.

Source: specification 02, paragraphs 2 and 3.
"""

import re
from typing import Final

J: Final = 0x01  # join
R: Final = 0x02  # read
W: Final = 0x04  # write
P: Final = 0x08  # presence
A: Final = 0x10  # approve
S: Final = 0x20  # share
D: Final = 0x40  # delete for everybody
O: Final = 0x80  # owner  # noqa: E741 - the protocol's letter
UNSET: Final = 0x100  # no value

NONE: Final = 0
FULL: Final = 0xFF
PUBLIC: Final = J | R | W | P | S
ACCOUNT: Final = J | R | W | P | A | S
MEFND: Final = J | P | S
SELF: Final = J | R | W | D | O
SYS: Final = J | R | W | P | D
CHNWRITE: Final = R | W | P | S
READER: Final = J | R | P
SHARER: Final = O | A | S

_LETTERS: Final = "JRWPASDO"
_BITS: Final = {letter: 1 << i for i, letter in enumerate(_LETTERS)}
_EITHER_CASE: Final = _BITS | {letter.lower(): bit for letter, bit in _BITS.items()}
_CHUNK: Final = re.compile(r"([+-])([^+-]*)")


class BadMode(ValueError):
    """A text that is no access mode."""


def cp2p(p2p_delete: bool) -> int:
    """The most a party of a conversation can have; with D where both may delete for both."""
    return J | R | W | P | A | (D if p2p_delete else 0)


def parse(text: str | None) -> int:
    """The mode that `text` spells; UNSET for nothing. Raises BadMode.

    Letter case and order do not matter; what follows a leading `N` is ignored (QUIRK).
    Source: specification 02, paragraph 2.2.
    """
    if not text:
        return UNSET
    if text[0] in "Nn":
        return NONE
    mode = 0
    for letter in text:
        if letter not in _EITHER_CASE:
            raise BadMode(text)
        mode |= _EITHER_CASE[letter]
    return mode


def text(mode: int) -> str:
    """The letters of `mode` in canonical order; `N` for none, empty for UNSET."""
    if mode == UNSET:
        return ""
    return "".join(letter for letter, bit in _BITS.items() if mode & bit) or "N"


def delta(old: int, new: int) -> str:
    """How `new` is announced to who knows `old`; empty: nothing has changed.

    Source: specification 02, paragraph 2.3.
    """
    if new == UNSET:
        return "N"
    if old in (UNSET, NONE):
        return text(new)
    added, removed = new & ~old, old & ~new
    return (f"+{text(added)}" if added else "") + (f"-{text(removed)}" if removed else "")


def apply_delta(old: int, change: str) -> int:
    """`old` after an announced change. Raises BadMode.

    Source: specification 02, paragraph 2.3.
    """
    if not change:
        return old
    if change[0] not in "+-":
        return parse(change)
    mode = 0 if old == UNSET else old
    for sign, letters in _CHUNK.findall(change):
        bits = parse(letters or "N")
        mode = mode | bits if sign == "+" else mode & ~bits
    return mode


def is_sharer(eff: int) -> bool:
    """Whether `eff` lets its holder invite."""
    return bool(eff & SHARER)


def is_admin(eff: int) -> bool:
    """Whether `eff` lets its holder change and remove others."""
    return bool(eff & (O | A))


def exceeds(want: int, given: int) -> bool:
    """Whether more is wanted than given."""
    return bool(want & ~given)
