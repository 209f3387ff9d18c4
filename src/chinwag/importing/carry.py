"""The steps of an import, one after the other; each portion is stored with the note of it.

While one portion is written the next one is read. Source: specification 05, paragraph 10.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any, Final, Protocol, TypeVar

import msgspec

from chinwag.importing.files import Files, Links, Shelf
from chinwag.importing.history import Deletions, Messages
from chinwag.importing.job import Job
from chinwag.importing.people import Addresses, Devices, People, Secrets
from chinwag.importing.places import Subs, Topics
from chinwag.importing.progress import Progress
from chinwag.importing.report import CannotImport
from chinwag.importing.rows import Row
from chinwag.importing.source import Page
from chinwag.store import imports, schema
from chinwag.store.db import StoreError
from chinwag.store.imports import Mark, Portion

PAGE: Final = 4000  # rows
FILES: Final = 64  # files of which nothing is noted before they are all there
LAST: Final = "end"
T = TypeVar("T")


class Step(Protocol):
    """Carries one table over."""

    @property
    def kind(self) -> type[Row]:
        """Which one."""
        ...

    async def take(self, rows: list[Any]) -> Portion:
        """What rows of it become."""
        ...


class Carrier:
    """Carries everything over, from where an earlier try has stopped."""

    def __init__(self, job: Job, shelf: Shelf, progress: Progress, now_ms: int) -> None:
        self._job = job
        self._progress = progress
        self._steps: list[Step] = [
            People(job),
            Secrets(job),
            Addresses(job),
            Devices(job),
            Topics(job),
            Subs(job),
            Messages(job),
            Deletions(job),
            Links(job),
            Files(job, shelf, now_ms),
        ]

    async def run(self, mark: Mark) -> None:
        """Go on from `mark` to the end. Raises CannotImport."""
        names = [step.kind.table for step in self._steps]
        await self._store({}, mark)
        begun = names.index(mark.step) if mark.step in names else len(names)
        for number, step in enumerate(self._steps[begun:]):
            await self._carry(step, mark if number == 0 else Mark(mark.source, step.kind.table))
        await self._finish(mark.source)

    async def _carry(self, step: Step, mark: Mark) -> None:
        source, table = self._job.source, step.kind.table
        total = await source.count(table)
        there = await source.count_up_to(table, mark.after) if mark.after >= 0 else 0
        self._progress.begin(table, total, there)
        if order := getattr(step, "order", ()):
            await self._begin_anew(step, mark)
            pages = source.sorted(step.kind, order, PAGE)
        else:
            pages = source.pages(step.kind, mark.after, FILES if isinstance(step, Files) else PAGE)
        await self._pump(step, pages, mark)
        self._progress.end()

    async def _begin_anew(self, step: Step, mark: Mark) -> None:
        """Forget what an interrupted step has done that is not done in the order of ids."""
        table = schema.creds if isinstance(step, Addresses) else schema.deletions
        self._job.report.left[step.kind.table] = 0
        await self._run(imports.clear, table)
        await self._store({}, msgspec.structs.replace(mark, after=imports.BEFORE_ALL))

    async def _pump(self, step: Step, pages: AsyncIterator[Page], mark: Mark) -> None:
        page = await anext(pages, None)
        while page is not None:
            self._job.report.unreadable(step.kind.table, page.bad)
            portion = await step.take(page.rows)
            note = msgspec.structs.replace(mark, after=page.last)
            count = page.size
            page = await _first_of(anext(pages, None), self._store(portion, note))
            self._progress.advance(count)

    async def _store(self, portion: Portion, note: Mark) -> None:
        left = {table: count for table, count in self._job.report.left.items() if count}
        await self._run(imports.put, portion, note, left)

    async def _finish(self, source: str) -> None:
        """What can be told only when everything is there."""
        settings, report = self._job.settings, self._job.report
        for tag, kept, lost in await self._run(imports.settle_aliases, settings.alias_ns):
            report.mend("tags", "given twice, the older holder keeps it",
                        f"{tag}: {kept}, not {', '.join(lost)}")  # fmt: skip
        await self._run(imports.prune_links)
        await self._store({}, Mark(source, LAST))

    async def done(self, source: str) -> None:
        """Note that nothing is left to do."""
        await self._store({}, Mark(source, LAST, done=True))

    async def _run(self, fn: Any, *args: Any) -> Any:
        try:
            return await self._job.db.run(fn, *args)
        except StoreError as error:
            raise CannotImport(
                f"The database does not take it ({error}): check it and its disk, and run the "
                "command again; it goes on where it stopped."
            ) from None


async def _first_of(first: Awaitable[T], second: Awaitable[None]) -> T:
    """The result of `first`, once both have ended."""
    one, two = await asyncio.gather(first, second, return_exceptions=True)
    if isinstance(two, BaseException):
        raise two
    if isinstance(one, BaseException):
        raise one
    return one
