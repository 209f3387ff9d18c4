"""Scripts: commands, one a line, and what is said about them.

What the server says is written as it came, one packet a line.
Source: specification 06, paragraphs 8.3 and 8.4.
"""

import asyncio
import shlex
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Final

from chinwag.bots.errors import BotError
from chinwag.bots.files import File, Files
from chinwag.chat import commands, macros, variables
from chinwag.chat.client import Answer, Client
from chinwag.chat.commands import Request, Use
from chinwag.chat.errors import BadCommand
from chinwag.chat.values import read_file, write_file

PAUSE_MAX: Final = 86_400_000  # milliseconds
_KEEPING: Final = (".await", ".must")
_ENDS: Final = (".exit", ".quit", "exit", "quit")
LOCAL: Final = (".use", ".await", ".must", ".log", ".sleep", ".verbose", ".delmark", ".exit")


class Ended(Exception):
    """The script wants to end."""


class Failed(BotError):
    """What must not fail has failed."""


class Script:
    """Does what lines say."""

    def __init__(
        self,
        client: Client,
        write: Callable[[str], None],
        complain: Callable[[str], None],
        secret: Callable[[str], Awaitable[str]],
    ) -> None:
        self._client = client
        self._write = write
        self._complain = complain
        self._secret = secret
        self.use = Use()
        self.values: dict[str, Any] = {}
        self.verbose = False
        self.failures = 0

    async def run(self, lines: AsyncIterator[str]) -> int:
        """Do all of `lines`; the status to end with. Raises Lost."""
        try:
            async for line in joined(lines):
                await self.safely(line)
        except Ended:
            pass
        except Failed as failed:
            self._fail(failed)
        return 1 if self.failures else 0

    async def safely(self, line: str) -> None:
        """Do what a line says; say what is wrong with it. Raises Ended, Failed, Lost."""
        try:
            await self.do(line)
        except BadCommand as bad:
            self._fail(bad)

    def _fail(self, why: object) -> None:
        self.failures += 1
        self._complain(str(why))

    async def do(self, line: str) -> None:
        """Do what a line says. Raises BadCommand, Ended, Failed, Lost."""
        if not line.strip() or line.lstrip().startswith("#"):
            return
        words = commands.split(line)
        kept = words[0] in _KEEPING and len(words) > 1 and variables.is_name(words[1])
        names = words[1:2] if kept else []  # gets a value, has none yet
        rest = words[1 + len(names) :]
        await self._do([words[0], *names, *(variables.expand(w, self.values) for w in rest)])

    async def _do(self, words: list[str]) -> None:
        """Do what `words` say; variables are replaced."""
        if words[0] in _ENDS:
            raise Ended
        if words[0] in _KEEPING:
            await self._kept(words)
        elif words[0].startswith("."):
            await self._local(words)
        elif words[0] in macros.MACROS:
            await self._macro(words)
        else:
            answer = await self._command(words)
            if answer.is_refusal:
                self._fail(answer.sentence)

    async def _kept(self, words: list[str]) -> None:
        """`.await [$x] …` and `.must [$x] …`: the answer is kept; what must be is."""
        must, rest = words[0] == ".must", words[1:]
        name = rest.pop(0)[1:] if rest and variables.is_name(rest[0]) else ""
        if not rest:
            raise BadCommand(f"{words[0]}: what? A command is missing.")
        if rest[0] in macros.MACROS:
            await self._macro(rest)
            return
        answer = await self._command(rest)
        if name:
            self.values[name] = dict(answer)
        if must and answer.is_refusal:
            raise Failed(answer.sentence)

    async def _macro(self, words: list[str]) -> None:
        found = macros.read(words)
        if macros.lacks_password(found) and not found.explain:
            found.P = await self._secret("New password: ")
        lines = macros.expand(found, self.use)
        if found.explain:
            self._write("\n".join(shlex.join(line) for line in lines))
            return
        before = self.use.user
        try:
            for line in lines:
                late = line[0] == ".log"  # names what the lines before it have kept
                await self._do([variables.expand(w, self.values) if late else w for w in line])
        finally:
            self.use.user = before

    async def _command(self, words: list[str]) -> Answer:
        """Send what a command stands for; the answer. Raises BadCommand, Lost."""
        found = commands.read(words)
        if found.command in ("upload", "file"):
            return await self._file(found.file, down=getattr(found, "what", "up") == "down")
        if commands.lacks_password(found):
            found.password = await self._secret("Password: ")
        request = commands.build(found, self.use)
        if self.verbose:
            self._complain(f"> {_public(request)}")
        return await self._client.ask(request)

    async def _file(self, name: str, *, down: bool) -> Answer:
        """Upload a file, or fetch one into this folder."""
        files = Files(self._client.line)
        try:
            if down:
                return await self._fetch(files, name)
            data = read_file(name, self._client.line.limits.file_bytes)
            url = await files.upload(data, Path(name).name, "application/octet-stream")
        except BadCommand:
            raise
        except BotError as error:
            raise BadCommand(str(error)) from None
        answer = Answer(code=200, text="ok", params={"url": url})
        self._write(variables.text_of({"ctrl": answer}))
        return answer

    async def _fetch(self, files: Files, url: str) -> Answer:
        data = await files.download(File(url, "", 0, url))
        target = write_file(Path(url).name, data)
        answer = Answer(code=200, text="ok", params={"file": str(target), "size": len(data)})
        self._write(variables.text_of({"ctrl": answer}))
        return answer

    async def _local(self, words: list[str]) -> None:
        """What the server learns nothing of. Raises BadCommand."""
        match words:
            case [".use", *rest]:
                self._choose(rest)
            case [".log", *rest]:
                self._write(" ".join(rest))
            case [".sleep", ms] if ms.isdecimal() and int(ms) <= PAUSE_MAX:
                await asyncio.sleep(int(ms) / 1000)
            case [".verbose"]:
                self.verbose = not self.verbose
            case [".delmark", mark]:
                self.use.delmark = mark
            case _:
                raise BadCommand(f"This means nothing: {' '.join(words)}")

    def _choose(self, words: list[str]) -> None:
        if not words or len(words) % 2 or not set(words[::2]) <= {"--user", "--topic"}:
            raise BadCommand(".use: say --user USER, --topic TOPIC or both; '' for none.")
        for option, chosen in zip(words[::2], words[1::2], strict=True):
            setattr(self.use, option[2:], chosen)


def _public(request: Request) -> str:
    """A packet without what must not be seen."""
    body = {key: "…" if key == "secret" else value for key, value in request.body.items()}
    extra = {"extra": request.extra} if request.extra else {}
    return variables.text_of({request.kind: body, **extra})


async def joined(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    r"""`lines`, those that end with a \ together with what follows."""
    begun = ""
    async for line in lines:
        line = begun + line.rstrip("\n")  # noqa: PLW2901 - the same line, whole
        if line.endswith("\\"):
            begun = line[:-1]
            continue
        begun = ""
        yield line
    if begun:
        yield begun


async def given(lines: Iterable[str]) -> AsyncIterator[str]:
    """`lines`, for `run`."""
    for line in lines:
        yield line
