"""Backups: everything a server keeps at one moment, while it goes on."""

import shutil
from pathlib import Path
from typing import Final

from chinwag import __version__
from chinwag.config import CannotStart, Config
from chinwag.store import address, files, opening, snapshot
from chinwag.store.db import CannotOpen
from chinwag.upkeep import archive, aside
from chinwag.upkeep.archive import Manifest
from chinwag.upkeep.progress import Progress
from chinwag.wire import codec

_FOUND: Final = "found"  # uploads before anybody knows whether they have rows


def make(config: Config, data: Path, target: Path, progress: Progress, now_ms: int) -> Manifest:
    """Write a backup to the folder `target`; it is there whole or not at all. Raises CannotStart.

    Files are copied before the rows, and what has come since after them: the rows decide which
    belong to the backup, and none of those can have gone meanwhile.
    """
    url, uploads = config.database.url, data / archive.UPLOADS
    with aside.fresh_folder(target) as folder:
        _copy_all(uploads, folder / _FOUND, progress)
        version, counts = _copy_rows(url, data, folder / archive.DATABASE, progress)
        lacking = _settle(uploads, folder, progress)
        if (data / archive.KEY).exists():
            aside.copy_file(data / archive.KEY, folder / archive.KEY)
        manifest = Manifest(
            format=archive.FORMAT,
            program=__version__,
            schema=version,
            database=address.product(url),
            made=codec.stamp(now_ms),
            counts=counts,
            lacking=lacking,
        )
        archive.seal(folder, manifest, progress.of("checksums"))
    return manifest


def _copy_all(uploads: Path, target: Path, progress: Progress) -> None:
    """Copy all uploads; one that goes meanwhile was in nobody's use."""
    watch, done = progress.of("files"), 0
    target.mkdir(mode=0o700)
    for name in aside.files_in(uploads):
        done += _copied(uploads / name, target / name)
        watch(done, 0)


def _copied(source: Path, target: Path) -> bool:
    try:
        aside.copy_file(source, target)
    except FileNotFoundError:
        return False
    return True


def _copy_rows(
    url: str, data: Path, target: Path, progress: Progress
) -> tuple[int, dict[str, int]]:
    """Copy the database; the version of its tables and how many rows they have."""
    watch = progress.of("database")
    target.touch(mode=0o600)
    source = target
    try:
        source = opening.file_of(url, data) or target
        opening.look(url, data, lambda tx: snapshot.write(tx, target, watch))
        version, counts = snapshot.summary(target)
    except CannotOpen as error:  # a copy is as damaged as what it was made of, and goes now
        raise CannotStart(str(error).replace(str(target), str(source))) from None
    progress.done(f"Database: {sum(counts.values()):,} rows.")
    return version, counts


def _settle(uploads: Path, folder: Path, progress: Progress) -> int:
    """Keep the files that have rows, those too that came later; how many are missing."""
    kept = lacking = 0
    watch = progress.of("files of the backup")
    (folder / archive.UPLOADS).mkdir(mode=0o700)
    for location, _ in snapshot.read(folder / archive.DATABASE, files.whole):
        target = folder / archive.UPLOADS / location
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (folder / _FOUND / location).exists():
            (folder / _FOUND / location).rename(target)
        elif not _copied(uploads / location, target):
            lacking += 1
            continue
        kept += 1
        watch(kept, 0)
    shutil.rmtree(folder / _FOUND)
    progress.done(f"Files: {kept:,}." + (f" {lacking:,} have rows, but no bytes." * bool(lacking)))
    return lacking
