"""Folders that are there whole or not at all, for their owner only."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from chinwag.config import CannotStart
from chinwag.plugins.media_fs import PART, sync

CHUNK: Final = 1 << 20


@contextmanager
def fresh_folder(target: Path) -> Iterator[Path]:
    """A folder beside `target`, which takes its name when all went well and goes otherwise.

    Raises CannotStart.
    """
    target = Path(os.path.abspath(target))
    part = target.with_name(target.name + PART)
    if os.path.lexists(target) and not (target.is_dir() and not any(target.iterdir())):
        raise CannotStart(
            f"There is something in {target} already: name a folder that is not there."
        )
    with told(f"The folder {target} cannot be written"), _made(part):
        yield part
        os.sync()
        part.rename(target)
        sync(target.parent)


@contextmanager
def _made(part: Path) -> Iterator[None]:
    """`part`, empty and ours alone while this lasts; it goes if it still has this name then."""
    part.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(f"Another chinwag is writing {part}: wait for it.") from None
        try:
            empty(part)  # what an interruption has left
            yield
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    finally:
        os.close(handle)


def empty(folder: Path) -> None:
    """Remove what is in `folder`."""
    for entry in list(folder.iterdir()):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


@contextmanager
def told(what: str) -> Iterator[None]:
    """An error of the system becomes a sentence that begins with `what`. Raises CannotStart."""
    try:
        yield
    except OSError as error:
        where = f" at {error.filename}" if error.filename else ""
        raise CannotStart(
            f"{what} ({error.strerror}{where}): see to its disk, owner and permissions."
        ) from None


def copy_file(source: Path, target: Path) -> int:
    """Copy a file for its owner only; how many bytes it has."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with source.open("rb") as read, create(target) as write:
        shutil.copyfileobj(read, write, CHUNK)
        return write.tell()


def create(path: Path) -> BinaryIO:
    """A new file for its owner only, to be written."""
    return os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb"
    )


def files_in(folder: Path) -> Iterator[str]:
    """All files below `folder` as paths relative to it, in order, without uploads under way."""
    for at, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if not name.endswith(PART):
                yield os.path.relpath(os.path.join(at, name), folder)
