"""Who learns of what. Source: specification 03, paragraphs 7.4 and 7.6."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chinwag.core import modes, presence
from chinwag.core.presence import Command, Contact, News, absorb
from stage import ALICE

ON, OFF = Contact(online=True, enabled=True), Contact(online=False, enabled=True)
MUTED = Contact(online=False, enabled=False)


def table(entry: Contact | None) -> dict[str, Contact]:
    """A table with at most one contact."""
    return {} if entry is None else {ALICE: Contact(entry.online, entry.enabled)}


def news(what: str, command: Command = "", *, wants_reply: bool = False) -> News:
    """News of Alice."""
    return News(what=what, src=ALICE, command=command, wants_reply=wants_reply)


@pytest.mark.parametrize(
    ("entry", "what", "command", "after", "shown"),
    [
        # exists, no command: taken if not muted, shown if it differs
        (OFF, "on", "", ON, True),
        (ON, "on", "", ON, False),
        (ON, "off", "", OFF, True),
        (OFF, "off", "", OFF, False),
        (MUTED, "on", "", MUTED, False),
        (ON, "?unkn", "", ON, False),
        # exists, en: enabled; shown if it was muted, or differs
        (MUTED, "on", "en", ON, True),
        (MUTED, "off", "en", OFF, True),
        (OFF, "on", "en", ON, True),
        (ON, "on", "en", ON, False),
        (MUTED, "?none", "en", OFF, False),
        (MUTED, "?unkn", "en", OFF, False),
        (ON, "?unkn", "en", ON, False),
        # exists, dis: muted; shown if it was on
        (ON, "off", "dis", MUTED, True),
        (OFF, "off", "dis", MUTED, False),
        (MUTED, "off", "dis", MUTED, False),
        (ON, "?none", "dis", MUTED, False),
        # exists, rem: removed; `off` is shown if it was not muted, `gone` always
        (ON, "gone", "", None, True),
        (MUTED, "gone", "rem", None, True),
        (ON, "off", "rem", None, True),
        (MUTED, "off", "rem", None, False),
        (ON, "?none", "rem", None, False),
        # missing, en: made
        (None, "on", "en", ON, True),
        (None, "off", "en", OFF, True),
        (None, "?unkn", "en", OFF, False),
        (None, "?none", "en", OFF, False),
        # missing, dis: a contact who was muted before anything was known
        (None, "?none", "dis", MUTED, False),
        (None, "?unkn", "dis", MUTED, False),
        # missing, otherwise: strangers stay strangers (D17), `gone` is shown (D32)
        (None, "on", "", None, False),
        (None, "off", "dis", None, False),
        (None, "off", "rem", None, False),
        (None, "gone", "", None, True),
        # everything else passes the table by
        (None, "msg", "", None, True),
        (MUTED, "acs", "", MUTED, True),
        (ON, "upd", "", ON, True),
    ],
)
def test_what_becomes_of_an_entry_and_what_is_shown(
    entry: Contact | None, what: str, command: Command, after: Contact | None, shown: bool
) -> None:
    """03 §7.6, incoming; DEFECTs D17 and D32."""
    contacts = table(entry)
    assert absorb(contacts, news(what, command)) is shown
    assert contacts == table(after)


@pytest.mark.parametrize(
    ("entry", "what", "wants_reply", "answered"),
    [
        (ON, "on", True, True),
        (MUTED, "on", True, True),  # QUIRK: who is muted is answered all the same
        (OFF, "?unkn", True, True),
        (OFF, "on", False, False),
        (OFF, "off", True, False),
        (OFF, "?none", True, False),
        (None, "on", True, False),
    ],
)
def test_who_is_answered(
    entry: Contact | None, what: str, wants_reply: bool, answered: bool
) -> None:
    """03 §7.6, reply rule; DEFECT D17: who has left is not told that the other one is online."""
    assert presence.answers(table(entry), news(what, wants_reply=wants_reply)) is answered


@pytest.mark.parametrize(
    ("mode", "what", "need", "heard"),
    [
        ("N", "acs", modes.SHARER, True),
        ("N", "gone", modes.R, True),
        ("J", "upd", modes.S, True),
        ("P", "upd", 0, True),
        ("W", "upd", 0, False),
        ("PR", "msg", modes.R, True),
        ("R", "msg", modes.R, False),
        ("P", "msg", modes.R, False),
        ("P", "on", 0, True),
        ("JRW", "on", 0, False),
    ],
)
def test_who_hears_of_what(mode: str, what: str, need: int, heard: bool) -> None:
    """03 §7.4."""
    assert presence.can_hear(modes.parse(mode), what, need) is heard


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["on", "off", "gone", "?unkn", "?none", "msg"]),
            st.sampled_from(["", "en", "dis", "rem"]),
        )
    )
)
def test_nobody_muted_or_strange_is_ever_online(said: list[tuple[str, Command]]) -> None:
    """DEFECT D17: `{get sub}` shows whom the table calls online."""
    contacts: dict[str, Contact] = {}
    for what, command in said:
        absorb(contacts, news(what, command))
        assert all(entry.enabled or not entry.online for entry in contacts.values())
        if what == "gone":
            assert not contacts
