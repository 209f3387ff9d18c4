"""What the token of a bot is good for: which topics, how many messages, and never the account."""

from dataclasses import dataclass
from typing import Final

from chinwag.core import ids
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.wire import ctrl
from chinwag.wire.messages import Acc, Del, Get, Hi, Leave, Login, Note, Packet, Pub, Set, Sub

WORDS: Final = ("grp", "p2p", "fnd", "slf", "sys", "new")
RATE_MAX: Final = 60_000


@dataclass(frozen=True, slots=True)
class Topics:
    """Some topics: names, `grp` for all groups, `p2p` for all conversations …; empty: all."""

    names: frozenset[str] = frozenset()

    def cover(self, name: str, uid: str = "") -> bool:
        """Whether the topic with routing name `name` is one of them.

        A conversation is meant by the other party, as `uid` sees it, or by either without `uid`.
        """
        if not self.names:
            return True
        kind = ids.kind_of(name)
        if kind is not Kind.P2P:
            return bool(self.names & {name, kind.value})
        pair = set(ids.p2p_pair(name) or ())
        return bool(self.names & {"p2p", *(pair - {uid})})


@dataclass(frozen=True, slots=True)
class Scope:
    """The bounds of one token."""

    token: str  # its id
    topics: Topics = Topics()
    rate: int = 0  # messages a minute; 0: as everybody

    def check(self, packet: Packet, sent: str, uid: str) -> None:
        """Let `packet` to the topic that `uid` calls `sent` pass. Raises Refused.

        A token changes nothing by which it could be outlived: secrets, addresses, the account.
        """
        if isinstance(packet, Hi | Login):
            return
        own = sent == "me" and isinstance(packet, Sub | Leave | Get | Set | Note)
        if _outlives(packet) or not (own or self._covers(sent, uid)):
            raise Refused(ctrl.PERMISSION_DENIED)

    def _covers(self, sent: str, uid: str) -> bool:
        if sent == "me":
            return False
        if ids.is_new(sent):
            return not self.topics.names or "new" in self.topics.names
        name = ids.route(sent, uid)
        return name == ids.NOWHERE or self.topics.cover(name, uid)


def _outlives(packet: Packet) -> bool:
    """Whether what `packet` does would be there when the token is revoked."""
    match packet:
        case Acc():
            return True
        case Del():
            return packet.what in ("user", "cred") or packet.cred is not None
        case Set():
            return packet.cred is not None
        case _:
            return False


def topics(words: list[str]) -> Topics:
    """The topics that `words` name. Raises ValueError, which says what is wrong."""
    return Topics(frozenset(_canonical(word) for word in words))


def _canonical(word: str) -> str:
    if word in WORDS:
        return word
    number = word[3:]
    if word.startswith(("grp", "chn")) and ids.uid_number("usr" + number):
        return ids.grp_of(word)
    uid = ids.canonical_uid(word)
    if uid is None:
        raise ValueError(f"{word} is no topic: write usr…, grp… or one of {', '.join(WORDS)}")
    return uid


def counts(packet: Packet) -> bool:
    """Whether `packet` is a message, of which there may be so many a minute."""
    return isinstance(packet, Pub)
