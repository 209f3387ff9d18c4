"""The command `chinwag chat`: talk to people on any Tinode server, or have a script do it."""

import asyncio
import logging
import os
import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from chinwag.config import CannotStart

if TYPE_CHECKING:
    from chinwag.chat.visit import Visit

SERVER: Final = "http://127.0.0.1:6060"
Words = list[str] | None


def chat(  # noqa: PLR0913 - one parameter for each option
    *,
    user: Annotated[str, typer.Option(help="Log-in name.")] = "",
    server: Annotated[str, typer.Option(help="Address of the server.")] = SERVER,
    command: Annotated[
        list[str] | None, typer.Option("-c", "--command", help="Do this and end; several work.")
    ] = None,
    topic: Annotated[str, typer.Option(help="Conversation to begin with.")] = "",
    api_key: Annotated[str | None, typer.Option(help="API key, if the server has its own.")] = None,
    no_login: Annotated[bool, typer.Option("--no-login", help="Do not log in.")] = False,
    no_keep: Annotated[
        bool, typer.Option("--no-keep", help="Keep nothing for the next time.")
    ] = False,
) -> None:
    """Talk to people on a Tinode server, here or by a script.

    In a terminal, without -c, it talks to you: type /help there. Else it does what the commands
    given by -c, or read from standard input, say, and writes what the server says as JSON, one
    packet a line. The status is 1 if something was refused, 2 if nothing could be done. The
    password is asked for, or taken from CHINWAG_CHAT_LOGIN (NAME:PASSWORD) or CHINWAG_CHAT_TOKEN.
    """
    try:
        from chinwag.bots.errors import BotError  # noqa: PLC0415 - not everybody has its packages
        from chinwag.chat import visit  # noqa: PLC0415 - as above
    except ImportError as error:
        raise CannotStart(
            f"The chat needs more packages ({error.name}): pip install 'chinwag[chat]'."
        ) from None
    logging.getLogger("chinwag").addHandler(logging.NullHandler())  # the screen is for messages
    try:
        guest = visit.Visit(server, api_key, user, None if no_keep else visit.keep_of(os.environ))
        if not no_login:
            guest.choose(os.environ)
        status = asyncio.run(_talk(guest, topic, command))
    except BotError as error:
        raise CannotStart(str(error)) from None
    raise SystemExit(status)


async def _talk(guest: "Visit", topic: str, command: Words) -> int:
    """The status of a visit. Raises BotError."""
    from chinwag.bots.errors import NotKnown  # noqa: PLC0415 - as above

    while True:
        try:
            if command is None and sys.stdin.isatty():
                return await _in_person(guest, topic)
            return await _by_script(guest, topic, command)
        except NotKnown:
            if not guest.try_again():
                raise


async def _in_person(guest: "Visit", topic: str) -> int:
    """A conversation. Raises BotError."""
    from prompt_toolkit import PromptSession  # noqa: PLC0415 - as above
    from prompt_toolkit.history import FileHistory, InMemoryHistory  # noqa: PLC0415 - as above

    from chinwag.chat.screen import Screen  # noqa: PLC0415 - as above

    file = guest.history
    history = FileHistory(str(file)) if file is not None else InMemoryHistory()
    screen = Screen(guest.address, guest.credentials, PromptSession(history=history), guest.entered)
    screen.first = topic
    return await screen.run()


async def _by_script(guest: "Visit", topic: str, command: Words) -> int:
    """What a script says. Raises BotError."""
    from chinwag.chat import client, script, terminal  # noqa: PLC0415 - as above

    talk = client.Client(guest.address, guest.credentials, terminal.write_frame)
    work = script.Script(talk, terminal.write, terminal.complain, terminal.secret)
    work.use.topic = topic
    lines = script.given(command) if command is not None else terminal.lines_of(sys.stdin)

    async def run() -> int:
        await talk.line.present()
        guest.entered(talk.line)
        return await work.run(lines)

    return await client.once(talk, run())
