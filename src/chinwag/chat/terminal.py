"""The terminal, the standard input and output of a script."""

import asyncio
import getpass
import sys
import threading
from collections.abc import AsyncIterator
from typing import Final, TextIO

from chinwag.bots.errors import CannotRun
from chinwag.bots.packets import Packet

LINES_MAX: Final = 100  # of a script that are read ahead


def write(text: str) -> None:
    """Say something on standard output, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def write_frame(frame: bytes, _: Packet) -> None:
    """What the server says, as it came."""
    write(frame.decode("utf-8", "replace"))


def complain(text: str) -> None:
    """Say something on standard error."""
    sys.stderr.write(f"chinwag: {text}\n")
    sys.stderr.flush()


def read_secret(prompt: str) -> str:
    """A password, typed unseen. Raises CannotRun where nobody can type."""
    try:
        with open("/dev/tty", "rb"):
            pass
    except OSError:
        raise CannotRun(
            "A password is needed, and there is no terminal to ask for it: set CHINWAG_CHAT_LOGIN "
            "to NAME:PASSWORD, or CHINWAG_CHAT_TOKEN to a token."
        ) from None
    return getpass.getpass(prompt)


async def secret(prompt: str) -> str:
    """As `read_secret`, while the connection goes on."""
    return await asyncio.to_thread(read_secret, prompt)


async def lines_of(source: TextIO) -> AsyncIterator[str]:
    """The lines of `source`, read by a thread that nobody waits for in the end."""
    lines: asyncio.Queue[str | None] = asyncio.Queue(LINES_MAX)
    threading.Thread(
        target=_read, args=(source, lines, asyncio.get_running_loop()), daemon=True
    ).start()
    while (line := await lines.get()) is not None:
        yield line


def _read(
    source: TextIO, lines: "asyncio.Queue[str | None]", loop: asyncio.AbstractEventLoop
) -> None:
    try:
        for line in source:
            asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()
        asyncio.run_coroutine_threadsafe(lines.put(None), loop).result()
    except RuntimeError:
        return  # the loop is closed: nobody listens any more
