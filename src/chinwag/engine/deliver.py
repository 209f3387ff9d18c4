"""One event to frames: each view of it is rendered once and its bytes are shared.

Source: specification 03, paragraphs 2, 3.6, 5.4 and 7.3.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Raw

from chinwag.core import describe, ids, modes
from chinwag.core.presence import Command, InfoNews, News, can_hear, unfiltered
from chinwag.core.state import Member, Message, TopicState
from chinwag.engine.request import Client
from chinwag.ports import Frame, Frames
from chinwag.wire import codec
from chinwag.wire.messages import Dacs, Data, Info, Pres, SeqRange, ServerMessage

if TYPE_CHECKING:
    from chinwag.engine.topic import Attachment, Topic

NULL = Raw(b"null")
KEPT_MAX: Final = 2048  # stored messages that are kept as they go out
KEPT_BYTES: Final = 1024  # of the content of one: with its head and frames some 8 MB of all


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened in a topic, before anybody's view of it."""

    what: str
    src: str = ""  # on the topic only: the user concerned
    act: str = ""  # who did it
    tgt: str = ""  # whom it happened to
    seq: int = 0
    clear: int = 0
    delseq: tuple[SeqRange, ...] = ()
    ua: str = ""
    dacs: Dacs | None = None


Shot = tuple[Data, Client | None]  # a message, and the session that does not get it


class Volley:
    """Messages that were committed together, on their way to every attached session that may read.

    A session gets them in one go; one that is answered in between gets first what came before.
    Source: specification 03, paragraph 3.6.
    """

    __slots__ = ("_given", "_same", "_shots", "_skipping", "_state", "_topic", "_views")

    def __init__(self, topic: "Topic", state: TopicState, shots: Sequence[Shot]) -> None:
        self._topic, self._state, self._shots = topic, state, shots
        self._same = topic.kind is not ids.Kind.P2P and not state.is_channel  # for everybody
        self._skipping = {skip for _, skip in shots}
        self._given: dict[Client, int] = {}  # how many a session has got already
        self._views: dict[str, Frames] = {}

    def give(self, client: Client, end: int) -> None:
        """Give a session the first `end` messages, if it is attached."""
        attachment = self._topic.attached.get(client)
        if attachment is not None:
            self._give_part(client, attachment, end)
            self._given[client] = end

    def give_all(self) -> None:
        """Give everybody what they have not got yet: the loop that costs most of all."""
        count, own = len(self._shots), self._skipping | self._given.keys()
        for client, attachment in self._topic.attached.items() if count else ():
            if client in own:
                self._give_part(client, attachment, count)
            elif may_read(self._state, attachment):
                client.send_all(self._frames(attachment))

    def _give_part(self, client: Client, attachment: "Attachment", end: int) -> None:
        """Give a session what it has not got yet of the first `end`, but for its own."""
        start = self._given.get(client, 0)
        if start < end and may_read(self._state, attachment):
            frames, shots = self._frames(attachment), self._shots
            wanted = [frames[n] for n in range(start, end) if shots[n][1] is not client]
            client.send_all(Frames(wanted))

    def _frames(self, attachment: "Attachment") -> Frames:
        """All messages as a session sees them."""
        name, uid, reader = self._topic.name, attachment.uid, attachment.reader
        view = "" if self._same else ids.view(name, uid, reader)
        frames = self._views.get(view)
        if frames is None:
            each = [data_frame(message, view, reader=reader) for message, _ in self._shots]
            frames = self._views[view] = Frames(each)
        return frames


def data_frame(message: Data, view: str, *, reader: bool) -> Frame:
    """`message` as the viewer who knows the topic as `view` sees it; empty: as it is."""
    if view and (view != message.topic or reader):
        message = Data(
            topic=view,
            sender="" if reader else message.sender,
            ts=message.ts,
            seq=message.seq,
            head=message.head,
            content=message.content,
        )
    return Frame(codec.encode(ServerMessage(data=message)))


def stored_frame(message: Message, view: str, *, reader: bool) -> Frame:
    """The stored `message` likewise; what many ask for one after the other is made once."""
    size = len(message.content or b"") + len(message.head or b"")
    return (_kept if size <= KEPT_BYTES else _made)(message, view, reader)


def _made(message: Message, view: str, reader: bool) -> Frame:
    data = Data(
        topic=view,
        sender=message.sender,
        ts=codec.stamp(message.ts_ms),
        seq=message.seq,
        head=describe.raw(message.head),
        content=NULL if message.content is None else Raw(message.content),
    )
    return data_frame(data, view, reader=reader)


# All that is shown of a message is the key: one that has changed is another one.
_kept = lru_cache(KEPT_MAX)(_made)


def may_read(state: TopicState, attachment: "Attachment") -> bool:
    """Whether a session is given the messages of its topic."""
    member = state.members.get(attachment.uid)
    return attachment.reader or (member is not None and bool(member.eff & modes.R))


# --- presence on the topic ------------------------------------------------------------------


def on_topic(  # noqa: PLR0913 - each names one side of an audience
    topic: "Topic",
    event: Event,
    *,
    need: int = 0,
    single: str = "",
    excl: str = "",
    skip: object = None,
    readers: bool = False,
) -> None:
    """Tell attached sessions of `event` (primitive T).

    `need`: bits of which the recipient has at least one; `single`, `excl`: only, or not, this
    user; `readers`: channel readers too, without the names of users (T21).
    """
    if topic.state is None:
        return
    frames: dict[str, Frame] = {}
    for client, attachment in topic.attached.items():
        uid = attachment.uid
        if client is skip or uid == excl or (single and uid != single):
            continue
        member = topic.state.members.get(uid)
        if attachment.reader and not readers:
            continue
        if member is None or not _hears(member, event.what, need):
            continue
        view = ids.view(topic.name, uid, attachment.reader)
        if view not in frames:
            frames[view] = _pres_on_topic(event, view, reader=attachment.reader)
        client.send(frames[view])


def _hears(member: Member, what: str, need: int) -> bool:
    eff = member.eff
    if not unfiltered(what) and not eff & modes.P:
        return False
    return not need or bool(eff & need)


def _pres_on_topic(event: Event, view: str, *, reader: bool) -> Frame:
    named = not reader
    return pres_frame(
        Pres(
            topic=view,
            what=event.what,
            src=event.src if named else "",
            act=event.act if named and event.act != event.src else "",
            tgt=event.tgt if named and event.tgt != event.src else "",
            seq=event.seq,
            clear=event.clear,
            delseq=list(event.delseq) or None,
            ua=event.ua,
            dacs=event.dacs,
        )
    )


def pres_frame(pres: Pres) -> Frame:
    """The frame of one {pres}."""
    return Frame(codec.encode(ServerMessage(pres=pres)))


def to_target(topic: "Topic", uid: str, event: Event, skip: object = None) -> None:
    """Tell the attached sessions of `uid` of a change of their own rights (primitive TD)."""
    for client, attachment in topic.attached.items():
        if attachment.uid == uid and client is not skip:
            view = ids.view(topic.name, uid, attachment.reader)
            client.send(pres_frame(Pres(topic=view, what=event.what, dacs=event.dacs)))


# --- news for people's `me` -----------------------------------------------------------------


def to_members(  # noqa: PLR0913 - each names one side of an audience
    topic: "Topic",
    event: Event,
    *,
    need: int = 0,
    excl: str = "",
    skip: object = None,
    detached: bool = False,
    command: Command = "",
) -> None:
    """Tell `me` of every subscriber who may hear it (primitive M*), but not channel readers.

    What is `detached` changes nobody's contacts: where all sessions are here it is not even said.
    """
    if topic.state is None:
        return
    hears, beside = topic.hub.hears, topic.name if detached else ""
    for member in topic.state.members.values():
        if not hears(member.uid, beside) or member.uid == excl or member.gone or member.reader:
            continue
        if can_hear(member.eff, event.what, need):
            to_user(topic, member.uid, event, skip=skip, detached=detached, command=command)


def to_user(  # noqa: PLR0913 - each names one side of an audience
    topic: "Topic",
    uid: str,
    event: Event,
    *,
    skip: object = None,
    detached: bool = False,
    command: Command = "",
    ask: bool = False,
    reader: bool = False,
) -> None:
    """Tell `me` of `uid`, without a test of rights (primitives M1 and M1!).

    `ask`: the recipient's `me` answers with its own presence.
    """
    src = ids.view(topic.name, uid, reader)
    news = News(
        what=event.what,
        src=src,
        origin=topic.name,
        command=command,
        wants_reply=ask,
        seq=event.seq,
        clear=event.clear,
        ua=event.ua,
        act="" if event.act == uid else event.act,
        tgt="" if event.tgt == uid else event.tgt,
        dacs=event.dacs,
        skip=skip,
        detached=detached,
    )
    topic.hub.tell(uid, news)


# --- forwarded notes ------------------------------------------------------------------------


def info(topic: "Topic", note: Info, skip: Client) -> None:
    """Forward a note to attached readers and to `me` of those who are not attached.

    Source: specification 03, paragraph 5.4.
    """
    if topic.state is None:
        return
    for member in topic.state.members.values():
        if member.reader or member.eff & modes.P == 0 or member.eff & modes.R == 0:
            continue
        if topic.hub.hears(member.uid, topic.name) and not _hides(note, member.uid):
            info_to_user(topic, member.uid, note, skip=skip)
    info_here(topic, note, skip)


def info_here(topic: "Topic", note: Info, skip: Client | None = None) -> None:
    """Forward a note to attached sessions that may read, but not to channel readers."""
    if topic.state is None:
        return
    frames: dict[str, Frame] = {}
    for client, attachment in topic.attached.items():
        if client is skip or attachment.reader or not may_read(topic.state, attachment):
            continue
        if _hides(note, attachment.uid):
            continue
        view = ids.view(topic.name, attachment.uid)
        if view not in frames:
            frames[view] = info_frame(note, view)
        client.send(frames[view])


def _hides(note: Info, uid: str) -> bool:
    """Nobody is told of the own typing (QUIRK: but of the own recording)."""
    return note.what == "kp" and uid == note.sender


def info_to_user(
    topic: "Topic", uid: str, note: Info, *, skip: Client | None = None, everywhere: bool = False
) -> None:
    """Forward a note to `me` of `uid`; `everywhere`: also to sessions attached to the topic."""
    news = InfoNews(
        what=note.what,
        src=ids.view(topic.name, uid),
        origin=topic.name,
        sender=note.sender,
        seq=note.seq,
        event=note.event,
        payload=None if note.payload is None else bytes(note.payload),
        skip=skip,
        everywhere=everywhere,
    )
    topic.hub.tell(uid, news)


def info_frame(note: Info, view: str, src: str = "") -> Frame:
    """The frame of one {info} about the topic that the recipient knows as `view`."""
    seen = Info(
        topic=view,
        src=src,
        sender=note.sender,
        what=note.what,
        seq=note.seq,
        event=note.event,
        payload=note.payload,
    )
    return Frame(codec.encode(ServerMessage(info=seen)))
