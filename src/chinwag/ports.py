"""Every seam: what the engine asks of the outside, and what the outside asks of the engine."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from chinwag.core.notify import Push
from chinwag.core.pages import Preview
from chinwag.core.scope import Scope
from chinwag.core.state import AuthRecord, Level, State, User


class Frame:
    """One outgoing message, encoded once and shared by all who get it.

    `framed` is the WebSocket framing of `body` and `packed` the same message in protobuf, each
    filled in by the first connection that sends it.
    """

    __slots__ = ("body", "framed", "packed")

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.framed: bytes | None = None
        self.packed: bytes | None = None


class Frames(list[Frame]):
    """Messages one after the other, shared by all who get just these.

    `framed` is the WebSocket framing of each and the size of all of them, filled in likewise.
    """

    __slots__ = ("framed",)

    def __init__(self, frames: Iterable[Frame]) -> None:
        super().__init__(frames)
        self.framed: tuple[list[bytes], int] | None = None


class Outbox(Protocol):
    """The way to one client."""

    def put(self, frame: Frame) -> bool:
        """Queue `frame`; never waits, never reorders.

        False: the client is gone, or its limit is reached and it is being closed.
        """
        ...

    def put_all(self, frames: Frames) -> bool:
        """Queue several frames in their order, likewise."""
        ...

    def close(self) -> None:
        """Send what is queued, then end the connection."""
        ...

    def hold(self, on: bool) -> None:
        """Stop reading from the client (`True`) or go on (`False`)."""
        ...


class Receiver(Protocol):
    """One client's session, as its transport sees it."""

    def feed(self, message: bytes) -> None:
        """Take one whole message; returns at once."""
        ...

    def gone(self) -> None:
        """The connection is lost or closed; called exactly once."""
        ...


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end of a connection."""

    remote_addr: str
    transport: Literal["websocket", "longpoll", "grpc"]


Accept = Callable[[Outbox, Peer], Receiver | None]
"""Makes the session of a new connection; None: the server is full or draining."""


class Clock(Protocol):
    """What time it is."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC; never goes backwards."""
        ...


class Entropy(Protocol):
    """Where unpredictable numbers come from."""

    def number(self) -> int:
        """A fresh unsigned 64-bit number, never 0."""
        ...

    def token(self) -> str:
        """A fresh URL-safe text of at least 128 random bits."""
        ...


class Passwords(Protocol):
    """Hashes passwords without blocking the loop."""

    async def hash(self, password: str) -> bytes:
        """A hash of `password`."""
        ...

    async def verify(self, password: str, stored: bytes | None) -> bool:
        """Whether `password` belongs to `stored`; with None just as slow, and False."""
        ...

    def outdated(self, stored: bytes) -> bool:
        """Whether `stored` should be replaced by a fresh hash at the next log-in."""
        ...


Settle = Callable[[str], Awaitable[None]]
"""Called with the user id once a secret has done its work. Raises Refused."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody known elsewhere who has no account here yet: what it is to be made of."""

    tags: list[str]
    auth: int  # default access of users, and of guests
    anon: int
    public: bytes | None = None
    trusted: bytes | None = None
    private: bytes | None = None


@dataclass(slots=True)
class Identity:
    """What an authenticator says of a secret."""

    uid: str  # empty: `newcomer` says which account to make
    level: Level
    validated: bool = False  # credentials need not be checked again
    no_login: bool = False  # good for one change of the account, not for a session
    mailed: bool = False  # a token that came in a mail
    expires_ms: int | None = None  # when the secret itself ends
    renews: bool = False  # a log-in with it is good for longer than itself
    ended: Callable[[User], bool] | None = None  # whether it was ended before its time
    state: State | None = None  # None: the authenticator did not look
    scope: Scope | None = None  # what a session with it may do; None: what the user may
    again: str = ""  # base64: to be shown at the next log-in; empty: a token that is made now
    challenge: bytes | None = None  # to be answered first; nothing else is known yet
    newcomer: Newcomer | None = None
    settle: Settle | None = None


@dataclass(frozen=True, slots=True)
class Applicant:
    """An account that is about to be made."""

    user: User
    private: bytes | None
    secret: bytes
    address: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What an authenticator adds to a new account."""

    level: Level
    record: AuthRecord | None = None  # to be stored with the account; None: nothing
    tags: list[str] = field(default_factory=list)
    expires_ms: int | None = None  # when the secret ends
    validated: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """What a secret that is to be made is good for."""

    user: User
    level: Level
    validated: bool = False
    no_login: bool = False
    life_s: int = 0  # 0: as long as usual


@dataclass(frozen=True, slots=True)
class Issued:
    """A secret as the client gets it."""

    text: str  # standard base64
    expires_ms: int


class Authenticator(Protocol):
    """One way to log in. Source: specification 04, paragraph 4."""

    @property
    def name(self) -> str:
        """What clients call it."""
        ...

    def subject(self, secret: bytes) -> str:
        """Whom guesses like `secret` are aimed at; empty: it cannot be guessed."""
        ...

    async def authenticate(self, secret: bytes, address: str) -> Identity:
        """Who `secret` belongs to. Raises Refused."""
        ...

    async def check_new(self, secret: bytes, address: str) -> None:
        """Let `secret` be that of a new account.

        Raises Refused with params {"what": "auth"} where it is unacceptable or taken.
        """
        ...

    async def enrol(self, applicant: Applicant) -> Enrolled:
        """What a new account will log in with. Raises Refused where the password is too weak."""
        ...

    async def change(self, user: User, secret: bytes, address: str) -> list[str] | None:
        """Replace the secret of `user`; all tags of the account, None: there was nothing to do.

        Raises Refused.
        """
        ...

    async def log_in_name(self, uid: str) -> str | None:
        """What `uid` logs in as; None: not this way."""
        ...

    async def forget(self, uid: str) -> None:
        """The account `uid` is about to be deleted. Raises Refused where it may not be."""
        ...

    async def generate(self, grant: Grant) -> Issued | None:
        """A secret with which somebody comes back; None: the server's own token. Raises Refused.

        Only who is called `token` is asked.
        """
        ...

    def tag_of(self, term: str) -> str | None:
        """The tag that a bare word of a search stands for as well; None: none."""
        ...

    async def open(self) -> None:
        """Get ready; called once, before the first client."""
        ...

    async def close(self) -> None:
        """Let go of what is open."""
        ...


@dataclass(frozen=True, slots=True)
class Notice:
    """A code on its way to somebody."""

    kind: Literal["confirm", "reset"]
    to: str  # the address in its normal form
    code: str
    life_s: int
    lang: str = ""  # as the client told it
    token: str = ""  # with which the address is confirmed without logging in
    scheme: str = ""  # of a reset: how the person logs in, and as whom
    login: str = ""


class Undelivered(Exception):
    """A message could not be sent; the text says why, for the log."""


class Sms(Protocol):
    """Sends text messages."""

    async def send(self, to: str, text: str) -> None:
        """Hand over one text message to the number `to`. Raises Undelivered."""
        ...

    async def close(self) -> None:
        """Let go of what is open."""
        ...


@dataclass(frozen=True, slots=True)
class Letter:
    """One push as it is handed over. Source: specification 03, paragraph 8.1."""

    id: str  # the same each time that it is tried
    push: Push
    unread: Mapping[str, int]  # how much each user has to read; nobody: not known
    left_s: int  # seconds until nobody wants it any more


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of a push; devices that are not named have it, or it cannot be helped."""

    later: frozenset[str] = frozenset()  # devices to be tried again
    gone: frozenset[str] = frozenset()  # devices that are no more
    after_s: float = 0.0  # not to be tried again earlier


class PushSink(Protocol):
    """Carries pushes to devices. Source: specification 03, paragraph 8."""

    async def send(self, letter: Letter) -> Carried:
        """Hand a push over; what failed for now is named. Takes as long as it takes, in bounds."""
        ...

    async def close(self) -> None:
        """Let go of what is open."""
        ...


class Validator(Protocol):
    """Confirms that somebody is reached at an address. Source: specification 04, paragraph 5."""

    @property
    def name(self) -> str:
        """The method, such as `email`."""
        ...

    def normalise(self, value: str, country: str) -> str:
        """The one form of an address. Raises Refused: malformed, or against the policy."""
        ...

    async def send(self, notice: Notice) -> None:
        """Send a code, or Undelivered. Takes as long as it takes, within bounds."""
        ...

    async def close(self) -> None:
        """Let go of what is open."""
        ...


class TooLarge(Exception):
    """An upload exceeds its limit."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes that are safe."""

    location: str
    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Served:
    """A file to be given to a client."""

    path: Path
    mime: str
    etag: str


class MediaStore(Protocol):
    """Keeps the bytes of uploaded files."""

    async def save(self, name: str, chunks: AsyncIterator[bytes], limit: int) -> Stored:
        """Keep `chunks` durably under `name`; all or nothing. Raises TooLarge above `limit` bytes.

        Raises OSError where the disk does not take them.
        """
        ...

    def path(self, location: str) -> Path:
        """Where the bytes are."""
        ...

    async def remove(self, location: str) -> None:
        """Forget the bytes."""
        ...

    def listed(self) -> AsyncIterator[list[tuple[str, str]]]:
        """Names and locations of all that is kept and is older than an hour, in portions."""
        ...


class Unreachable(Exception):
    """A page cannot be looked at; the text says why, for the log."""


class Previews(Protocol):
    """Looks at pages of the web."""

    async def preview(self, url: str) -> Preview:
        """What the page at `url` says of itself. Raises Refused, Unreachable."""
        ...


class Uploads(Protocol):
    """Who may upload and download, and the records of files."""

    async def user(self, scheme: str, secret: bytes, address: str = "") -> str:
        """The user id that `secret` proves to a client at `address`. Raises Refused."""
        ...

    async def root(self, scheme: str, secret: bytes, address: str = "") -> str:
        """The administrator that `secret` proves to a client at `address`. Raises Refused."""
        ...

    def user_of_session(self, sid: str) -> str | None:
        """The user of a live session; None: nobody has logged in there."""
        ...

    def admit(self, uid: str | None, address: str) -> None:
        """Let one more upload begin. Raises Refused where there are too many."""
        ...

    async def save(
        self, uid: str | None, mime: str, chunks: AsyncIterator[bytes], limit: int
    ) -> str:
        """Keep a new file; its id. Raises TooLarge."""
        ...

    async def own(self, fid: str, uid: str) -> None:
        """Note who has uploaded a file, where that is known only now."""
        ...

    async def discard(self, fid: str) -> None:
        """Forget a file that was just uploaded."""
        ...

    async def find(self, fid: str) -> Served | None:
        """The file `fid` if all its bytes are there."""
        ...

    async def is_picture(self, fid: str) -> bool:
        """Whether anybody may see `fid`: it is the picture of a user or group."""
        ...
