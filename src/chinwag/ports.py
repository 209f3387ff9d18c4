"""Every seam: what the engine asks of the outside, and what the outside asks of the engine."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from chinwag.core.state import AuthRecord, Level, State


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


class Outbox(Protocol):
    """The way to one client."""

    def put(self, frame: Frame) -> bool:
        """Queue `frame`; never waits, never reorders.

        False: the client is gone, or its limit is reached and it is being closed.
        """
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


@dataclass(slots=True)
class Identity:
    """What an authenticator says of a secret."""

    uid: str
    level: Level
    validated: bool = False  # credentials need not be checked again
    no_login: bool = False  # good for one change of the account, not for a session
    expires_ms: int | None = None  # when the secret itself ends
    state: State | None = None  # None: the authenticator did not look


class Authenticator(Protocol):
    """One way to log in. Source: specification 04, paragraph 4."""

    @property
    def name(self) -> str:
        """What clients call it."""
        ...

    async def authenticate(self, secret: bytes) -> Identity:
        """Who `secret` belongs to. Raises Refused."""
        ...

    async def check_new(self, secret: bytes) -> None:
        """Let `secret` be that of a new account.

        Raises Refused with params {"what": "auth"} where it is unacceptable or taken.
        """
        ...

    async def prepare(self, uid: str, secret: bytes) -> AuthRecord | None:
        """The record a new account `uid` will log in with; None: nothing to store.

        Raises Refused where the password is too weak.
        """
        ...

    async def change(self, uid: str, secret: bytes) -> list[str] | None:
        """Replace the secret of `uid`; all tags of the account, None: there was nothing to do.

        Raises Refused.
        """
        ...

    def tags(self, record: AuthRecord) -> list[str]:
        """The tags an account gets for having `record`."""
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


class Uploads(Protocol):
    """Who may upload and download, and the records of files."""

    async def user(self, scheme: str, secret: bytes) -> str:
        """The user id that `secret` proves. Raises Refused."""
        ...

    async def save(
        self, uid: str | None, mime: str, chunks: AsyncIterator[bytes], limit: int
    ) -> str:
        """Keep a new file; its id. Raises TooLarge."""
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
