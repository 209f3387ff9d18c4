"""What people do in a chat, each a word with a `/` before it.

Knows no terminal: it is told how to show something.
"""

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final

from chinwag.bots import forms
from chinwag.bots.files import Files, files_in
from chinwag.bots.packets import Data
from chinwag.bots.pictures import NoPicture
from chinwag.chat import commands
from chinwag.chat.client import Answer, Client
from chinwag.chat.commands import Request
from chinwag.chat.errors import BadCommand
from chinwag.chat.rendering import Pieces, line_of, notice
from chinwag.chat.rooms import Room, Rooms
from chinwag.chat.values import read_file, write_file
from chinwag.core.documents import ATTACHED, MIME, Document, Entity, Span
from chinwag.core.markdown import markdown

HISTORY: Final = 24  # messages that are shown when a conversation is opened
HISTORY_MAX: Final = 100  # servers give no more at once
Deed = Callable[["Deeds", str], Awaitable[None]]


class Deeds:
    """Somebody's hands in the chat."""

    def __init__(self, client: Client, rooms: Rooms, show: Callable[[Pieces], None]) -> None:
        self.client = client
        self.rooms = rooms
        self.show = show
        self.files = Files(client.line)
        self.earliest = 0  # of what is shown

    def here(self) -> Room:
        """Where we are. Raises BadCommand."""
        if self.rooms.current is None:
            raise BadCommand("Where? Open a conversation: /open NAME; /topics lists them.")
        return self.rooms.current

    async def ask(self, kind: str, answers: int = 1, **body: Any) -> Answer:
        """The answer to a request, which is no refusal. Raises BadCommand, Lost."""
        extra = {"attachments": body.pop("attachments")} if "attachments" in body else {}
        answer = await self.client.ask(Request(kind, body, extra, answers))
        if answer.is_refusal:
            raise BadCommand(answer.sentence)
        return answer

    async def refresh(self) -> None:
        """Learn anew which conversations there are."""
        self.rooms.stale = False
        if ("", "me") in self.client.attached:
            await self.ask("get", topic="me", what="sub")
        else:
            await self.ask("sub", 2, topic="me", get={"what": "sub"})

    async def say(self, text: str) -> None:
        """Say `text`, which is Markdown."""
        await self._publish(self.here(), markdown(text))

    async def _publish(self, room: Room, document: Document, **head: object) -> None:
        if document.spans:
            head["mime"] = MIME
        refs = [str(e.data["ref"]) for e in document.entities if e.data.get("ref")]
        body: dict[str, Any] = {"topic": room.name, "content": document.wire}
        if head:
            body["head"] = head
        if refs:
            body["attachments"] = refs
        await self.ask("pub", **body)

    # --- conversations -----------------------------------------------------------------

    async def topics(self, _: str) -> None:
        """/topics: list the conversations, those with unread messages first."""
        for room in self.rooms.by_news():
            unread = f" · {room.unread} unread" if room.unread else ""
            there = " · is there" if room.online and room.name.startswith("usr") else ""
            self.show([("bold", room.shown), ("class:dim", f"  {room.name}{there}{unread}")])
        if not self.rooms.all:
            self.show(
                notice("There are no conversations yet: /find somebody, or make a /new group.")
            )

    async def open(self, text: str) -> None:
        """/open NAME: go to a conversation, by its title or the name of its topic."""
        if not text:
            raise BadCommand("/open: which conversation?")
        try:
            name = self.rooms.find(text).name
        except BadCommand:
            if not text.startswith(("usr", "grp", "chn", "slf")):
                raise
            name = text
        await self.enter(name)

    async def enter(self, name: str) -> None:
        """Go to the conversation `name`, and show how it ends. Raises BadCommand, Lost."""
        is_new = name not in self.rooms.all
        room = self.rooms.room(name)
        get = {"what": "desc sub data", "data": {"limit": HISTORY}}
        try:
            with self._loading(room):
                if ("", name) in self.client.attached:
                    await self.ask("get", 3, topic=name, **get)
                else:
                    await self.ask("sub", 4, topic=name, get=get)
        except BadCommand:
            if is_new:
                self.rooms.all.pop(name, None)
            raise
        self.rooms.current = room
        self.show(notice(f"{room.shown} ({name})"))
        self._list(room, sorted(room.messages)[-HISTORY:])
        await self.mark()

    async def resume(self) -> None:
        """Attach again to where we are, and show what was said meanwhile. Raises Lost."""
        room = self.rooms.current
        if room is None:
            return
        last = max(room.messages, default=0)
        get = {"what": "data", "data": {"since": last + 1, "limit": HISTORY_MAX}}
        with self._loading(room):
            await self.ask("sub", 2, topic=room.name, get=get)
        for seq in sorted(seq for seq in room.messages if seq > last):
            self.show(self.rooms.line(room, room.messages[seq]))
        await self.mark()

    @contextlib.contextmanager
    def _loading(self, room: Room) -> Iterator[None]:
        """The messages of `room` come newest first: they are not shown as they come."""
        self.rooms.loading = room.name
        try:
            yield
        finally:
            self.rooms.loading = ""

    def _list(self, room: Room, seqs: list[int]) -> None:
        for seq in seqs:
            self.show(self.rooms.line(room, room.messages[seq]))
        self.earliest = min(seqs, default=0)

    async def mark(self) -> None:
        """Tell the others that we have read what is here."""
        room = self.rooms.current
        if room is not None and room.seq:
            room.read = room.seq
            await self.client.line.note(topic=room.name, what="read", seq=room.seq)

    async def next(self, _: str) -> None:
        """/next: go to a conversation with unread messages."""
        room = next(
            (r for r in self.rooms.by_news() if r.unread and r is not self.rooms.current), None
        )
        if room is None:
            raise BadCommand("Everything is read.")
        await self.enter(room.name)

    async def history(self, text: str) -> None:
        """/history [N]: show N earlier messages."""
        room, most = self.here(), min(_number(text or str(HISTORY)), HISTORY_MAX)
        before = self.earliest or room.seq + 1
        with self._loading(room):
            data = {"before": before, "limit": most}
            await self.ask("get", topic=room.name, what="data", data=data)
        earlier = [seq for seq in sorted(room.messages) if seq < before][-most:]
        if not earlier:
            raise BadCommand("There is nothing earlier.")
        self._list(room, earlier)

    async def who(self, _: str) -> None:
        """/who: list the people here."""
        room = self.here()
        await self.ask("get", topic=room.name, what="sub")
        for uid, name in sorted(room.people.items(), key=lambda one: one[1].casefold()):
            self.show([("", name), ("class:dim", f"  {uid}")])

    async def find(self, text: str) -> None:
        """/find WORDS: look for people and groups by their tags, such as a log-in name."""
        if not text:
            raise BadCommand("/find: whom? Say a tag, such as a log-in name or email:a@b.example.")
        await self.ask("set", topic="fnd", desc={"public": text})
        answer = await self.ask("get", topic="fnd", what="sub")
        for found in answer.get("sub") or []:
            name = found.get("user") or found.get("topic")
            card = found.get("public") or {}
            title = card.get("fn") if isinstance(card, dict) else ""
            self.show([("bold", line_of(str(title or name))), ("class:dim", f"  /open {name}")])
        if not answer.get("sub"):
            self.show(notice(f"Nobody is found for {text}."))

    async def new(self, text: str) -> None:
        """/new TITLE: make a group."""
        if not text:
            raise BadCommand("/new: what is the group called?")
        desc = {"public": {"fn": text}}
        answer = await self.ask("sub", topic="new", set={"desc": desc})
        await self.enter(str(answer["topic"]))

    async def invite(self, text: str) -> None:
        """/invite PERSON: add somebody to the group."""
        room = self.here()
        person = self.rooms.find(text).name if not text.startswith("usr") else text
        await self.ask("set", topic=room.name, sub={"user": person})
        self.show(notice(f"{self.rooms.room(person).shown} is invited."))

    async def leave(self, _: str) -> None:
        """/leave: go away from here for good."""
        room = self.here()
        await self.ask("leave", topic=room.name, unsub=True)
        self.client.attached.discard(("", room.name))
        self.rooms.all.pop(room.name, None)
        self.rooms.current = None
        self.show(notice(f"You have left {room.shown}."))

    # --- messages ----------------------------------------------------------------------

    def _message(self, text: str) -> tuple[Data, str]:
        """The message that `#N …` begins with, else my last one; the rest. Raises BadCommand."""
        room = self.here()
        first, _, rest = text.partition(" ")
        if first.startswith("#"):
            data = room.messages.get(_number(first[1:]))
            if data is None:
                raise BadCommand(f"There is no message {first} here.")
            return data, rest.strip()
        mine = [d for d in room.messages.values() if d.sender == self.rooms.me]
        if not mine:
            raise BadCommand("You have said nothing here.")
        return max(mine, key=lambda d: d.seq), text

    async def edit(self, text: str) -> None:
        """/edit [#N] TEXT: say something else instead of my last message, or of #N."""
        data, rest = self._message(text)
        if not rest:
            raise BadCommand("/edit: what is to stand there?")
        await self._publish(self.here(), markdown(rest), replace=f":{data.seq}")

    async def delete(self, text: str) -> None:
        """/delete [#N]: delete my last message, or #N, for everybody."""
        data, _ = self._message(text)
        ranges = [{"low": data.seq}]
        room = self.here()
        await self.ask("del", topic=room.name, what="msg", delseq=ranges, hard=True)
        room.messages.pop(data.seq, None)

    async def send(self, text: str) -> None:
        """/send FILE [TEXT]: send a file or a picture."""
        words = commands.split(text)
        if not words:
            raise BadCommand("/send: which file?")
        room, caption, name = self.here(), " ".join(words[1:]), Path(words[0]).name
        data = read_file(words[0], self.client.line.limits.file_bytes)
        try:
            document = await self.files.picture(data, caption, name)
        except NoPicture:
            document = Document(caption) + await self.files.attachment(data, name)
        await self._publish(room, document)

    async def save(self, text: str) -> None:
        """/save #N [FILE]: keep the file in message #N."""
        data, rest = self._message(text)
        found = files_in(Document.read(data.content))
        if not found:
            raise BadCommand(f"There is no file in #{data.seq}.")
        content = await self.files.download(found[0])
        target = write_file(rest or Path(found[0].name).name or "file", content)
        self.show(notice(f"{target} is saved, {len(content):,} bytes."))

    async def press(self, text: str) -> None:
        """/press #N BUTTON: press a button in message #N."""
        data, title = self._message(text)
        document = Document.read(data.content)
        for span in document.spans:
            shown = document.cut(span.at, span.at + span.length).text
            if span.tp == "BN" and shown.casefold() == title.casefold():
                await self._press(data, span, shown)
                return
        raise BadCommand(f"There is no button {title} in #{data.seq}.")

    async def _press(self, data: Data, span: Span, title: str) -> None:
        name, value = span.data.get("name"), span.data.get("val") or 1
        if span.data.get("act") == "url":
            self.show(notice(f"It leads to {span.data.get('ref')}"))
            return
        answer = Entity("EX", {"mime": forms.MIME, "val": {"seq": data.seq, "resp": {name: value}}})
        document = Document(title, (Span(ATTACHED, 0, answer),))
        await self._publish(self.here(), document)


DEEDS: Final[dict[str, Deed]] = {
    name: getattr(Deeds, name)
    for name in (
        *("topics", "open", "next", "history", "who", "find", "new", "invite", "leave"),
        *("edit", "delete", "send", "save", "press"),
    )
}


def _number(text: str) -> int:
    if not text.isdecimal():
        raise BadCommand(f"{text} is no number.")
    return int(text)
