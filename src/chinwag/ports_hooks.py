"""The seam to plug-ins outside: programs that are asked about packets, and told what has happened.

Source: specification 06, paragraph 6.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from chinwag.core.state import Level, Member, Message, TopicState, User
from chinwag.ports import Frame
from chinwag.wire.codec import Decoded
from chinwag.wire.ctrl import Reply
from chinwag.wire.messages import Packet, SubRow


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client says, before anything is done about it, and what is known of the client."""

    decoded: Decoded
    sid: str
    uid: str
    level: Level
    remote_addr: str
    ua: str
    dev: str
    lang: str


class Verdict(Enum):
    """What is to become of a packet or of a search."""

    CONTINUE = 0
    DROP = 1
    RESPOND = 2
    REPLACE = 3


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict on a packet, with what it needs."""

    verdict: Verdict
    frame: Frame | None = None  # RESPOND: what the client gets; None: nothing
    decoded: Decoded | None = None  # REPLACE: what counts; None: it cannot be read


@dataclass(frozen=True, slots=True)
class SearchRuling:
    """A verdict on a search, with what it needs."""

    verdict: Verdict
    query: str = ""  # REPLACE: what is looked for; empty: nothing is found
    found: list[SubRow] = field(default_factory=list)  # RESPOND


class Action(Enum):
    """What has become of something."""

    CREATE = "C"
    UPDATE = "U"
    DELETE = "D"


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """An account was made, changed or deleted; then only `user.uid` is known."""

    action: Action
    user: User


@dataclass(frozen=True, slots=True)
class TopicEvent:
    """A topic was made, changed or deleted. `name` routes."""

    action: Action
    name: str
    state: TopicState | None = None  # without members; None: nothing else is known


@dataclass(frozen=True, slots=True)
class SubscriptionEvent:
    """Somebody's subscription was made, changed or deleted."""

    action: Action
    topic: str
    member: Member
    want_changed: bool = True
    given_changed: bool = True


@dataclass(frozen=True, slots=True)
class MessageEvent:
    """A message is stored."""

    topic: str
    message: Message
    action: Action = Action.CREATE


Event = AccountEvent | TopicEvent | SubscriptionEvent | MessageEvent


class HookFailed(Exception):
    """A plug-in did not answer in time, or answered nonsense; the text says which."""


class Hook(Protocol):
    """A program outside that is asked, or told. Source: specification 06, paragraph 6."""

    @property
    def name(self) -> str:
        """What the settings call it."""
        ...

    @property
    def failure(self) -> Reply | None:
        """What clients get when it fails to judge a packet; None: it does not count."""
        ...

    @property
    def finds(self) -> bool:
        """Whether searches are put to it."""
        ...

    def watches(self, packet: Packet) -> bool:
        """Whether packets like this one are put to it."""
        ...

    async def judge(self, asked: Asked) -> Ruling:
        """What is to become of a packet. Raises HookFailed within its time."""
        ...

    async def find(self, uid: str, query: str) -> SearchRuling:
        """What is to become of a search. Raises HookFailed within its time."""
        ...

    def wants(self, event: Event) -> bool:
        """Whether it is to be told of events like this one."""
        ...

    async def tell(self, event: Event) -> None:
        """Tell it. Raises HookFailed within its time."""
        ...

    async def open(self) -> None:
        """Get ready; it need not be reachable."""
        ...

    async def close(self) -> None:
        """Let go of what is open."""
        ...
