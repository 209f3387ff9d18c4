"""The command `chinwag chat`, run as people and scripts run it."""

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from chinwag.chat.commands import PARSERS
from chinwag.chat.deeds import DEEDS
from chinwag.chat.macros import MACROS
from chinwag.chat.script import LOCAL
from chinwag.cli import app
from live import ROOT, Live
from talk import Talk, fresh

WAIT_S = 60.0
COMMAND = [sys.executable, "-m", "chinwag.cli", "chat"]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server of the tests of this file."""
    with Live(tmp_path_factory.mktemp("chat") / "data", "--no-web") as live:
        yield live


def environment(home: Path, **more: str) -> dict[str, str]:
    """What a process finds around it: nothing of this machine's people."""
    path = {"PYTHONPATH": str(ROOT / "src"), "XDG_STATE_HOME": str(home), "HOME": str(home)}
    return {**os.environ, **path, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", **more}


def chat(
    live: Live, home: Path, *words: str, given: str = "", **more: str
) -> "subprocess.CompletedProcess[str]":
    """Run `chinwag chat WORDS` to its end."""
    return subprocess.run(
        [*COMMAND, "--server", live.address, *words],
        env=environment(home, **more),
        input=given,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
        start_new_session=True,  # no terminal to ask for a password
    )


def packets(done: "subprocess.CompletedProcess[str]") -> list[dict[str, Any]]:
    """What was written."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_one_command_is_one_answer(live: Live, tmp_path: Path) -> None:
    """The log-in is kept: the second time no password is needed."""
    login = fresh("annchat")
    with Talk(live.port) as ann, Talk(live.port) as ben:
        ann.register(login)
        ben.register(fresh("benchat"))
        made = ben.ask("sub", topic="new", set={"desc": {"public": {"fn": "Tea"}}})["topic"]
        ben.ask("set", topic=made, sub={"user": ann.uid})
        said = chat(
            live,
            tmp_path,
            *("--user", login, "-c", f"pub {made} 'say \"hello\"'"),
            CHINWAG_CHAT_LOGIN=f"{login}:password",
        )
        assert (said.returncode, said.stderr) == (0, "")
        (answer,) = packets(said)
        assert answer["ctrl"]["code"] == 202
        again = chat(live, tmp_path, "--user", login, "-c", f"get {made} --data")
        assert (again.returncode, again.stderr) == (0, "")
        assert packets(again)[0]["data"]["content"] == 'say "hello"'
        refused = chat(live, tmp_path, "--user", login, "-c", "pub grpAAAAAAAAAAA hi")
        assert refused.returncode == 1
        assert refused.stderr == "chinwag: The server refuses: topic not found (404).\n"


def test_a_script_comes_from_standard_input(live: Live, tmp_path: Path) -> None:
    name = fresh("zoechat")
    script = (
        f".must $user acc --uname {name} --password password --fn Zoe --do-login\n"
        ".must $group sub new --fn 'Zoe''s'\n.use --topic $group.topic\n"
        "pub 'hello' \\\n there\nget --data\n.log $user.params[user]\n"
    )
    done = chat(live, tmp_path, "--no-login", given=script)
    assert (done.returncode, done.stderr) == (0, "")
    *said, uid = done.stdout.splitlines()
    assert uid.startswith("usr")
    assert [json.loads(line)["data"]["content"] for line in said if '"data":{' in line] == [
        "hello there"
    ]


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("-c", "get me"), 2, "Who are you? Say --user NAME"),
        (("--user", "nobody", "-c", "get me"), 2, "A password is needed, and there is no terminal"),
        (("--no-login", "-c", "nonsense"), 1, "There is no command nonsense."),
        (("--no-login", "-c", ".must get me --desc"), 1, "The server refuses: authentication"),
        (("--no-login", "--api-key", "x", "-c", "get me"), 2, "lets nobody in (403)"),
        (("--no-login", "--server", "ftp://x", "-c", ""), 2, "is no address of a server"),
        (("--no-login", "--server", "127.0.0.1:1", "-c", ""), 2, "cannot be reached"),
        (("--nonsense",), 2, "No such option"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    live: Live, tmp_path: Path, words: tuple[str, ...], status: int, sentence: str
) -> None:
    done = chat(live, tmp_path, *words)
    assert done.returncode == status
    assert sentence in done.stderr
    assert done.stderr.startswith("chinwag: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_wrong_password_is_told(live: Live, tmp_path: Path) -> None:
    done = chat(live, tmp_path, "-c", "get me", CHINWAG_CHAT_LOGIN="nobody:password")
    assert done.returncode == 2
    assert "does not let in who logs in (authentication failed)" in done.stderr


class Terminal:
    """`chinwag chat` in a terminal of its own."""

    def __init__(self, home: Path, *words: str) -> None:
        self.screen = ""
        self._fd, inner = pty.openpty()
        self._process = subprocess.Popen(
            [*COMMAND, *words],
            env=environment(home),
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - one call, no lock
        )
        os.close(inner)

    def type(self, text: str) -> None:
        """Type, as on a keyboard."""
        os.write(self._fd, text.encode())

    def sees(self, text: str) -> None:
        """Wait until the terminal has been told to show `text`."""
        deadline = time.monotonic() + WAIT_S
        while text not in self.screen:
            ready = select.select([self._fd], [], [], max(0.0, deadline - time.monotonic()))[0]
            assert ready, f"{text!r} is not in {self.screen!r}"
            self.screen += self._read()

    def _read(self) -> str:
        try:
            return os.read(self._fd, 65_536).decode(errors="replace")
        except OSError:
            raise AssertionError(f"it has ended: {self.screen!r}") from None

    def end(self) -> int:
        """Wait until it has ended; its status."""
        with contextlib.suppress(OSError):  # so ends a terminal whose program has ended
            while part := os.read(self._fd, 65_536):
                self.screen += part.decode(errors="replace")
        os.close(self._fd)
        return self._process.wait(WAIT_S)


def test_a_conversation_in_a_terminal(live: Live, tmp_path: Path) -> None:
    """The password is asked for unseen, messages come and go, Ctrl-D ends it."""
    login = fresh("annchat")
    with Talk(live.port) as ann, Talk(live.port) as ben:
        ann.register(login, "secret-word")
        ben.register(fresh("benchat"))
        ben.ask("sub", topic=ann.uid)
        ben.ask("pub", topic=ann.uid, content="are you there?", noecho=True)
        words = ("--server", live.address, "--user", login, "--topic", ben.uid)
        terminal = Terminal(tmp_path, *words)
        terminal.sees("Password of ")
        terminal.type("secret-word\r")
        terminal.sees("are you there?")
        terminal.type("I am **here**\r")
        data: dict[str, Any] = {}
        while not data:
            data = ben.hear().get("data", {})
        assert data["content"] == {"txt": "I am here", "fmt": [{"at": 5, "len": 4, "tp": "ST"}]}
        terminal.type("/pub grpAAAAAAAAAAA x\r")
        terminal.sees("topic not found (404)")
        terminal.type("\x04")
        assert terminal.end() == 0
        assert "secret-word" not in terminal.screen


def test_it_says_what_it_does() -> None:
    shown = CliRunner().invoke(app, ["chat", "--help"])
    assert shown.exit_code == 0
    assert "Talk to people on a Tinode server" in shown.stdout


def test_the_page_names_what_there_is() -> None:
    """And leaves nothing out."""
    page = (ROOT / "docs/chat.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`/(\w+)", page)) == {*DEEDS, "help", "quit"}
    rows = re.findall(r"^\| `(\w+) ?.*$", page, re.MULTILINE)
    assert set(rows) | {"file"} == set(PARSERS)
    for name in MACROS:
        assert f"`{name}" in page
    for name in LOCAL:
        assert f"`{name}" in page
