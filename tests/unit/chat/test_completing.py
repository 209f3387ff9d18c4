"""What the Tab key offers."""

from pathlib import Path

from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from chinwag.chat.completing import Offers
from chinwag.chat.rooms import Rooms


def offered(text: str, rooms: Rooms | None = None) -> list[str]:
    """What is offered behind `text`, whole."""
    offers = Offers(rooms or Rooms()).get_completions(Document(text), CompleteEvent())
    return [text[: len(text) + one.start_position] + one.text for one in offers]


def test_commands_and_options() -> None:
    assert offered("/to") == ["/topics"]
    assert "/usermod" in offered("/use")
    assert offered("/sub me --get") == ["/sub me --get-query"]
    assert offered(".mu") == [".must"]
    assert offered("to") == []


def test_conversations_and_people() -> None:
    rooms = Rooms()
    rooms.room("grpTea").title = "Tea time"
    assert offered("/open te", rooms) == ["/open Tea time"]
    assert offered("/pub grp", rooms) == ["/pub grpTea"]
    assert offered("hi @an", rooms) == []
    rooms.current = rooms.room("grpTea")
    rooms.current.people = {"usrA": "Ann", "usrB": "Ben"}
    assert offered("hi @an", rooms) == ["hi [Ann](usrA)"]


def test_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("")
    (tmp_path / ".hidden").write_text("")
    (tmp_path / "b").mkdir()
    assert offered(f"/send {tmp_path}/") == [f"/send {tmp_path}/a.txt", f"/send {tmp_path}/b/"]
    assert offered(f"/send {tmp_path}/.h") == [f"/send {tmp_path}/.hidden"]
    assert offered("/send /nowhere/x") == []
