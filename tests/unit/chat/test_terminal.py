"""Standard input and output."""

import io

import pytest

from chinwag.bots.errors import CannotRun
from chinwag.bots.packets import Packet
from chinwag.chat import terminal


def test_output(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.write_frame(b'{"ctrl":{}}', Packet())
    terminal.complain("No.")
    out, err = capsys.readouterr()
    assert (out, err) == ('{"ctrl":{}}\n', "chinwag: No.\n")


async def test_lines_are_read_aside() -> None:
    assert [line async for line in terminal.lines_of(io.StringIO("a\nb"))] == ["a\n", "b"]


async def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(CannotRun, match="CHINWAG_CHAT_LOGIN to NAME:PASSWORD"):
        await terminal.secret("Password: ")
