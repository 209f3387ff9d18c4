"""Plain state: what a topic, a member, an account and a message are to the rules.

User ids are texts in canonical form (`usr…`), topics bear their routing names (`usr…` for `me`,
`fnd…`, `slf…`, `p2p…`, `grp…`, `sys`), instants are integer milliseconds UTC, free-form values
are raw JSON (`None`: absent) and access modes are bit masks.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from chinwag.core.ranges import Range


class Level(IntEnum):
    """How far a session has proven who it is. Source: specification 01, paragraph 5.2."""

    NONE = 0
    ANON = 10
    AUTH = 20
    ROOT = 30


class State(IntEnum):
    """State of an account or topic. Source: specification 04, paragraph 1.3."""

    OK = 0
    SUSPENDED = 10
    DELETED = 20


@dataclass(slots=True)
class Member:
    """One subscription to a topic."""

    uid: str
    want: int
    given: int
    read: int = 0
    recv: int = 0
    clear: int = 0  # id of the last deletion that concerns this member
    private: bytes | None = None
    created_ms: int = 0
    updated_ms: int = 0
    gone: bool = False  # soft-deleted record of a p2p party: modes are kept, nothing else counts
    reader: bool = False  # channel reader: the record stands under the chn… name
    online: int = 0  # attached foreground sessions; never stored
    doubted: bool = False  # nobody knows how a change of the rights ended; never stored

    @property
    def eff(self) -> int:
        """The effective mode: who may have lost a right has none until that is known."""
        return 0 if self.gone or self.doubted else self.want & self.given


@dataclass(slots=True)
class TopicState:
    """A topic with its members, as its actor knows it."""

    name: str
    created_ms: int
    updated_ms: int
    touched_ms: int
    seq: int = 0
    clear: int = 0  # id of the last deletion of any kind
    clear_hard: int = 0  # id of the last deletion for everybody
    call: int = 0  # seq of the message that started the call going on; 0: there is none
    owner: str | None = None
    auth: int = 0  # default access of authenticated users
    anon: int = 0  # default access of guests
    is_channel: bool = False
    read_only: bool = False  # owner or a p2p party is suspended
    state: State = State.OK
    public: bytes | None = None
    trusted: bytes | None = None
    aux: bytes | None = None
    tags: list[str] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)  # full members; readers while attached
    readers_count: int = 0  # stored live channel readers


@dataclass(slots=True)
class User:
    """An account."""

    uid: str
    created_ms: int
    updated_ms: int
    state: State = State.OK
    auth: int = 0  # default access granted to authenticated users
    anon: int = 0
    public: bytes | None = None
    trusted: bytes | None = None
    tags: list[str] = field(default_factory=list)
    seen_ms: int | None = None
    ua: str = ""
    tokens_void_s: int = 0  # tokens that expire at or before this Unix second are void …
    tokens_kept_s: int = 0  # … but those that expire at this one; 0: none
    secret_changed_s: int = 0  # short-lived secrets made at or before this Unix second are void


@dataclass(slots=True)
class AuthRecord:
    """A secret somebody logs in with. `unique` is unique among the records of `scheme`."""

    scheme: str
    unique: str
    uid: str
    level: Level
    secret: bytes
    expires_ms: int | None = None


class Draft(NamedTuple):
    """A message on its way into the store."""

    topic: str
    seq: int
    sender: str
    ts_ms: int
    head: bytes | None
    content: bytes | None
    marks: bool  # the sender has read it: set read and recv of the sender's subscription
    files: tuple[str, ...] = ()  # ids of uploaded files the message keeps alive
    call: int | None = None  # seq of the call that is open from now on, 0: none; None: as before
    digest: int | None = None  # by which it is known if it comes again
    once: bool = False  # the client named the digest itself
    by: str = ""  # the user of the session, who may act for the sender


class Message(NamedTuple):
    """A stored message."""

    seq: int
    sender: str
    ts_ms: int
    head: bytes | None
    content: bytes | None


class Contact(NamedTuple):
    """One row of a user's subscription list, joined with what it is a subscription to.

    Source: specification 04, paragraph 2.4; specification 02, paragraph 8.2.
    """

    name: str  # routing name; chn… for a channel reader
    want: int
    given: int
    read: int
    recv: int
    clear: int
    private: bytes | None
    updated_ms: int  # later of subscription, topic and (p2p) the other user's profile
    deleted_ms: int | None
    touched_ms: int
    seq: int
    subcnt: int
    is_channel: bool
    public: bytes | None  # of the topic; of the other user (p2p)
    trusted: bytes | None
    seen_ms: int | None  # p2p only
    ua: str


class Subscriber(NamedTuple):
    """One row of a topic's member list, joined with the member's profile."""

    uid: str
    want: int
    given: int
    read: int
    recv: int
    clear: int
    private: bytes | None
    updated_ms: int
    deleted_ms: int | None
    public: bytes | None
    trusted: bytes | None
    profile_ms: int  # when the profile was last changed


class Found(NamedTuple):
    """One search result. Source: specification 04, paragraph 7.4."""

    name: str  # usr… or grp…
    is_channel: bool
    updated_ms: int
    auth: int
    anon: int
    subcnt: int
    public: bytes | None
    trusted: bytes | None
    matched: list[str]


class Deletion(NamedTuple):
    """What {get del} answers: ranges and the newest deletion id among them."""

    ranges: list[Range]
    clear: int
