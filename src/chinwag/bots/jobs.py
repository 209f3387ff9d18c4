"""What a bot does by itself: again and again, all the time, or once at a later time.

What is to be done once is kept in the storage, together with the message that asked for it: it
outlives the process, and is done once.
"""

import asyncio
import heapq
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any, Final, Protocol, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from chinwag.bots import turn
from chinwag.bots.errors import CannotRun, Lost
from chinwag.bots.storage import JOBS, Change, Storage
from chinwag.bots.turn import Turn

AGAIN_S: Final = 5.0  # before something that has failed and must not end is begun again
Job = Callable[..., Awaitable[object]]
Work = Callable[[], Coroutine[Any, Any, None]]
J = TypeVar("J", bound=Callable[..., Awaitable[object]])

log = logging.getLogger("chinwag.bots")


class Due(msgspec.Struct, order=True):
    """Something that is to be done at a time."""

    at_ms: int  # since 1970
    key: str
    name: str = ""
    values: dict[str, Any] = {}


class Host(Protocol):
    """The bot, as its jobs see it."""

    storage: Storage

    @property
    def uid(self) -> str:
        """Its user id."""
        ...

    def words(self) -> dict[str, Any]:
        """What jobs get, by the names of their parameters."""
        ...

    async def failed(self, handler: str, where: dict[str, str], error: Exception) -> None:
        """A job has raised."""
        ...


@dataclass(frozen=True, slots=True)
class Repeated:
    """A job that is done again and again: `next_s` tells when, given the time."""

    job: Job
    next_s: Callable[[datetime], float]


def every(period: timedelta) -> Callable[[datetime], float]:
    """The seconds until the next time, where one comes each `period`."""
    return lambda _: period.total_seconds()


def daily(at: str, zone: str) -> Callable[[datetime], float]:
    """The seconds until it is `at`, such as 09:30, in a time zone. Raises CannotRun."""
    try:
        clock, place = time.fromisoformat(at), ZoneInfo(zone)
    except (ValueError, KeyError, OSError):  # the zone is unknown, or a folder
        raise CannotRun(
            f"{at} in {zone} is no time of the day: it should look like 09:30 in Europe/Berlin."
        ) from None

    def next_s(now: datetime) -> float:
        local = now.astimezone(place)
        due = datetime.combine(local.date(), clock, place)
        if due <= local:
            due = datetime.combine(local.date() + timedelta(days=1), clock, place)
        return (due.timestamp() - now.timestamp()) or 1.0

    return next_s


class Jobs:
    """The jobs of a bot."""

    def __init__(self, host: Host, now: Callable[[], datetime]) -> None:
        self._host = host
        self.now = now
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
        self._repeated: list[Repeated] = []
        self._background: list[Job] = []
        self._named: dict[str, Job] = {}
        self._due: list[Due] = []
        self._news = asyncio.Event()

    # --- registering ------------------------------------------------------------------------

    def repeat(self, next_s: Callable[[datetime], float]) -> Callable[[J], J]:
        """Do the job below again and again."""

        def register(job: J) -> J:
            self._repeated.append(Repeated(checked(job), next_s))
            return job

        return register

    def keep(self, job: J) -> J:
        """Have `job` run all the time."""
        self._background.append(checked(job))
        return job

    def name(self, name: str) -> Callable[[J], J]:
        """The job below is what `later(name, …)` does. Raises CannotRun."""
        if name in self._named:
            raise CannotRun(f"There are two jobs of the name {name}.")

        def register(job: J) -> J:
            self._named[name] = checked(job)
            return job

        return register

    async def later(self, name: str, at_ms: int, values: dict[str, Any]) -> str:
        """Do the job `name` at a time; its key, by which it can be cancelled. Raises CannotRun.

        Within a handler it is kept when the handler is done, and only if it does not fail.
        """
        if name not in self._named:
            raise CannotRun(f"There is no job {name}: write @bot.job({name!r}) above one.")
        due = Due(at_ms, turn.once(), name, values)
        await self._change(Change(JOBS, due.key, msgspec.json.encode(due)), lambda: self._add(due))
        return due.key

    async def cancel(self, key: str) -> None:
        """Do not do it."""
        await self._change(Change(JOBS, key, None), lambda: self._remove(key))

    async def _change(self, change: Change, after: Callable[[], None]) -> None:
        now = turn.current.get()
        if now is None:
            await self._host.storage.commit([change])
            after()
        else:
            now.extra.append(change)
            now.after.append(after)

    def _add(self, due: Due) -> None:
        if all(due.key != other.key for other in self._due):
            heapq.heappush(self._due, due)
        self._news.set()

    def _remove(self, key: str) -> None:
        self._due = [due for due in self._due if due.key != key]
        heapq.heapify(self._due)

    # --- doing ------------------------------------------------------------------------------

    def works(self) -> list[tuple[str, Work]]:
        """Everything that runs beside the line, by its name."""
        works: list[tuple[str, Work]] = [("jobs", self._run_due)]
        works += [(r.job.__name__, partial(self._run_repeated, r)) for r in self._repeated]
        works += [(job.__name__, partial(self._run_always, job)) for job in self._background]
        return works

    async def _run_repeated(self, repeated: Repeated) -> None:
        while True:
            await self.sleep(repeated.next_s(self.now()))
            await self._try(repeated.job, {})

    async def _run_always(self, job: Job) -> None:
        while not await self._try(job, {}):
            await self.sleep(AGAIN_S)

    async def _run_due(self) -> None:
        """Do what is due, the earliest first; what was due while the bot was away, at once."""
        kept = await self._host.storage.scan(JOBS)
        self._due = [msgspec.json.decode(value, type=Due) for value in kept.values()]
        heapq.heapify(self._due)
        while True:
            wait_s = self._wait_s()
            if wait_s is None or wait_s > 0:
                await self._wait(wait_s)
            else:
                await self._do(self._due[0])

    def _wait_s(self) -> float | None:
        return self._due[0].at_ms / 1000 - self.now().timestamp() if self._due else None

    async def _wait(self, wait_s: float | None) -> None:
        self._news.clear()
        try:
            async with asyncio.timeout(wait_s):
                await self._news.wait()
        except TimeoutError:
            pass

    async def _do(self, due: Due) -> None:
        """Do one thing, and forget it in the same commit as what it changes."""
        now = Turn(f"{self._host.uid}:{due.key}")
        token = turn.current.set(now)
        try:
            job = self._named.get(due.name)
            if job is None:
                log.error("bot_job_unknown", extra={"job": due.name})
            elif not await self._try(job, due.values):
                now.revert()
        except Lost:
            return  # it stays due
        finally:
            turn.current.reset(token)
        await self._host.storage.commit([*now.changes(), Change(JOBS, due.key, None)])
        self._remove(due.key)
        now.done()

    async def _try(self, job: Job, values: dict[str, Any]) -> bool:
        """Do `job`; whether it did not fail. Raises Lost where that matters."""
        words = {**self._host.words(), **values}
        wants = inspect.signature(job).parameters
        try:
            await job(**{name: words[name] for name in wants if name in words})
        except Lost:
            if turn.current.get() is not None:
                raise
            return False
        except Exception as error:  # noqa: BLE001 - boundary: a bot survives whatever a job does
            await self._host.failed(job.__name__, {}, error)
            return False
        return True


def checked(job: Job) -> Job:
    """`job`, if it can be one. Raises CannotRun."""
    if not inspect.iscoroutinefunction(job):
        raise CannotRun(f"The job {getattr(job, '__name__', job)} must be an `async def`.")
    return job
