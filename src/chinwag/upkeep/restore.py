"""Put a backup in the place of what a data folder and its database hold."""

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from chinwag.app import prepare_folder
from chinwag.config import CannotStart, Config
from chinwag.store import opening, snapshot, sqlite
from chinwag.store.db import CannotOpen, Tx
from chinwag.store.lock import Lock
from chinwag.upkeep import archive, aside, swap
from chinwag.upkeep.archive import Manifest
from chinwag.upkeep.progress import Progress
from chinwag.wire import codec

_BESIDE: Final = ("-wal", "-shm")  # what lies beside an SQLite file


class Target(NamedTuple):
    """Where a backup is restored to."""

    config: Config
    data: Path
    replace: bool  # whether it may hold something

    @property
    def url(self) -> str:
        """The address of the database."""
        return self.config.database.url

    @property
    def file(self) -> Path | None:
        """The SQLite file; None: a server keeps the database. Raises CannotOpen."""
        return opening.file_of(self.url, self.data)


def run(folder: Path, target: Target, progress: Progress, now_ms: int) -> Manifest | None:
    """Restore the backup in `folder`; None: one that was interrupted has been finished instead.

    Raises CannotStart.
    """
    try:
        with aside.told(f"The backup in {folder} cannot be restored"):
            return _run(folder, target, progress, now_ms)
    except CannotOpen as error:
        raise CannotStart(str(error)) from None


def _run(folder: Path, target: Target, progress: Progress, now_ms: int) -> Manifest | None:
    prepare_folder(target.data)
    lock = _lock(target)
    try:
        begun = swap.under_way(target.data)
        if begun is not None and begun.moves:
            swap.finish(target.data, begun)
            return None
        manifest = archive.check(folder, progress.of("checking"))
        progress.done(f"Checked: {manifest.files_count:,} files are as they were.")
        if begun is not None:  # nobody knows what the database holds
            target = target._replace(replace=True)
        if not target.replace:
            _check_empty(target)
        _check_room(target.data, manifest)
        _restore(folder, target, progress, now_ms)
        return manifest
    finally:
        lock.release()


def _lock(target: Target) -> Lock:
    file = target.file
    beside = [] if file is None else [file.with_suffix(".lock")]
    return Lock(*beside, target.data / "chinwag.lock")


def _check_empty(target: Target) -> None:
    """See that nothing would be replaced. Raises CannotStart."""
    file = target.file
    uploads = aside.files_in(target.data / archive.UPLOADS)
    if next(uploads, None) is not None or (file is not None and _holds_rows(file)):
        raise _occupied(target)


def _check_room(data: Path, manifest: Manifest) -> None:
    free = shutil.disk_usage(data).free
    if free < manifest.size_bytes:
        raise CannotStart(
            f"The backup needs {manifest.size_bytes:,} bytes, the disk of {data} has {free:,}: "
            "make room."
        )


def _holds_rows(file: Path) -> bool:
    """Whether the SQLite file holds accounts; one that cannot be read may."""
    if not file.exists() or not file.stat().st_size:
        return False
    try:
        return sqlite.look(file, snapshot.in_use)
    except CannotOpen:
        return True


def _occupied(target: Target) -> CannotStart:
    return CannotStart(
        f"There are accounts or files already in {target.data} or its database: add --replace to "
        "put the backup in their place (what is in the folder is kept beside it)."
    )


def _restore(folder: Path, target: Target, progress: Progress, now_ms: int) -> None:
    """Lay everything ready, then exchange it."""
    data, file = target.data, target.file
    places = {name: data / name for name in (archive.UPLOADS, archive.KEY)}
    places[archive.DATABASE] = data / archive.DATABASE if file is None else file
    all_of_it = list(places.values())
    _clear(all_of_it)
    try:
        _lay_ready(folder, places, progress)
        if file is None:
            _fill(target, swap.ready(places.pop(archive.DATABASE)), progress)
    except BaseException:
        _clear(all_of_it)
        raise
    stamp = re.sub(r"[-:]|\.\d+", "", codec.stamp(now_ms))
    note = swap.Note(swap.moves(_exchanged(places), stamp))
    swap.begin(data, note)
    swap.finish(data, note)


def _clear(places: Iterable[Path]) -> None:
    """Remove what an interruption has left."""
    for waiting in map(swap.ready, places):
        if waiting.is_dir():
            shutil.rmtree(waiting)
        else:
            waiting.unlink(missing_ok=True)


def _lay_ready(folder: Path, places: dict[str, Path], progress: Progress) -> None:
    watch = progress.of("copying")
    swap.ready(places[archive.UPLOADS]).mkdir(mode=0o700)
    for count, (_, name) in enumerate(archive.listed(folder), 1):
        head, slash, rest = name.partition("/")
        ready = swap.ready(places[head])
        aside.copy_file(folder / name, ready / rest if slash else ready)
        watch(count, 0)
    snapshot.modernise(swap.ready(places[archive.DATABASE]))
    os.sync()
    progress.done("Copied: ready to take the place of what is there.")


def _fill(target: Target, rows: Path, progress: Progress) -> None:
    """Put the rows into the database that a server keeps, in one transaction.

    Before its commit it is noted that nobody can know whether that is done.
    """
    watch = progress.of("database")

    def work(tx: Tx) -> None:
        if not target.replace and snapshot.in_use(tx):
            raise _occupied(target)
        snapshot.refill(tx, rows, watch)
        with aside.told(f"The data folder {target.data} cannot be written"):
            swap.begin(target.data, swap.Note())

    opening.alone(target.url, work, message_max=target.config.limits.max_message_size)
    rows.unlink()
    progress.done("Database: all rows are in it.")


def _exchanged(places: dict[str, Path]) -> list[Path]:
    """What is exchanged or put away, in this order; a secret that the backup has none for stays."""
    found = [path for path in places.values() if os.path.lexists(swap.ready(path))]
    file = places.get(archive.DATABASE)
    beside = [] if file is None else [file.with_name(file.name + end) for end in _BESIDE]
    return [*beside, *found]
