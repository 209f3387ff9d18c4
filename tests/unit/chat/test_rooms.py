"""What a person sees of conversations."""

import pytest

from chinwag.bots.packets import Ctrl, Data, Desc, Entry, Info, Meta, Packet, Pres
from chinwag.chat.errors import BadCommand
from chinwag.chat.rendering import plain
from chinwag.chat.rooms import MESSAGES_MAX, TYPING_S, Room, Rooms


def someones() -> Rooms:
    """The conversations of somebody."""
    rooms = Rooms()
    rooms.me = "usrMe"
    entries = [
        Entry("usrAnn", public={"fn": "Ann Bee"}, seq=4, read=4, online=True),
        Entry("grpTea", public={"fn": "Tea"}, seq=9, read=7),
        Entry("grpOld", public=None, deleted="2026"),
    ]
    assert shown(rooms, Packet(meta=Meta(topic="me", sub=entries))) == []
    return rooms


def shown(rooms: Rooms, packet: Packet, now: float = 0.0) -> list[str]:
    """What is shown of `packet`."""
    return [plain(pieces) for pieces in rooms.hear(packet, now)]


def test_conversations_are_listed() -> None:
    rooms = someones()
    assert [(r.shown, r.unread) for r in rooms.by_news()] == [("Tea", 2), ("Ann Bee", 0)]
    assert rooms.find("grpTea").name == "grpTea"
    assert rooms.find("ann").name == "usrAnn"
    with pytest.raises(BadCommand, match="no conversation zoe"):
        rooms.find("zoe")
    rooms.room("usrAnna").title = "Anna"
    with pytest.raises(BadCommand, match=r"Which ann\? Ann Bee"):
        rooms.find("ann")
    assert rooms.find("anna").name == "usrAnna"


def test_messages_where_we_are_are_read() -> None:
    rooms = someones()
    rooms.current = rooms.room("grpTea")
    rooms.current.people["usrAnn"] = "Ann"
    data = Data("grpTea", 10, "usrAnn", "", None, "hi")
    assert shown(rooms, Packet(data=data)) == ["--:-- #10 Ann  hi"]
    assert shown(rooms, Packet(data=data)) == []
    assert (rooms.current.seq, rooms.current.read) == (10, 10)
    mine = Data("grpTea", 11, "usrMe", "", None, "ho")
    assert shown(rooms, Packet(data=mine)) == ["--:-- #11 me  ho"]


def test_messages_elsewhere_are_mentioned() -> None:
    rooms = someones()
    data = Data("usrAnn", 5, "usrAnn", "", None, "hi\nthere")
    assert shown(rooms, Packet(data=data)) == ["— Ann Bee: hi there"]
    assert rooms.room("usrAnn").unread == 1
    pres = Pres("me", "msg", "usrAnn", 7)
    assert shown(rooms, Packet(pres=pres)) == ["— Ann Bee has 3 unread: /open Ann Bee"]
    assert shown(rooms, Packet(pres=pres)) == []
    assert shown(rooms, Packet(pres=Pres("me", "read", "usrAnn", 7))) == []
    assert rooms.room("usrAnn").unread == 0
    rooms.loading = "usrAnn"
    assert shown(rooms, Packet(data=Data("usrAnn", 3, "usrAnn", "", None, "old"))) == []


def test_presence() -> None:
    rooms = someones()
    shown(rooms, Packet(pres=Pres("me", "off", "usrAnn")))
    assert not rooms.room("usrAnn").online
    shown(rooms, Packet(pres=Pres("me", "on", "usrAnn")))
    assert rooms.room("usrAnn").online
    assert not rooms.stale
    shown(rooms, Packet(pres=Pres("me", "msg", "usrNew", 1)))
    assert rooms.stale
    assert shown(rooms, Packet(pres=Pres("me", "gone", "grpTea"))) == ["— Tea is gone."]
    assert "grpTea" not in rooms.all
    assert shown(rooms, Packet(ctrl=Ctrl(code=205))) == []


def test_who_types_and_who_has_read() -> None:
    rooms = someones()
    room = rooms.room("usrAnn")
    shown(rooms, Packet(info=Info("usrAnn", "kp", "usrAnn")), 10.0)
    shown(rooms, Packet(info=Info("usrAnn", "kp", "usrMe")), 10.0)
    assert room.types(10.0) == ["usrAnn"]
    assert room.types(10.0 + TYPING_S) == []
    shown(rooms, Packet(info=Info("usrAnn", "read", "usrAnn", 4)))
    assert room.seen == 4
    shown(rooms, Packet(info=Info("usrAnn", "kp", "usrAnn")), 20.0)
    shown(rooms, Packet(data=Data("usrAnn", 5, "usrAnn", "", None, "hi")))
    assert room.types(20.0) == []


def test_names_of_people() -> None:
    rooms = someones()
    members = [Entry(user="usrAnn", public={"fn": "Ann"}), Entry(user="usrX")]
    desc = Desc(seq=12, read=3, public={"fn": "Tea\x1b"})
    shown(rooms, Packet(meta=Meta(topic="grpTea", desc=desc, sub=members)))
    room = rooms.room("grpTea")
    assert (room.title, room.seq, rooms.author(room, "usrAnn"), rooms.author(room, "usrX")) == (
        "Tea",
        12,
        "Ann",
        "usrX",
    )
    assert rooms.author(room, "usrY") == "usrY"
    assert rooms.author(rooms.room("grpB"), "usrAnn") == "Ann Bee"
    assert rooms.author(room, "") == "Tea"


def test_not_everything_is_remembered() -> None:
    room = Room("grpA")
    for seq in range(1, MESSAGES_MAX + 3):
        room.keep(Data("grpA", seq))
    assert len(room.messages) == MESSAGES_MAX
    assert min(room.messages) == 3
