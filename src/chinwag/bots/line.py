"""The line to the server: connects, greets, logs in, and does it again whenever it is cut."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

from chinwag import __version__
from chinwag.bots.address import Address
from chinwag.bots.connection import Connection
from chinwag.bots.credentials import Credentials
from chinwag.bots.errors import BotError, CannotRun, Lost, NotKnown, Refusal
from chinwag.bots.limits import Limits
from chinwag.bots.packets import Ctrl, Meta, News

PROTOCOL: Final = "0.25"
FIRST_S: Final = 0.5  # the longest wait before the second attempt to connect
LONGEST_S: Final = 60.0
RENEW_S: Final = 86_400.0  # well within the life of a token, two weeks usually
PATIENCE_S: Final = 120.0  # how long a request waits for a connection
BUSY_TRIES: Final = 4  # of a request that the server has no time for
_BUSY: Final = (429, 503)
_CHALLENGE: Final = 300
_UNKNOWN: Final = (400, 401, 403, 404)
_random = secrets.SystemRandom()

log = logging.getLogger("chinwag.bots")


def wait_s(attempt: int, draw: Callable[[float, float], float] = _random.uniform) -> float:
    """How long to wait before the next attempt, the first being 0.

    Twice as long each time, up to a minute, and never the same for two bots: a server that starts
    is not stormed.
    """
    longest = min(LONGEST_S, FIRST_S * 2.0 ** min(attempt, 20))
    return draw(longest / 2, longest)


class Listener(Protocol):
    """Who hears what comes over a line."""

    def hear(self, news: News) -> None:
        """Take news; never waits."""
        ...

    async def connected(self) -> None:
        """The line is there (again) and logged in; may use it."""
        ...


class Line:
    """A connection that comes back."""

    def __init__(
        self, address: Address, credentials: Credentials | None, listener: Listener
    ) -> None:
        self.address = address
        self.agent = "ChinwagBot"  # what the server and others are told the program is
        self.tap: Callable[[bytes], None] | None = None  # sees every frame, as it came
        self.limits = Limits()
        self.uid = ""
        self.token = ""  # a fresh one after each log-in
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
        self.credentials = credentials
        self._listener = listener
        self._connection: Connection | None = None
        self._there = asyncio.Event()
        self._attempt = 0

    async def run(self) -> None:
        """Keep connected until cancelled. Raises CannotRun."""
        while True:
            try:
                await self.serve()
            except Lost as lost:
                pause_s = wait_s(self._attempt)
                self._attempt += 1
                log.warning("bot_line_lost", extra={"why": str(lost), "again_in_s": pause_s})
                await self.sleep(pause_s)

    async def serve(self) -> None:
        """Connect once, and read until the connection is lost. Raises Lost, CannotRun."""
        connection = await Connection.open(self.address)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(connection.read(self._listener.hear, self.tap))
                await self._log_in(connection)
                if self.credentials is not None and self.credentials.scheme == "token":
                    group.create_task(self._renew(connection))
                self._attempt = 0
                self._connection = connection
                self._there.set()
                log.info("bot_line_there", extra={"server": str(self.address), "uid": self.uid})
                await self._listener.connected()
        except* (Lost, Refusal, CannotRun) as failed:
            raise _worst(failed.exceptions) from None
        finally:
            self._there.clear()
            self._connection = None
            await connection.close()

    async def _renew(self, connection: Connection) -> None:
        """Log in anew once a day: tokens end, and each log-in gives a fresh one."""
        await asyncio.sleep(RENEW_S)
        await connection.close()

    async def _log_in(self, connection: Connection) -> None:
        """Greet and log in. Raises Lost, CannotRun."""
        agent = f"{self.agent}/{__version__}"
        try:
            greeting = await connection.request("hi", ver=PROTOCOL, ua=agent, lang="en")
            self.limits = Limits.of(greeting)
            if self.credentials is not None:
                self._entered(await self._present_secret(connection))
        except Refusal as refusal:
            if refusal.code in _UNKNOWN:
                raise NotKnown(
                    f"{self.address} does not let in who logs in ({refusal.text}): check the name "
                    "and the password, or the token."
                ) from None
            raise Lost(str(refusal)) from None

    async def _present_secret(self, connection: Connection) -> Ctrl:
        """The answer to a log-in: with the token of the last one, which costs the server less."""
        if self.token:
            try:
                return await connection.request("login", scheme="token", secret=self.token)
            except Refusal:
                self.token = ""
        assert self.credentials is not None
        scheme, secret = self.credentials.scheme, self.credentials.secret
        return await connection.request("login", scheme=scheme, secret=secret)

    def _entered(self, answer: Ctrl) -> None:
        if answer.code >= _CHALLENGE:
            raise CannotRun("The account has to confirm its address first.")
        self.uid = str(answer.param("user") or "")
        self.token = str(answer.param("token") or "")

    @property
    def is_there(self) -> bool:
        """Whether there is a connection, logged in."""
        return self._there.is_set()

    async def present(self) -> Connection:
        """The connection, as soon as there is one. Raises Lost after two minutes."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while self._connection is None:
                    await self._there.wait()
        except TimeoutError:
            raise Lost("There is no connection to the server.") from None
        return self._connection

    async def ask(self, kind: str, extra: dict[str, Any] | None = None, **body: Any) -> Ctrl | Meta:
        """The first answer to a request; a busy server is asked again. Raises Lost, Refusal."""
        for attempt in range(BUSY_TRIES):
            try:
                return await (await self.present()).ask(kind, extra, **body)
            except Refusal as refusal:
                if refusal.code not in _BUSY:
                    raise
            await self.sleep(wait_s(attempt))
        return await (await self.present()).ask(kind, extra, **body)

    async def note(self, **body: Any) -> None:
        """Say something that nobody answers, if there is a connection."""
        if self._connection is not None:
            with contextlib.suppress(Lost):
                await self._connection.note(**body)


def _worst(failures: Sequence[BaseException]) -> BotError:
    """What to tell of several failures: whatever cannot be helped, else that the line is lost."""
    for failure in failures:
        if isinstance(failure, CannotRun):
            return failure
    return Lost(str(failures[0]))
