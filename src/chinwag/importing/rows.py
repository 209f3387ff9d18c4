"""The tables of a Tinode database, column by column; what is absent has a default.

Columns are read by their names: their order depends on how the database was made.
Source: specification 05, paragraphs 5 and 11.
"""

from datetime import datetime
from typing import Any, ClassVar, TypeVar

import msgspec

Json = str | None
R = TypeVar("R", bound="Row")


class Row(msgspec.Struct, frozen=True):
    """A row of `table`; its `id` is what it is called when it cannot be read."""

    table: ClassVar[str]
    id: int


class Person(Row, frozen=True):
    """An account."""

    table: ClassVar[str] = "users"
    createdat: datetime
    updatedat: datetime
    state: int = 0
    stateat: datetime | None = None
    access: Json = None
    lastseen: datetime | None = None
    useragent: str | None = ""
    public: Json = None
    trusted: Json = None
    tags: Json = None


class Secret(Row, frozen=True):
    """What somebody logs in with."""

    table: ClassVar[str] = "auth"
    uname: str
    userid: int
    scheme: str
    authlvl: int
    secret: str
    expires: datetime | None = None


class Address(Row, frozen=True):
    """An e-mail address or telephone number."""

    table: ClassVar[str] = "credentials"
    createdat: datetime
    updatedat: datetime
    method: str
    value: str
    userid: int
    deletedat: datetime | None = None
    done: bool = False
    retries: int | None = 0


class Device(Row, frozen=True):
    """Where notifications go."""

    table: ClassVar[str] = "devices"
    userid: int
    deviceid: str
    lastseen: datetime
    platform: str | None = ""
    lang: str | None = ""


class Topic(Row, frozen=True):
    """A group, channel, conversation or notebook."""

    table: ClassVar[str] = "topics"
    createdat: datetime
    updatedat: datetime
    name: str
    state: int = 0
    stateat: datetime | None = None
    touchedat: datetime | None = None
    usebt: bool = False
    owner: int | None = 0
    access: Json = None
    seqid: int = 0
    delid: int = 0
    public: Json = None
    trusted: Json = None
    tags: Json = None
    aux: Json = None


class Sub(Row, frozen=True):
    """A subscription."""

    table: ClassVar[str] = "subscriptions"
    createdat: datetime
    updatedat: datetime
    userid: int
    topic: str
    deletedat: datetime | None = None
    delid: int = 0
    recvseqid: int = 0
    readseqid: int = 0
    modewant: str | None = None
    modegiven: str | None = None
    private: Json = None


class Said(Row, frozen=True):
    """A message, or where one was."""

    table: ClassVar[str] = "messages"
    createdat: datetime
    seqid: int
    topic: str
    author: int | None = msgspec.field(name="from")
    deletedat: datetime | None = None
    delid: int | None = 0
    head: Json = None
    content: Json = None


class Gone(Row, frozen=True):
    """Deleted messages: [low, hi) in deletion `delid`, for one user or for everybody."""

    table: ClassVar[str] = "dellog"
    topic: str
    delid: int
    low: int
    hi: int
    deletedfor: int | None = 0


class Upload(Row, frozen=True):
    """An uploaded file."""

    table: ClassVar[str] = "fileuploads"
    createdat: datetime
    updatedat: datetime
    status: int
    userid: int | None = None
    mimetype: str | None = ""
    size: int | None = 0
    location: str | None = ""


class Link(Row, frozen=True):
    """What uses a file: a message, a topic or an account."""

    table: ClassVar[str] = "filemsglinks"
    fileid: int
    msgid: int | None = None
    topic: str | None = None
    userid: int | None = None


def fields_of(kind: type[Row]) -> list[str]:
    """The columns of a table that are of use."""
    return [f.encode_name for f in msgspec.structs.fields(kind)]


def row_of(kind: type[R], found: dict[str, Any]) -> R:
    """The row that the database has given. Raises msgspec.ValidationError."""
    return msgspec.convert(found, kind, strict=False)


def rows_of(kind: type[R], found: list[dict[str, Any]]) -> list[R]:
    """The same of several rows, which is faster. Raises msgspec.ValidationError."""
    return msgspec.convert(found, list[kind], strict=False)  # type: ignore[valid-type]  # known at run time
