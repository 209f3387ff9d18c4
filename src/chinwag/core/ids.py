"""User ids, topic kinds and names, and the name each viewer sees.

Source: specification 02, paragraph 1; specification 01, paragraph 2.6.
"""

import base64
import posixpath
import re
from enum import Enum
from functools import lru_cache
from typing import Final

from chinwag.core.errors import Refused
from chinwag.wire import ctrl

_TEXT_LEN: Final = 11  # characters of a 64-bit number
_PAIR_LEN: Final = 22  # characters of two of them
NOWHERE: Final = "---"  # routing name of everything that is no topic of the client
_KNOWN_MAX: Final = 1 << 13  # names whose other form is remembered: conversations that go on
_FILE: Final = re.compile(r"[A-Za-z0-9_-]{11,64}(?![A-Za-z0-9_-])")
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+")


class Kind(Enum):
    """What a topic is."""

    ME = "me"
    FND = "fnd"
    SLF = "slf"
    P2P = "p2p"
    GRP = "grp"
    SYS = "sys"
    NOWHERE = "---"


_KINDS: Final = {
    "usr": Kind.ME,
    "fnd": Kind.FND,
    "slf": Kind.SLF,
    "p2p": Kind.P2P,
    "grp": Kind.GRP,
    "chn": Kind.GRP,
    "sys": Kind.SYS,
    NOWHERE: Kind.NOWHERE,
}


def kind_of(name: str) -> Kind:
    """The kind of the topic with routing name `name`."""
    return _KINDS[name[:3]]


# --- numbers and texts ----------------------------------------------------------------------


def number_text(number: int) -> str:
    """The 11 characters of an unsigned 64-bit number: little-endian, base64url, unpadded."""
    return base64.urlsafe_b64encode(number.to_bytes(8, "little")).decode().rstrip("=")


def uid_text(number: int) -> str:
    """The user id of `number`; empty for 0."""
    return "usr" + number_text(number) if number else ""


def uid_number(uid: str) -> int:
    """The number of a user id; 0: it is none. Surplus bits are ignored (T32)."""
    return _number(uid[3:]) if uid.startswith("usr") else 0


def _number(text: str) -> int:
    if len(text) != _TEXT_LEN:
        return 0
    return int.from_bytes(_decoded(text), "little")


def _decoded(text: str) -> bytes:
    """The bytes of unpadded base64url; empty if it is none."""
    padding = "=" * (-len(text) % 4)
    return base64.urlsafe_b64decode(text + padding) if _BASE64URL.fullmatch(text) else b""


@lru_cache(_KNOWN_MAX)
def canonical_uid(text: str) -> str | None:
    """The canonical spelling of a user id; None: it is none."""
    return uid_text(uid_number(text)) or None


# --- names ----------------------------------------------------------------------------------


@lru_cache(_KNOWN_MAX)
def p2p_name(one: str, two: str) -> str:
    """The routing name of the conversation of two users, whatever their order."""
    pair = sorted((uid_number(one), uid_number(two)))
    raw = b"".join(n.to_bytes(8, "little") for n in pair)
    return "p2p" + base64.urlsafe_b64encode(raw).decode().rstrip("=")


@lru_cache(_KNOWN_MAX)
def p2p_pair(name: str) -> tuple[str, str] | None:
    """The two users of a conversation; None: this is no name of one."""
    if not name.startswith("p2p") or len(name) != 3 + _PAIR_LEN:
        return None
    raw = _decoded(name[3:])
    one, two = (
        uid_text(int.from_bytes(raw[:8], "little")),
        uid_text(int.from_bytes(raw[8:], "little")),
    )
    return (one, two) if one and two and one != two else None


def is_p2p(name: str) -> bool:
    """Whether `name` is the routing name of a conversation of two."""
    return name.startswith("p2p")


def peer_of(name: str, uid: str) -> str:
    """The other user of the conversation `name`."""
    pair = p2p_pair(name)
    assert pair is not None
    return pair[1] if pair[0] == uid else pair[0]


def grp_name(number: int) -> str:
    """The name of the group with `number`."""
    return "grp" + number_text(number)


def chn_of(name: str) -> str:
    """The name under which readers know the channel `name`."""
    return "chn" + name[3:]


def grp_of(name: str) -> str:
    """The routing name of a group or channel."""
    return "grp" + name[3:]


def fnd_name(uid: str) -> str:
    """The routing name of a user's `fnd`."""
    return "fnd" + uid[3:]


def slf_name(uid: str) -> str:
    """The routing name of a user's `slf`."""
    return "slf" + uid[3:]


def owner_uid(name: str) -> str:
    """Whose `me`, `fnd` or `slf` the topic `name` is."""
    return "usr" + name[3:]


def is_new(name: str) -> bool:
    """Whether a {sub} to `name` creates a group or channel (QUIRK-15)."""
    return name.startswith(("new", "nch"))


def is_new_channel(name: str) -> bool:
    """Whether a {sub} to `name` creates a channel."""
    return name.startswith("nch")


def file_id(url: str) -> str | None:
    """The id of the uploaded file that `url` names; None: it names none.

    Source: specification 04, paragraphs 8.3 and 8.6.
    """
    path = url.partition("?")[0]
    folder, _, name = posixpath.normpath(path).rpartition("/")
    if "://" in path or (folder and not folder.endswith("/v0/file/s")):
        return None
    match = _FILE.match(name)
    return match[0] if match else None


# --- what clients say and see ---------------------------------------------------------------


def route(sent: str, uid: str) -> str:
    """The routing name of what the user `uid` calls `sent`. Raises Refused.

    Names that no topic of the user can have, internal ones of other people among them, lead
    NOWHERE, where every kind of request has its own refusal.
    Source: specification 02, paragraph 1.4; DEFECTs T01 to T03; specification 01, DEFECT-03.
    """
    if not sent:
        raise Refused(ctrl.MALFORMED)
    match sent[:3]:
        case "usr":
            return _route_peer(sent, uid)
        case "grp" | "chn":
            return grp_of(sent)
        case "p2p":
            pair = p2p_pair(sent)
            return p2p_name(*pair) if pair and uid in pair else NOWHERE
    if sent in ("fnd", "slf"):
        return sent + uid[3:]
    return {"me": uid, "sys": sent}.get(sent, NOWHERE)


def _route_peer(sent: str, uid: str) -> str:
    peer = canonical_uid(sent)
    if peer is None:
        raise Refused(ctrl.MALFORMED)
    if peer == uid:
        raise Refused(ctrl.PERMISSION_DENIED)
    return p2p_name(peer, uid)


def view(name: str, uid: str, reader: bool = False) -> str:
    """The name under which `uid` knows the topic `name`; `reader`: as a channel reader.

    Source: specification 03, paragraph 2.
    """
    match name[:3]:
        case "usr":
            return "me" if name == uid else name
        case "fnd" | "slf" as own:
            return own
        case "p2p":
            return peer_of(name, uid)
        case "grp":
            return chn_of(name) if reader else name
        case _:
            return name
