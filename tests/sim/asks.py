"""Requests of simulated clients, and how many answers are due."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

WORDS = ("desc", "sub", "data", "del", "tags", "cred", "aux")
Packet = dict[str, Any]


@dataclass(slots=True)
class Person:
    """Somebody with an account."""

    uid: str
    login: str
    number: int
    secrets: list[str] = field(default_factory=lambda: ["secret"])  # the newest may not be stored
    is_root: bool = False

    @property
    def secret(self) -> str:
        """The password to try next."""
        return self.secrets[-1]

    def wrong(self) -> None:
        """It was not that one: another one is tried the next time."""
        self.secrets.insert(0, self.secrets.pop())


@dataclass(slots=True)
class Ask:
    """A request and what came back."""

    id: str
    kind: str
    packet: Packet
    topic: str
    number: int
    attached: bool = True  # whenever a part was answered
    again: bool = False  # it was said before
    copies: int = 1  # how often it was said on this connection
    said_s: float = 0.0  # when it was said first
    answers: list[int] = field(default_factory=list)  # codes; 0: a {meta}
    first: "asyncio.Future[Packet | None] | None" = None

    @property
    def parts(self) -> int:
        """How many answers there can be."""
        match self.kind:
            case "get":
                return len(words(self.packet))
            case "sub":
                return 1 + len(words(self.packet.get("get") or {}))
            case "set":
                return sum(
                    1 for part in ("desc", "sub", "tags", "cred", "aux") if part in self.packet
                )
            case _:
                return self.copies

    @property
    def owed(self) -> int:
        """How many answers there must be when it has been served."""
        if any(code >= 500 for code in self.answers) and self.kind != "pub":
            return 1
        if self.topic.startswith("chn") and self.answers == [404]:  # a plain group
            return 1
        match self.kind:
            case "get" | "set":
                return self.parts if self.attached else 1
            case "sub":
                refused = bool(self.answers) and self.answers[0] >= 300
                return 1 if refused else self.parts
            case _:
                return self.copies


def name_of(packet: Packet) -> str:
    """By what a message is to be known when it comes again, whatever its id; empty: by nothing."""
    return str((packet.get("head") or {}).get("x-once", ""))


def words(query: Packet) -> set[str]:
    """The parts that a query asks for."""
    return set(str(query.get("what", "")).split(" ")) & set(WORDS)
