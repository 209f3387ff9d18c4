"""Uploaded files in a folder: a file is there whole or not at all.

Source: specification 04, paragraph 8.5.
"""

import asyncio
import contextlib
import hashlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from chinwag.ports import Stored, TooLarge

PART: Final = ".part"
OLD_S: Final = 3600.0  # what is younger may still be on its way


class FolderMedia:
    """Keeps files in `root`, spread over subfolders by the first characters of their names."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def sweep(self) -> int:
        """Remove what interrupted uploads have left; how many files that were."""
        left = list(self._root.glob(f"*/*{PART}"))
        for part in left:
            part.unlink(missing_ok=True)
        return len(left)

    async def save(self, name: str, chunks: AsyncIterator[bytes], limit: int) -> Stored:
        """Keep `chunks` under `name`: written aside, made durable, then renamed."""
        location = f"{name[:2]}/{name}"
        target = self._root / location
        part = target.with_name(target.name + PART)
        try:
            await asyncio.to_thread(_make_folder, part.parent)
            size, etag = await self._write(part, chunks, limit)
            await asyncio.to_thread(_publish, part, target)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                part.unlink()
            raise
        return Stored(location, size, etag)

    @staticmethod
    async def _write(part: Path, chunks: AsyncIterator[bytes], limit: int) -> tuple[int, str]:
        digest, size = hashlib.sha256(), 0
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise TooLarge
                digest.update(chunk)
                await asyncio.to_thread(_write_all, handle, chunk)
            await asyncio.to_thread(os.fsync, handle)
        finally:
            os.close(handle)
        return size, digest.hexdigest()[:32]

    def path(self, location: str) -> Path:
        """Where the bytes are."""
        return self._root / location

    async def remove(self, location: str) -> None:
        """Forget the bytes."""
        await asyncio.to_thread(self.path(location).unlink, missing_ok=True)

    async def listed(self) -> AsyncIterator[list[tuple[str, str]]]:
        """Names and locations of all files that are older than an hour, folder by folder."""
        for folder in await asyncio.to_thread(lambda: sorted(self._root.iterdir())):
            found = await asyncio.to_thread(_old_files, folder)
            if found:
                yield [(name, f"{folder.name}/{name}") for name in found]


def _old_files(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    before = time.time() - OLD_S  # noqa: TID251 - files bear the time of the machine
    with os.scandir(folder) as entries:
        return [e.name for e in entries if e.is_file() and e.stat().st_mtime < before]


def _make_folder(folder: Path) -> None:
    """Make a subfolder, durably, unless it is there."""
    if not folder.is_dir():
        folder.mkdir(mode=0o700, exist_ok=True)
        sync(folder.parent)


def _write_all(handle: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(handle, view) :]


def _publish(part: Path, target: Path) -> None:
    """Give a finished file its name, durably."""
    part.rename(target)
    sync(target.parent)


def sync(folder: Path) -> None:
    """Make names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
