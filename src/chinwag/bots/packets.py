"""What a server says, as far as bots care.

Source: specification 01, paragraph 7.
"""

from typing import Any

import msgspec
from msgspec import Struct


class Ctrl(Struct):
    """The answer to a request, or news of the session."""

    id: str = ""
    topic: str = ""
    code: int = 0
    text: str = ""
    params: dict[str, Any] | None = None

    def param(self, name: str) -> Any:
        """One of the params; None: there is none."""
        return (self.params or {}).get(name)


class Data(Struct):
    """A message in a topic."""

    topic: str
    seq: int
    sender: str = msgspec.field(name="from", default="")
    ts: str = ""
    head: dict[str, Any] | None = None
    content: Any = None


class Modes(Struct):
    """Access modes: what somebody wants, what was given, and what both allow."""

    want: str = ""
    given: str = ""
    mode: str = ""


class Pres(Struct):
    """Presence and other news of a topic."""

    topic: str
    what: str
    src: str = ""
    seq: int = 0
    tgt: str = ""
    act: str = ""
    dacs: Modes | None = None


class Entry(Struct):
    """One of the subscriptions of a {meta}: a member of a group, or a topic of `me`."""

    topic: str = ""
    user: str = ""
    acs: Modes | None = None
    seq: int = 0
    read: int = 0
    public: Any = None
    trusted: Any = None
    online: bool = False
    updated: str = ""
    deleted: str = ""


class Desc(Struct):
    """A description of a topic."""

    seq: int = 0
    read: int = 0
    acs: Modes | None = None
    public: Any = None
    trusted: Any = None
    private: Any = None


class Meta(Struct):
    """What is known of a topic."""

    id: str = ""
    topic: str = ""
    desc: Desc | None = None
    sub: list[Entry] | None = None


class Info(Struct):
    """What somebody does in a topic: types, has read up to `seq`."""

    topic: str
    what: str
    sender: str = msgspec.field(name="from", default="")
    seq: int = 0


class Packet(Struct):
    """Exactly one of these."""

    ctrl: Ctrl | None = None
    data: Data | None = None
    pres: Pres | None = None
    meta: Meta | None = None
    info: Info | None = None


News = Data | Pres | Ctrl | Info  # what nobody has asked for

_DECODER = msgspec.json.Decoder(Packet)


def decode(frame: bytes) -> Packet:
    """The packet in `frame`; what cannot be read is empty."""
    try:
        return _DECODER.decode(frame)
    except msgspec.MsgspecError:
        return Packet()


def encode(message: dict[str, Any]) -> bytes:
    """The frame that says `message`."""
    return msgspec.json.encode(message)
