"""The terminal as a chat: messages above, a line to type in below.

What begins with `/` is a command, everything else is said. What scripts can do works here too.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Final

from prompt_toolkit import PromptSession
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.filters import Condition
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.renderer import print_formatted_text
from prompt_toolkit.styles import Style

from chinwag.bots.address import Address
from chinwag.bots.credentials import Credentials
from chinwag.bots.errors import BotError, Lost
from chinwag.bots.line import Line
from chinwag.bots.packets import Packet
from chinwag.chat import commands, macros
from chinwag.chat.client import Client
from chinwag.chat.completing import Offers
from chinwag.chat.deeds import DEEDS, Deeds
from chinwag.chat.errors import BadCommand
from chinwag.chat.rendering import Pieces, clean, notice
from chinwag.chat.rooms import Rooms
from chinwag.chat.script import Ended, Failed, Script

TYPING_EACH_S: Final = 3.0  # how often others are told that somebody types
REDRAWN_S: Final = 1.0  # how often the line below is drawn anew
LINES_MAX: Final = 100  # that are typed ahead
_SECRETS: Final = {"--password", "--secret", "-P"}  # what stands behind is not shown or kept
UNREAD_MAX: Final = 4  # conversations that are named there
STYLE: Final = Style.from_dict(
    {
        "dim": "ansibrightblack",
        "author": "bold ansicyan",
        "mine": "bold ansigreen",
        "mention": "ansicyan",
        "button": "reverse",
        "file": "ansiyellow",
        "code": "ansimagenta",
        "quote": "italic ansibrightblack",
        "error": "ansired",
        "bottom-toolbar": "noreverse ansibrightblack",
    }
)


class Screen:
    """What somebody sees and types."""

    def __init__(
        self,
        address: Address,
        credentials: Credentials | None,
        session: "PromptSession[str]",
        entered: Callable[[Line], None] = lambda _: None,
    ) -> None:
        self.rooms = Rooms()
        self.client = Client(address, credentials, self._hear)
        self.client.arrived = self._arrived
        self.deeds = Deeds(self.client, self.rooms, self.show)
        self.script = Script(self.client, self._write, self._complain, self._ask)
        self.first = ""  # the conversation to begin with
        self._session = session
        self._entered = entered
        self._visits = 0  # how often we were connected
        self._chores = asyncio.Event()
        self._is_read = self._is_typing = False
        self._lines: asyncio.Queue[str] = asyncio.Queue(LINES_MAX)  # that were typed
        self._asked: asyncio.Future[str] | None = None  # a secret that is to be typed now
        self._question = ""
        self._told = 0.0  # when the others were told that we type

    async def run(self) -> int:
        """Talk until somebody has enough; the status. Raises CannotRun."""
        serving = asyncio.ensure_future(self.client.line.run())
        typing = asyncio.ensure_future(self._type())
        tasks = (serving, typing, asyncio.ensure_future(self._tend()))
        try:
            await asyncio.wait((serving, typing), return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                await serving
            await typing
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return 0

    async def _type(self) -> None:
        """Let somebody type, and do what they say, one line after the other, until Ctrl-D."""
        session = self._session
        session.completer = Offers(self.rooms)
        session.is_password = Condition(lambda: self._asked is not None)
        session.key_bindings = _keys()
        session.default_buffer.accept_handler = self._accept
        session.default_buffer.on_text_changed += lambda _: self._types()
        working = asyncio.ensure_future(self._work())
        try:
            with contextlib.suppress(EOFError):
                await session.prompt_async(
                    self._prompt,
                    bottom_toolbar=self._below,
                    refresh_interval=REDRAWN_S,
                    style=STYLE,
                    complete_while_typing=False,
                )
            await self._lines.put("/quit")
            await working
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    def _accept(self, buffer: Buffer) -> bool:
        """Take a line that is typed; the terminal stays as it is, so that no key is lost."""
        line = buffer.text
        if self._asked is not None:
            self._asked.set_result(line)
            self._asked = None
            buffer.reset()  # a secret: what is empty is not remembered
        elif self._lines.full():
            self._complain("That is too much at once: wait until the server has answered.")
        else:
            if _SECRETS.intersection(line.replace("=", " ").split()):
                buffer.reset()
            elif line.startswith(("/", ".")):
                self.show([("class:dim", f"> {clean(line)}")])
            self._lines.put_nowait(line)
        return False

    async def _work(self) -> None:
        """Do what was typed."""
        with contextlib.suppress(Ended):
            while True:
                await self.take(await self._lines.get())
        if self._session.app.is_running:
            self._session.app.exit(exception=EOFError)

    async def take(self, line: str) -> None:
        """Do what a line says. Raises Ended."""
        try:
            await self._take(line.strip())
        except (BadCommand, Failed) as error:
            self._complain(str(error))
        except Lost as lost:
            self._complain(f"{lost} Nobody knows whether it was done.")
        except BotError as error:
            self._complain(str(error))

    async def _take(self, line: str) -> None:
        if line.startswith("."):
            await self.script.do(line)
        elif line.startswith("//") or (line and not line.startswith("/")):
            await self.deeds.say(line.removeprefix("/") if line.startswith("//") else line)
        elif line:
            await self._command(line[1:])

    async def _command(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        if name == "help":
            self._help(rest.strip())
        elif name in ("quit", "exit"):
            raise Ended
        elif name in DEEDS:
            await DEEDS[name](self.deeds, rest.strip())
        elif name in commands.PARSERS or name in macros.MACROS:
            await self.script.do(line)
        else:
            raise BadCommand(f"There is no command /{name}: see /help.")

    def _help(self, name: str) -> None:
        """Show what can be done, or how one command is written."""
        if name in commands.PARSERS:
            self.show(notice(commands.usage(name)))
            return
        for deed in DEEDS.values():
            usage, _, text = (deed.__doc__ or "").partition(": ")
            self.show([("bold", usage), ("class:dim", f"  {text}")])
        self.show([("bold", "/quit"), ("class:dim", "  go; so does Ctrl-D")])
        others = " ".join(f"/{one}" for one in (*commands.PARSERS, *macros.MACROS))
        self.show(
            notice(f"As in scripts: {others} .use .await .must .log; /help COMMAND tells more.")
        )
        self.show(notice("**bold**, *italic*, `code`, @name and Tab work; //… says /…"))

    # --- what is shown -----------------------------------------------------------------

    def show(self, pieces: Pieces) -> None:
        """Print a line above the one that is typed.

        Not by the function of that name for applications: it hands the terminal back meanwhile,
        and what is typed in that moment is lost.
        """
        app, output = self._session.app, self._session.output
        if app.is_running:
            app.renderer.erase()
        print_formatted_text(output, [*pieces, ("", "\n")], STYLE)
        if app.is_running:
            app.renderer.request_absolute_cursor_position()
            app.invalidate()

    def _write(self, text: str) -> None:
        self.show([("", clean(text))])

    def _complain(self, text: str) -> None:
        self.show([("class:error", clean(text))])

    async def _ask(self, prompt: str) -> str:
        """A password, typed unseen."""
        self._asked, self._question = asyncio.get_running_loop().create_future(), prompt
        self._session.app.invalidate()
        return await self._asked

    def _prompt(self) -> str:
        if self._asked is not None:
            return self._question
        where = self.rooms.current
        return f"{where.shown if where is not None else 'nowhere'}> "

    def _below(self) -> str:
        """The line below: whether we are connected, what is unread, who types."""
        parts = ["" if self.client.line.is_there else "not connected"]
        unread = [r for r in self.rooms.by_news() if r.unread and r is not self.rooms.current]
        parts += [f"{room.unread} unread in {room.shown}" for room in unread[:UNREAD_MAX]]
        here = self.rooms.current
        if here is not None:
            typing = here.types(time.monotonic())
            parts += [f"{self.rooms.author(here, uid)} types…" for uid in typing]
            mine = max(
                (s for s, d in here.messages.items() if d.sender == self.rooms.me), default=0
            )
            parts.append("read" if mine and here.seen >= mine else "")
        return " · ".join(part for part in parts if part)

    # --- what is heard -----------------------------------------------------------------

    async def _arrived(self) -> None:
        """The connection is there (again): learn what has happened meanwhile. Raises Lost."""
        self.rooms.me = self.client.line.uid
        self._entered(self.client.line)
        if self._visits:
            self.show(notice("Connected again."))
        self._visits += 1
        try:
            await self.deeds.refresh()
            await self.deeds.resume()
            if self._visits == 1 and self.first:
                await self.deeds.open(self.first)
        except BadCommand as bad:
            self._complain(str(bad))
        self._session.app.invalidate()

    def _hear(self, _: bytes, packet: Packet) -> None:
        here = self.rooms.current
        before = here.read if here is not None else 0
        for pieces in self.rooms.hear(packet, time.monotonic()):
            self.show(pieces)
        self._is_read |= here is not None and here.read > before
        if self._is_read or self.rooms.stale:
            self._chores.set()
        self._session.app.invalidate()

    def _types(self) -> None:
        """A key was pressed: others may see that we type, unless it is a command."""
        text = self._session.default_buffer.text
        now = time.monotonic()
        if (
            text
            and text[0] not in "/."
            and self._asked is None
            and now > self._told + TYPING_EACH_S
        ):
            self._told = now
            self._is_typing = True
            self._chores.set()

    async def _tend(self) -> None:
        """Do what must be done behind the scene, one thing after the other."""
        while True:
            await self._chores.wait()
            self._chores.clear()
            with contextlib.suppress(BotError):  # what is lost is done when we are back
                await self._tell()

    async def _tell(self) -> None:
        """Tell the others what we have read and that we type; learn of new conversations."""
        if self._is_read:
            self._is_read = False
            await self.deeds.mark()
        if self._is_typing:
            self._is_typing = False
            if self.rooms.current is not None:
                await self.client.line.note(topic=self.rooms.current.name, what="kp")
        if self.rooms.stale:
            await self.deeds.refresh()


def _keys() -> KeyBindings:
    """Ctrl-C takes back what was typed."""
    keys = KeyBindings()

    @keys.add("c-c")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.reset()

    return keys
