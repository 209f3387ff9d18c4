"""The form of a backup: a folder that says itself whether it is whole.

manifest.json   written last: versions, counts, the digest of SHA256SUMS
SHA256SUMS      a line for every other file, as `sha256sum --check` reads it
chinwag.db      all rows as an SQLite file, whatever database they come from
token.key       the secret that signs log-ins
uploads/        files
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec
from msgspec import Struct

from chinwag.config import CannotStart
from chinwag.store import migrate, snapshot
from chinwag.store.db import CannotOpen
from chinwag.upkeep import aside

Watch = Callable[[int, int], None]

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
SUMS: Final = "SHA256SUMS"
DATABASE: Final = "chinwag.db"
KEY: Final = "token.key"
UPLOADS: Final = "uploads"
_LINE: Final = re.compile(r"([0-9a-f]{64})  ([^\n\\]+)\n")


class Manifest(Struct, kw_only=True):
    """What is in a backup."""

    format: int
    program: str  # the release that wrote it
    schema: int  # version of the tables
    database: str  # where they come from: sqlite, postgresql, mysql
    made: str
    counts: dict[str, int]  # rows, by table
    lacking: int  # uploads whose bytes were not there
    files_count: int = 0  # all but the manifest and the sums
    size_bytes: int = 0  # of those
    sums: str = ""  # the digest of SHA256SUMS


def seal(folder: Path, manifest: Manifest, watch: Watch) -> None:
    """Write the sums of all files in `folder`, and last the manifest, which is completed."""
    digest = hashlib.sha256()
    with aside.create(folder / SUMS) as sums:
        for name in aside.files_in(folder):
            if name == SUMS:
                continue
            line = f"{digest_of(folder / name)}  {name}\n".encode()
            sums.write(line)
            digest.update(line)
            manifest.files_count += 1
            manifest.size_bytes += (folder / name).stat().st_size
            watch(manifest.files_count, 0)
    manifest.sums = digest.hexdigest()
    with aside.create(folder / MANIFEST) as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- reading --------------------------------------------------------------------------------


def check(folder: Path, watch: Watch) -> Manifest:
    """What is in the backup `folder`, every byte of which is as it was. Raises CannotStart."""
    with aside.told(f"The backup in {folder} cannot be read"):
        manifest = _manifest(folder)
        _check_file(folder, SUMS, manifest.sums)
        for count, (digest, name) in enumerate(listed(folder), 1):
            _check_file(folder, name, digest)
            watch(count, manifest.files_count)
        _check_rows(folder, manifest)
    return manifest


def _check_file(folder: Path, name: str, digest: str) -> None:
    if not (folder / name).is_file():
        raise _spoilt(folder, f"{name} is missing")
    if digest_of(folder / name) != digest:
        raise _spoilt(folder, f"{name} has been altered or cut short")


def _manifest(folder: Path) -> Manifest:
    if not folder.is_dir():
        raise CannotStart(f"There is no folder {folder}: name one that `chinwag backup` has made.")
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise CannotStart(
            f"There is no whole backup in {folder}: its {MANIFEST}, which is written last, is "
            "missing."
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _spoilt(folder, f"{MANIFEST} has been altered or cut short") from None
    if manifest.format > FORMAT or manifest.schema > migrate.VERSION:
        raise CannotStart(
            f"The backup in {folder} was made by chinwag {manifest.program}, which is newer: "
            "restore it with that release or a later one."
        )
    return manifest


def _check_rows(folder: Path, manifest: Manifest) -> None:
    try:
        found = snapshot.summary(folder / DATABASE)
    except CannotOpen as error:
        raise CannotStart(str(error)) from None
    if found != (manifest.schema, manifest.counts):
        raise _spoilt(folder, f"{MANIFEST} does not tell what is in {DATABASE}")


def listed(folder: Path) -> Iterator[tuple[str, str]]:
    """The digest and name of every file of a backup. Raises CannotStart."""
    with (folder / SUMS).open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            match = _LINE.fullmatch(line)
            if match is None or not _is_ours(match[2]):
                raise _spoilt(folder, f"{SUMS} names what is no part of a backup")
            yield match[1], match[2]


def _is_ours(name: str) -> bool:
    parts = PurePosixPath(name).parts
    inside = parts[0] == UPLOADS and ".." not in parts and str(PurePosixPath(*parts)) == name
    return name in (DATABASE, KEY) or inside


def _spoilt(folder: Path, why: str) -> CannotStart:
    return CannotStart(f"The backup in {folder} cannot be used: {why}; take another one.")
