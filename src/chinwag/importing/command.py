"""The command `import-tinode`: from an address to a report."""

import hashlib
import sys
import tempfile
import zoneinfo
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

from chinwag.app import open_database
from chinwag.config import CannotStart, Config
from chinwag.importing import cipher, verify
from chinwag.importing.carry import Carrier
from chinwag.importing.files import Shelf
from chinwag.importing.job import Job, Settings
from chinwag.importing.progress import Progress
from chinwag.importing.report import CannotImport, Report
from chinwag.importing.rows import Person
from chinwag.importing.source import open_source
from chinwag.importing.values import Clockwork
from chinwag.machine import SystemClock
from chinwag.plugins.media_fs import FolderMedia
from chinwag.store import imports, opening
from chinwag.store.db import Db
from chinwag.store.imports import Mark

_ROW: Final = "{:15} {:>11} {:>9} {:>7} {:>11}  {}"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for."""

    url: str
    uid_key: str
    data: Path
    files: Path | None = None
    skip: bool = False  # rows that cannot be read, instead of stopping at the first
    dry_run: bool = False
    every_account: bool = False
    time_zone: str | None = None


async def import_tinode(order: Order, config: Config) -> bool:
    """Do what is asked for and tell about it; whether both sides agree. Raises CannotStart."""
    try:
        made = cipher.Cipher(cipher.key_of(order.uid_key))
        clock = Clockwork(_zone(order.time_zone))
        _check_folder(order.files)
        async with open_source(order.url) as source:
            await verify.check_key(source, made)
            async with _target(order, config) as db:
                limits = config.to_limits()
                settings = Settings(limits.alias_ns, limits.country, order.every_account)
                report = Report(stops=not order.skip)
                job = Job(source, db, made, clock, report, settings)
                return await _import(order, job)
    except CannotImport as error:
        raise CannotStart(str(error)) from None


async def _import(order: Order, job: Job) -> bool:
    mark = await _begin(order, job)
    media = None if order.dry_run else FolderMedia(order.data / "uploads")
    shelf = Shelf(order.files, media)
    carrier = Carrier(job, shelf, Progress(sys.stderr), SystemClock().now_ms())
    await carrier.run(mark)
    counts = await verify.compare(job)
    if job.source.has("reactions", "topic"):
        count = await job.source.count("reactions")
        typer.echo(f"Reactions are not carried over: {count:,}, there is no place for them yet.")
    _tell(order, job.report, counts)
    if not job.report.wrong:
        await carrier.done(mark.source)
    return not job.report.wrong


async def _begin(order: Order, job: Job) -> Mark:
    """Where to begin. Raises CannotImport where the database is not for that."""
    text = f"{job.source.place} {order.uid_key}"
    fresh = Mark(hashlib.sha256(text.encode()).hexdigest()[:16], Person.table)
    mark, left = await job.db.read(imports.progress)
    if mark is None:
        if not await job.db.read(imports.is_empty):
            raise CannotImport(
                "There are accounts in the database already: import into an empty one, with another"
                " --data or --database."
            )
        return fresh
    if mark.source != fresh.source:
        raise CannotImport(
            "The database holds an import from another address or with another key: go on with "
            "that one, or choose an empty database."
        )
    if mark.done:
        raise CannotImport(
            "The import into this database is complete: to import anew, choose an empty one with "
            "another --data or --database."
        )
    job.report.left.update(left)
    typer.echo(f"Going on where the import has stopped: with {mark.step}.", err=True)
    return mark


@asynccontextmanager
async def _target(order: Order, config: Config) -> AsyncIterator[Db]:
    """The database that takes everything; for a dry run one that is thrown away."""
    if not order.dry_run:
        db = await open_database(config, order.data, importing=True)
        try:
            yield db
        finally:
            await db.close()
        return
    with tempfile.TemporaryDirectory(prefix="chinwag-dry-run-") as folder:
        db = await opening.open_db("", Path(folder), message_max=config.limits.max_message_size)
        try:
            yield db
        finally:
            await db.close()


def _zone(name: str | None) -> zoneinfo.ZoneInfo | None:
    try:
        return None if name is None else zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise CannotImport(
            f"There is no time zone {name}: write it as Europe/Berlin, or leave it out for UTC."
        ) from None


def _check_folder(folder: Path | None) -> None:
    if folder is not None and not folder.is_dir():
        raise CannotImport(f"There is no folder {folder}: give --files the old server's uploads.")


def _tell(order: Order, report: Report, counts: list[verify.Count]) -> None:
    """Print what was done."""
    for line in report.lines():
        typer.echo(line)
    typer.echo(_ROW.format("", "there", "left out", "made", "here", ""))
    for count in counts:
        numbers = (f"{n:,}" for n in count[1:])
        typer.echo(_ROW.format(count.table, *numbers, "" if count.agrees else "DIFFERS"))
    for line in report.wrong:
        typer.echo(f"Does not agree: {line}")
    if report.wrong:
        typer.echo("The import is not what it should be: do not use it, and report this.")
    elif order.dry_run:
        typer.echo("This was a dry run: nothing has been kept, no file was copied.")
    else:
        typer.echo(f"All is here. Next: chinwag serve, with --data {order.data}")
