"""Access modes. Source: specification 02, paragraph 2."""

import pytest

from chinwag.core import modes
from chinwag.core.modes import BadMode, apply_delta, delta, parse, text


@pytest.mark.parametrize(
    ("letter", "bit"),
    [("J", 1), ("R", 2), ("W", 4), ("P", 8), ("A", 0x10), ("S", 0x20), ("D", 0x40), ("O", 0x80)],
)
def test_letters(letter: str, bit: int) -> None:
    """2.1."""
    assert parse(letter) == parse(letter.lower()) == bit
    assert text(bit) == letter


@pytest.mark.parametrize(
    ("mode", "letters", "number"),
    [
        (modes.FULL, "JRWPASDO", 0xFF),
        (modes.PUBLIC, "JRWPS", 0x2F),
        (modes.cp2p(p2p_delete=False), "JRWPA", 0x1F),
        (modes.cp2p(p2p_delete=True), "JRWPAD", 0x5F),
        (modes.ACCOUNT, "JRWPAS", 0x3F),
        (modes.MEFND, "JPS", 0x29),
        (modes.SELF, "JRWDO", 0xC7),
        (modes.SYS, "JRWPD", 0x4F),
        (modes.CHNWRITE, "RWPS", 0x2E),
        (modes.READER, "JRP", 0x0B),
        (modes.NONE, "N", 0),
        (modes.UNSET, "", 0x100),
    ],
)
def test_masks_with_names(mode: int, letters: str, number: int) -> None:
    """2.4."""
    assert mode == number
    assert text(mode) == letters


@pytest.mark.parametrize(
    ("sent", "mode"),
    [
        ("", modes.UNSET),
        (None, modes.UNSET),
        ("N", 0),
        ("n", 0),
        ("NJRW", 0),
        ("Nxyz", 0),
        ("JJRRW", 0x07),
        ("oDsApWrJ", 0xFF),
    ],
)
def test_what_clients_may_write(sent: str | None, mode: int) -> None:
    """2.2; QUIRK: what follows a leading `N` is ignored."""
    assert parse(sent) == mode


@pytest.mark.parametrize(
    "sent", ["JN", "+A", "-W", "J R", "J1", "X", " J", "\u017f", "\u00df", "?"]
)
def test_what_is_no_mode(sent: str) -> None:
    """2.2; QUIRK: changes are never accepted from clients. Only ASCII letters are letters."""
    with pytest.raises(BadMode):
        parse(sent)


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("JRWPS", "", "N"),
        ("", "JRWPS", "JRWPS"),
        ("N", "JRWPS", "JRWPS"),
        ("", "N", "N"),
        ("N", "N", "N"),
        ("JR", "JR", ""),
        ("JRWPS", "JRA", "+A-WPS"),
        ("JR", "N", "-JR"),
        ("JR", "JRWO", "+WO"),
    ],
)
def test_announced_changes(old: str, new: str, change: str) -> None:
    """2.3; QUIRK: `N` is told even where it was `N` before."""
    assert delta(parse(old), parse(new)) == change


@pytest.mark.parametrize(
    ("old", "change", "new"),
    [
        ("JR", "", "JR"),
        ("JR", "WP", "WP"),
        ("JR", "N", "N"),
        ("JR", "+W-J", "RW"),
        ("JR", "-J+W-R", "W"),
        ("JR", "+", "JR"),
        ("JR", "-N", "JR"),
        ("JR", "+N-J", "R"),
        ("", "+W", "W"),
        ("", "-W", "N"),
    ],
)
def test_changes_as_receivers_apply_them(old: str, change: str, new: str) -> None:
    """2.3: a chunk of `N` and an empty chunk change nothing."""
    assert text(apply_delta(parse(old), change)) == new


@pytest.mark.parametrize("change", ["JR+W", "+X", "+ A", "A -J", "+W-1"])
def test_what_is_no_change(change: str) -> None:
    """2.3: text before the first sign is an error."""
    with pytest.raises(BadMode):
        apply_delta(modes.PUBLIC, change)


def test_who_may_invite_and_who_may_rule() -> None:
    """0: sharers have one of O, A and S, admins O or A."""
    assert {bit for bit in modes._BITS.values() if modes.is_sharer(bit)} == {0x10, 0x20, 0x80}
    assert {bit for bit in modes._BITS.values() if modes.is_admin(bit)} == {0x10, 0x80}


def test_more_is_wanted_than_given() -> None:
    """2.5."""
    assert modes.exceeds(parse("JRA"), parse("JRWPS"))
    assert not modes.exceeds(parse("JR"), parse("JRWPS"))
    assert not modes.exceeds(parse("JR"), parse("JR"))
