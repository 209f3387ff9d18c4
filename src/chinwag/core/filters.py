"""What plug-ins want to hear of: `"pub,sub;grp"`, `"p2p;CU"`. Source: specification 06, 6.2.

A word that is no filter is an error, and kinds of topics count for events too (DEFECT 15).
"""

from dataclasses import dataclass, field
from typing import Final

PACKETS: Final = frozenset(
    ["hi", "acc", "login", "sub", "leave", "pub", "get", "set", "del", "note"]
)
NEVER: Final = frozenset(["data", "meta", "pres", "info"])  # what the server says is not shown
KINDS: Final = frozenset(["me", "fnd", "p2p", "grp", "sys", "slf", "new", "nch"])
USUAL_KINDS: Final = KINDS - {"new", "nch"}
ACTIONS: Final = frozenset("CUD")
_TOPICLESS: Final = frozenset({"hi", "acc", "login"})
_PREFIXES: Final = {"usr": "p2p"}  # of topics as clients write them
_ROUTED: Final = {"usr": "me", "chn": "grp"}  # of topics as they are routed
_PREFIX: Final = 3


class BadFilter(ValueError):
    """A filter has no meaning; the text says why."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which packets, about which kinds of topics, and which actions."""

    packets: frozenset[str] = PACKETS
    kinds: frozenset[str] = USUAL_KINDS
    actions: frozenset[str] = field(default=ACTIONS)

    def wants_packet(self, packet: str, topic: str) -> bool:
        """Whether a packet about `topic`, as the client wrote it, is to be shown."""
        usual = self.kinds >= USUAL_KINDS
        if usual and self.packets >= PACKETS:
            return True
        if packet not in self.packets:
            return False
        if packet in _TOPICLESS or not topic:
            return True
        prefix = topic[:_PREFIX]
        if prefix in ("chn", "p2p"):
            return usual
        return _PREFIXES.get(prefix, prefix) in self.kinds

    def wants_event(self, action: str, topic: str = "") -> bool:
        """Whether `action` (C, U or D) on `topic`, by its routing name, is to be told."""
        prefix = topic[:_PREFIX]
        return action in self.actions and (not topic or _ROUTED.get(prefix, prefix) in self.kinds)


def parse(text: str) -> Filter:
    """The filter that `text` means; empty: everything. Raises BadFilter."""
    found: dict[str, frozenset[str]] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, values = _part(part)
        if name in found:
            raise BadFilter(f"{part!r}: only one part may name {name}")
        found[name] = values
    return Filter(
        found.get("packets", PACKETS),
        found.get("kinds of topics", USUAL_KINDS),
        found.get("actions", ACTIONS),
    )


def _part(part: str) -> tuple[str, frozenset[str]]:
    """What a part is about, and its values."""
    words = {word.strip().lower() for word in part.split(",")}
    if words <= PACKETS | NEVER:
        return "packets", frozenset(words - NEVER)
    if words <= KINDS:
        return "kinds of topics", frozenset(words)
    if frozenset(part.upper()) <= ACTIONS:
        return "actions", frozenset(part.upper())
    raise BadFilter(
        f"{part!r} names neither packets ({' '.join(sorted(PACKETS))}) nor kinds of topics "
        f"({' '.join(sorted(KINDS))}) nor actions (C, U, D)"
    )
