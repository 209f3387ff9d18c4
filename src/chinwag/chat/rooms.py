"""What a person sees of conversations: names, who is there, what is not read.

Pure: knows no terminal and no connection.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from chinwag.bots.packets import Data, Entry, Info, Meta, Packet, Pres
from chinwag.chat.errors import BadCommand
from chinwag.chat.rendering import Pieces, clean, line_of, message, notice
from chinwag.core.documents import Document

TYPING_S: Final = 4.0  # how long somebody is seen to type
MESSAGES_MAX: Final = 500  # kept for each conversation
ROOMS_MAX: Final = 10_000


@dataclass(slots=True)
class Room:
    """A conversation."""

    name: str
    title: str = ""
    seq: int = 0
    read: int = 0
    online: bool = False
    people: dict[str, str] = field(default_factory=dict)  # names by user id
    typing: dict[str, float] = field(default_factory=dict)  # until when
    messages: dict[int, Data] = field(default_factory=dict)
    seen: int = 0  # what somebody else has read

    @property
    def unread(self) -> int:
        """How many messages are not read."""
        return max(0, self.seq - self.read)

    @property
    def shown(self) -> str:
        """Its name for people."""
        return clean(self.title or self.name)

    def keep(self, data: Data) -> None:
        """Remember a message."""
        self.messages[data.seq] = data
        self.seq = max(self.seq, data.seq)
        if len(self.messages) > MESSAGES_MAX:
            del self.messages[min(self.messages)]

    def types(self, now: float) -> list[str]:
        """Who types, as user ids."""
        return [uid for uid, until in self.typing.items() if until > now]


def title_of(public: Any) -> str:
    """The name in a card."""
    name = public.get("fn") if isinstance(public, dict) else None
    return line_of(name) if isinstance(name, str) else ""


class Rooms:
    """All conversations of somebody."""

    def __init__(self) -> None:
        self.me = ""
        self.all: dict[str, Room] = {}
        self.current: Room | None = None
        self.loading = ""  # the conversation whose messages come newest first just now
        self.stale = False  # there is news of a conversation that is not known here

    def room(self, name: str) -> Room:
        """The conversation `name`, known or not."""
        if name not in self.all and len(self.all) < ROOMS_MAX:
            self.all[name] = Room(name)
        return self.all.get(name) or Room(name)

    def author(self, room: Room, uid: str) -> str:
        """The name of somebody in a conversation; nobody is the conversation itself."""
        if not uid:
            return room.shown
        known = self.all.get(uid)
        return room.people.get(uid) or (known.title if known is not None else "") or uid

    def find(self, text: str) -> Room:
        """The conversation that somebody calls `text`. Raises BadCommand."""
        if text in self.all:
            return self.all[text]
        wanted = text.casefold()
        listed = [r for r in self.all.values() if r.title.casefold() == wanted] or [
            r for r in self.all.values() if r.title.casefold().startswith(wanted)
        ]
        if len(listed) == 1:
            return listed[0]
        names = ", ".join(f"{r.shown} ({r.name})" for r in listed[:5])
        raise BadCommand(
            f"Which {text}? {names}."
            if listed
            else f"There is no conversation {text}: see /topics."
        )

    def by_news(self) -> list[Room]:
        """All conversations, those with unread messages first."""
        return sorted(self.all.values(), key=lambda r: (not r.unread, r.shown.casefold()))

    def hear(self, packet: Packet, now: float) -> Iterator[Pieces]:
        """Take what the server says; what is to be shown of it."""
        if packet.data is not None:
            yield from self._data(packet.data)
        elif packet.pres is not None:
            yield from self._pres(packet.pres)
        elif packet.info is not None:
            self._info(packet.info, now)
        elif packet.meta is not None:
            self._meta(packet.meta)

    def _data(self, data: Data) -> Iterator[Pieces]:
        room = self.room(data.topic)
        known = data.seq in room.messages
        room.keep(data)
        room.typing.pop(data.sender, None)
        mine = data.sender == self.me
        if mine:
            room.read = max(room.read, data.seq)
        if known or room.name == self.loading:
            return
        if room is self.current:
            room.read = max(room.read, data.seq)
            yield self.line(room, data)
        elif not mine:
            said = line_of(Document.read(data.content).plain)
            author = "" if room.name.startswith("usr") else f"{self.author(room, data.sender)}: "
            yield notice(f"{room.shown}: {author}{said}")

    def line(self, room: Room, data: Data) -> Pieces:
        """A message as it is shown."""
        mine = data.sender == self.me
        return message(data, "me" if mine else self.author(room, data.sender), mine=mine)

    def _pres(self, pres: Pres) -> Iterator[Pieces]:
        if pres.topic != "me":
            if pres.what == "del" and self.current is self.all.get(pres.topic):
                yield notice("Messages have been deleted.")
            return
        name = pres.src
        if name not in self.all:
            self.stale = self.stale or pres.what in ("msg", "acs", "on", "upd")
            return
        room = self.all[name]
        match pres.what:
            case "on" | "off":
                room.online = pres.what == "on"
            case "msg":
                news = pres.seq > room.seq and pres.act != self.me
                room.seq = max(room.seq, pres.seq)
                if news and room is not self.current:
                    yield notice(f"{room.shown} has {room.unread} unread: /open {room.shown}")
            case "read":
                room.read = max(room.read, pres.seq)
            case "gone":
                del self.all[name]
                yield notice(f"{room.shown} is gone.")
            case _:
                self.stale = True

    def _info(self, info: Info, now: float) -> None:
        room = self.all.get(info.topic)
        if room is None or info.sender == self.me:
            return
        if info.what == "kp":
            room.typing = {uid: until for uid, until in room.typing.items() if until > now}
            room.typing[info.sender] = now + TYPING_S
        elif info.what == "read":
            room.seen = max(room.seen, info.seq)

    def _meta(self, meta: Meta) -> None:
        if meta.topic == "me":
            for entry in meta.sub or []:
                self._entry(entry)
            return
        room = self.room(meta.topic)
        if meta.desc is not None:
            room.title = title_of(meta.desc.public) or room.title
            room.seq = max(room.seq, meta.desc.seq)
            room.read = max(room.read, meta.desc.read)
        for entry in meta.sub or []:
            room.people[entry.user] = title_of(entry.public) or self.author(room, entry.user)

    def _entry(self, entry: Entry) -> None:
        """One of my conversations."""
        if entry.deleted:
            self.all.pop(entry.topic, None)
            return
        room = self.room(entry.topic)
        room.title = title_of(entry.public) or room.title
        room.seq, room.read = max(room.seq, entry.seq), max(room.read, entry.read)
        room.online = entry.online
