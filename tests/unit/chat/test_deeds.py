"""What people do in a chat."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chinwag.bots import Form
from chinwag.bots.packets import Packet
from chinwag.bots.testing import LocalServer, Person
from chinwag.chat.client import Client
from chinwag.chat.deeds import DEEDS, Deeds
from chinwag.chat.errors import BadCommand
from chinwag.chat.rendering import Pieces, plain
from chinwag.chat.rooms import Rooms

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Ann:
    """Somebody who does things, and what she sees."""

    def __init__(self, server: LocalServer, person: Person) -> None:
        self.uid = person.uid
        self.seen: list[str] = []
        self.rooms = Rooms()
        self.rooms.me = person.uid
        self.client = Client(server.address, person.credentials, self._hear)
        self.deeds = Deeds(self.client, self.rooms, self._show)
        self._news = asyncio.Event()

    def _show(self, pieces: Pieces) -> None:
        self.seen.append(plain(pieces))
        self._news.set()

    def _hear(self, _: bytes, packet: Packet) -> None:
        for pieces in self.rooms.hear(packet, 0.0):
            self._show(pieces)

    async def do(self, name: str, text: str = "") -> list[str]:
        """What she sees when she does something."""
        self.seen.clear()
        await DEEDS[name](self.deeds, text)
        return self.seen

    async def sees(self, text: str) -> str:
        """Wait for a line with `text` in it; all of it."""
        async with asyncio.timeout(20):
            while not (found := [line for line in self.seen if text in line]):
                self._news.clear()
                await self._news.wait()
        return found[-1]


@pytest.fixture
async def ann(server: LocalServer) -> AsyncIterator[Ann]:
    """Somebody who does things."""
    person = await server.person("Ann")
    await person.leave()
    ann = Ann(server, person)
    serving = asyncio.ensure_future(ann.client.line.run())
    await ann.client.line.present()
    yield ann
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


async def test_a_conversation(ann: Ann, ben: Person) -> None:
    await ben.say(ann.uid, "hello")
    await ann.deeds.refresh()
    assert (await ann.do("topics"))[0].startswith(f"Ben  {ben.uid}")
    assert " · 1 unread" in ann.seen[0]
    seen = await ann.do("open", "ben")
    assert seen[0] == f"— Ben ({ben.uid})"
    assert seen[1].endswith("#1 Ben  hello")
    await ben.sees_read(ann.uid, 1)
    await ann.deeds.say("**hi**")
    heard = await ben.hear()
    assert (heard, heard.document.spans[0].tp) == ("hi", "ST")
    assert (await ann.sees("hi")).endswith("#2 me  hi")
    await ann.do("edit", "ho")
    assert await ben.hear() == "ho"
    assert (await ann.sees("ho")).endswith("#3 me (instead of #2)  ho")
    await ann.do("edit", "#2 he")
    assert (await ben.hear()).head["replace"] == ":2"
    assert any(line.startswith("Ben  usr") for line in await ann.do("who"))
    with pytest.raises(BadCommand, match="no message #99"):
        await ann.do("edit", "#99 x")


async def test_old_messages_come_in_order(ann: Ann, ben: Person) -> None:
    for number in range(30):
        await ben.say(ann.uid, f"no {number}")
    seen = await ann.do("open", ben.uid)
    assert [line.rpartition(" ")[2] for line in seen[1:]] == [str(n) for n in range(6, 30)]
    seen = await ann.do("history", "4")
    assert [line.rpartition(" ")[2] for line in seen] == ["2", "3", "4", "5"]
    await ann.do("history")
    with pytest.raises(BadCommand, match="nothing earlier"):
        await ann.do("history")
    with pytest.raises(BadCommand, match="no number"):
        await ann.do("history", "all")


async def test_what_was_said_meanwhile_is_shown(ann: Ann, ben: Person) -> None:
    await ben.say(ann.uid, "hello")
    await ann.do("open", ben.uid)
    await ann.deeds.ask("leave", topic=ben.uid)
    await ben.say(ann.uid, "one")
    await ben.say(ann.uid, "two")
    ann.seen.clear()
    await ann.deeds.resume()
    assert [line.rpartition(" ")[2] for line in ann.seen] == ["one", "two"]


async def test_groups(ann: Ann, ben: Person) -> None:
    await ann.do("new", "Tea")
    await ann.do("open", ben.uid)
    await ann.do("open", "Tea")
    assert ann.rooms.current is not None
    group = ann.rooms.current.name
    assert (await ann.do("invite", ben.uid)) == ["— Ben is invited."]
    await ben.say(group, "hi all")
    assert (await ann.sees("hi all")).endswith("Ben  hi all")
    await ann.do("delete", "#1")
    with pytest.raises(BadCommand, match="Everything is read"):
        await ann.do("next")
    await ben.say(ann.uid, "psst")
    assert await ann.sees("psst") == "— Ben: psst"
    assert (await ann.do("next"))[0].startswith("— Ben ")
    await ann.do("leave")
    assert ann.rooms.current is None
    with pytest.raises(BadCommand, match="Where"):
        await ann.deeds.say("x")


async def test_finding_people(ann: Ann, server: LocalServer, ben: Person) -> None:
    group = {"tags": ["yoga1"], "desc": {"public": {"fn": "Yoga"}}}
    made = await ben.connection.request("sub", topic="new1", set=group)
    assert (await ann.do("find", "yoga1")) == [f"Yoga  /open {made.topic}"]
    assert (await ann.do("find", "nobody1")) == ["— Nobody is found for nobody1."]
    with pytest.raises(BadCommand, match="whom"):
        await ann.do("find")


async def test_files(ann: Ann, ben: Person, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "a.txt").write_bytes(b"text")
    await ann.do("open", ben.uid)
    await ben.connection.request("sub", topic=ann.uid)
    await ann.do("send", f"{tmp_path / 'a.png'} a picture")
    heard = await ben.hear()
    assert [entity.tp for entity in heard.document.entities] == ["IM"]
    await ann.do("send", str(tmp_path / "a.txt"))
    assert [entity.tp for entity in (await ben.hear()).document.entities] == ["EX"]
    await ann.sees("[a.txt, 4 B]")
    await ann.do("save", f"#2 {tmp_path / 'b.txt'}")
    assert (tmp_path / "b.txt").read_bytes() == b"text"
    with pytest.raises(BadCommand, match="File exists"):
        await ann.do("save", f"#2 {tmp_path / 'b.txt'}")
    for bad in ("", "/nowhere"):
        with pytest.raises(BadCommand):
            await ann.do("send", bad)


async def test_buttons(ann: Ann, ben: Person) -> None:
    tea = Form("tea", int)
    await ben.say(ann.uid, tea.ask("How many?", tea.button("One", 1), tea.button("Two", 2)))
    await ann.do("open", ben.uid)
    with pytest.raises(BadCommand, match="no button Three"):
        await ann.do("press", "#1 Three")
    await ann.do("press", "#1 two")
    heard = await ben.hear()
    assert heard == "Two"
    (entity,) = heard.document.entities
    assert entity.data["val"] == {"seq": 1, "resp": {"tea": "2"}}
    with pytest.raises(BadCommand, match="no file"):
        await ann.do("save", "#1")


async def test_nobody_is_found_by_chance(ann: Ann) -> None:
    for name, text in (("open", ""), ("open", "zoe"), ("new", ""), ("open", "grpAAAAAAAAAAA")):
        with pytest.raises(BadCommand):
            await ann.do(name, text)
    assert ann.rooms.current is None
    assert (await ann.do("topics"))[0].startswith("— There are no conversations yet")
