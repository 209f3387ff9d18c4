"""Who learns of what: news for somebody's `me`, and the table of contacts that filters them.

Source: specification 03, paragraph 7.
"""

from dataclasses import dataclass
from typing import Literal

from chinwag.wire.messages import Dacs

Command = Literal["", "en", "dis", "rem"]

ON, OFF, GONE, ACS = "on", "off", "gone", "acs"
UPD = "upd"
ASK = "?unkn"  # tell me whether you are online
MEET = "?none"  # note the contact, say nothing
_TABLED = frozenset((ON, OFF, GONE, ASK, MEET))


@dataclass(slots=True)
class Contact:
    """What a loaded `me` knows of one contact."""

    online: bool
    enabled: bool  # not muted: the subscription has P


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """A {pres} on its way to the `me` of one user, or to a group that may answer.

    Source: specification 03, paragraphs 7.2 and 7.3.
    """

    what: str
    src: str  # the contact or topic concerned, as the recipient sees it
    origin: str = ""  # routing name of the topic it comes from
    command: Command = ""
    wants_reply: bool = False
    seq: int = 0
    clear: int = 0
    ua: str = ""
    act: str = ""
    tgt: str = ""
    dacs: Dacs | None = None
    skip: object = None  # the session that caused it
    detached: bool = False  # only for sessions that are not attached to `origin`


@dataclass(frozen=True, slots=True, kw_only=True)
class InfoNews:
    """An {info} on its way to the `me` of one user. Source: specification 03, paragraph 5.4 a."""

    what: str
    src: str
    origin: str
    sender: str
    seq: int = 0
    event: str = ""
    payload: bytes | None = None
    skip: object = None
    everywhere: bool = False  # also for sessions that are attached to `origin`


def unfiltered(what: str) -> bool:
    """Whether `what` reaches even those who muted the topic or their `me`."""
    return what in (ACS, GONE)


def absorb(contacts: dict[str, Contact], news: News) -> bool:
    """Take `news` into the table; True: the user's sessions are shown it.

    Strangers get no entry (D17), and `gone` is always shown (D32).
    Source: specification 03, paragraph 7.6.
    """
    if news.what not in _TABLED:
        return True
    entry = contacts.get(news.src)
    if news.command == "rem" or news.what == GONE:
        contacts.pop(news.src, None)
        return news.what == GONE or (news.what == OFF and entry is not None and entry.enabled)
    if entry is None:
        return _meet(contacts, news)
    if news.command == "dis":
        return _disable(entry) and news.what in (ON, OFF)
    return _update(entry, news)


def _meet(contacts: dict[str, Contact], news: News) -> bool:
    """Note somebody who was no contact before, muted or not."""
    if news.command == "en":
        contacts[news.src] = Contact(online=news.what == ON, enabled=True)
        return news.what in (ON, OFF)
    if news.command == "dis" and news.what in (ASK, MEET):
        contacts[news.src] = Contact(online=False, enabled=False)
    return False


def _disable(entry: Contact) -> bool:
    was_online = entry.enabled and entry.online
    entry.enabled = entry.online = False
    return was_online


def _update(entry: Contact, news: News) -> bool:
    was_enabled, was_online = entry.enabled, entry.online
    if news.command == "en":
        entry.enabled = True
    if news.what not in (ON, OFF):
        if not was_enabled:
            entry.online = False
        return False
    entry.online = entry.enabled and news.what == ON
    return entry.enabled and (not was_enabled or entry.online != was_online)


def answers(contacts: dict[str, Contact], news: News) -> bool:
    """Whether the sender of `news` is told that this user is online.

    Only contacts are answered (D17). Source: specification 03, paragraph 7.6, reply rule.
    """
    return news.wants_reply and news.what in (ON, ASK) and news.src in contacts


def can_hear(eff: int, what: str, need: int) -> bool:
    """Whether a subscriber with mode `eff` is told `what` on `me`.

    `need`: bits of which one is due; 0: none.

    Source: specification 03, paragraph 7.4.
    """
    if unfiltered(what):
        return True
    if what == "upd" and eff & 0x01:
        return True
    return bool(eff & 0x08) and (need == 0 or bool(eff & need))
