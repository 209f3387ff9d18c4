"""One client's request on its way through the engine, and the way back to that client."""

from collections.abc import Mapping
from typing import Protocol

from chinwag.core.state import Level
from chinwag.ports import Frame, Frames
from chinwag.wire import codec
from chinwag.wire.ctrl import Reply
from chinwag.wire.messages import Ctrl, Meta, Packet, ServerMessage


class Client(Protocol):
    """What a request and a topic need to know of a session."""

    uid: str
    level: Level
    ua: str
    lang: str
    country: str
    background: bool
    closed: bool
    attached: set[str]  # routing names of the topics the session is attached to

    def send(self, frame: Frame) -> bool:
        """Queue `frame` for the client; False: it is gone or being closed."""
        ...

    def send_all(self, frames: Frames) -> bool:
        """Queue `frames` in their order, likewise."""
        ...


def ctrl_frame(
    reply: Reply,
    ts_ms: int,
    id: str = "",
    topic: str = "",
    params: Mapping[str, object] | None = None,
) -> Frame:
    """The {ctrl} that says `reply`."""
    body = Ctrl(
        code=reply.code,
        text=reply.text,
        ts=codec.stamp(ts_ms),
        id=id,
        topic=topic,
        params=dict(params) if params else None,
    )
    return Frame(codec.encode(ServerMessage(ctrl=body)))


class Request:
    """A packet with who says it, when, and about which topic."""

    __slots__ = (
        "answered",
        "at_ms",
        "client",
        "files",
        "id",
        "level",
        "name",
        "packet",
        "sent",
        "uid",
        "unattached",
    )

    def __init__(self, client: Client, packet: Packet, at_ms: int) -> None:
        self.client = client
        self.packet = packet
        self.at_ms = at_ms
        self.id: str = getattr(packet, "id", "")
        self.sent: str = getattr(packet, "topic", "")  # the topic's name as the client wrote it
        self.name = ""  # its routing name
        self.uid = client.uid  # the acting user: `extra.obo` may name another one
        self.level = client.level
        self.files: tuple[str, ...] = ()  # `extra.attachments` as file ids
        self.answered = False
        self.unattached = False  # a program posts, which need not attach for that

    def reply(
        self, reply: Reply, params: Mapping[str, object] | None = None, *, topic: str | None = None
    ) -> None:
        """Answer with a {ctrl} that bears this request's id and a topic.

        Unless `topic` says otherwise that is the name as the client wrote it.
        """
        self.answered = True
        name = self.sent if topic is None else topic
        self.client.send(ctrl_frame(reply, self.at_ms, self.id, name, params))

    def meta(self, meta: Meta) -> None:
        """Answer with a {meta} that bears this request's id."""
        self.answered = True
        meta.id = self.id
        meta.ts = codec.stamp(self.at_ms)
        self.client.send(Frame(codec.encode(ServerMessage(meta=meta))))
