"""The seam to programs that are told of messages."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Telling:
    """One message on its way to a program."""

    id: str  # the same each time that it is tried
    url: str
    secret: str
    body: bytes


class Fate(Enum):
    """What became of it."""

    TOLD = "told"
    LATER = "later"  # to be tried again
    REFUSED = "refused"  # it would be refused again
    GONE = "gone"  # nobody wants to be told anything any more


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a telling."""

    fate: Fate
    why: str = ""
    after_s: float = 0.0  # not to be tried again earlier


class Teller(Protocol):
    """Tells programs."""

    async def tell(self, telling: Telling) -> Told:
        """Tell a program; takes as long as it takes, in bounds."""
        ...

    async def close(self) -> None:
        """Let go of what is open."""
        ...
