"""Looks at everything a server needs; says what is wrong with it, and what to do.

It changes nothing and works while a server runs.
"""

import base64
import binascii
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from enum import IntEnum
from pathlib import Path
from typing import Final, NamedTuple

from chinwag import __version__
from chinwag.config import CannotStart, Config
from chinwag.machine import BEHIND_MS, SET_MS
from chinwag.store import checkup, dialect, migrate, opening
from chinwag.store.checkup import Facts
from chinwag.store.db import CannotOpen, Tx
from chinwag.upkeep import archive, inventory, swap

ROOM_LEAST: Final = 64 << 20  # bytes without which a server stops taking messages soon
ROOM: Final = 1 << 30
SECRET_BYTES: Final = 32
UPLOAD_S: Final = 3600.0  # bytes that are younger may get their rows yet
_OTHERS: Final = 0o077
_UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB")


class Grade(IntEnum):
    """How bad it is; the worst is the exit status."""

    OK = 0
    WARN = 1  # to be mended, but a server can run
    BAD = 2  # a server cannot run, or something is lost


class Finding(NamedTuple):
    """Something that was looked at."""

    grade: Grade
    what: str
    sentence: str  # with its remedy, if it needs one

    def __str__(self) -> str:
        return f"{self.grade.name:4}  {self.what + ':':10} {self.sentence}"


class Patient(NamedTuple):
    """What is looked at."""

    config: Config
    data: Path
    file: Path | None  # the database; None: a server keeps it
    now_ms: int


def examine(
    load: Callable[[], Config], settings: Path | None, data: Path, now_ms: int
) -> Iterator[Finding]:
    """Everything that was found, as it is found; `load` reads the file `settings` and more."""
    yield _versions()
    try:
        config = load()
        patient = Patient(config, data, opening.file_of(config.database.url, data), now_ms)
    except (CannotStart, CannotOpen) as error:
        yield Finding(Grade.BAD, "settings", str(error))
        return
    yield from _settings(config, settings)
    if not data.is_dir():
        sentence = f"There is none at {data}: make it with `chinwag init`, or name another."
        yield Finding(Grade.BAD, "folder", sentence)
        return
    try:
        for look in (_folder, _secrets, _room, _database):
            yield from look(patient)
    except CannotOpen as error:
        yield Finding(Grade.BAD, "database", str(error))
    except OSError as error:
        sentence = f"{error.filename} cannot be looked at ({error.strerror}): ask as its owner."
        yield Finding(Grade.BAD, "folder", sentence)


def _versions() -> Finding:
    python = ".".join(map(str, sys.version_info[:3]))
    return Finding(
        Grade.OK,
        "versions",
        f"chinwag {__version__}, Python {python}, tables of version {migrate.VERSION}.",
    )


# --- settings and folders -------------------------------------------------------------------


def _settings(config: Config, path: Path | None) -> Iterator[Finding]:
    problems = [*_open_settings(config, path), *_unusable_keys(config)]
    if config.confirm.development:
        sentence = "confirm.development lets anybody confirm any address: remove it."
        problems.append(Finding(Grade.WARN, "settings", sentence))
    yield from problems
    if not problems:
        where = "The defaults" if path is None else f"Those in {path}"
        yield Finding(Grade.OK, "settings", f"{where} can be used.")


def _open_settings(config: Config, path: Path | None) -> Iterator[Finding]:
    secret = config.email.password or config.tel.secret or ":" in config.database.url[8:]
    if path is not None and secret and path.stat().st_mode & _OTHERS:
        sentence = f"{path} holds secrets that others can read: `chmod 600 {path}`."
        yield Finding(Grade.WARN, "settings", sentence)


def _unusable_keys(config: Config) -> Iterator[Finding]:
    for name in ("tls_cert", "tls_key"):
        path = getattr(config.grpc, name)
        if path and not os.access(path, os.R_OK):
            sentence = f"{path} (grpc.{name}) cannot be read: check its owner and permissions."
            yield Finding(Grade.BAD, "settings", sentence)


def _folder(patient: Patient) -> Iterator[Finding]:
    data = patient.data
    left = [path.name for path in data.glob(f"*{swap.READY}")]
    if left:
        sentence = f"A restore has left {', '.join(left)} in {data}: remove it."
        yield Finding(Grade.WARN, "folder", sentence)
    if not os.access(data, os.W_OK | os.X_OK):
        sentence = f"{data} cannot be written: mend its owner and permissions."
        yield Finding(Grade.BAD, "folder", sentence)
    strangers = [path.name for path in data.iterdir() if path.stat().st_uid != data.stat().st_uid]
    if strangers:
        sentence = (
            f"{', '.join(sorted(strangers))} in {data} belong to somebody else than the folder: "
            f"`chown -R --reference={data} {data}`."
        )
        yield Finding(Grade.WARN, "folder", sentence)


def _secrets(patient: Patient) -> Iterator[Finding]:
    """Who can read what only the server may."""
    key = patient.data / archive.KEY
    if not key.exists():
        sentence = f"There is no {key}: the server makes one, and everybody has to log in again."
        yield Finding(Grade.WARN, "secrets", sentence)
    elif not _is_secret(key):
        sentence = f"{key} cannot be used: restore it, or remove it to end all log-ins."
        yield Finding(Grade.BAD, "secrets", sentence)
    private = [patient.data, key, patient.data / archive.UPLOADS]
    if patient.file is not None:
        private += [patient.file.with_name(patient.file.name + end) for end in ("", "-wal", "-shm")]
    exposed = [path for path in private if path.exists() and path.stat().st_mode & _OTHERS]
    for path in exposed:
        mode = "700" if path.is_dir() else "600"
        sentence = f"Others can get at {path}: `chmod {mode} {path}`."
        yield Finding(Grade.WARN, "secrets", sentence)
    if key.exists() and not exposed:
        yield Finding(Grade.OK, "secrets", "Nobody but their owner can read them.")


def _is_secret(path: Path) -> bool:
    try:
        return len(base64.b64decode(path.read_bytes(), validate=True)) >= SECRET_BYTES
    except (OSError, binascii.Error):
        return False


def _room(patient: Patient) -> Iterator[Finding]:
    """Whether the disks have room, also for the copy that is made before an upgrade."""
    file = patient.file
    needed = file.stat().st_size if file is not None and file.exists() else 0
    places = {patient.data} if file is None else {patient.data, file.parent}
    for place in sorted(path for path in places if path.is_dir()):
        free = shutil.disk_usage(place).free
        grade = Grade.BAD if free < ROOM_LEAST else Grade.OK
        if grade is Grade.OK and free < max(ROOM, needed):
            grade = Grade.WARN
        remedy = ": make room." if grade else "."
        yield Finding(grade, "disk", f"{_size(free)} are free at {place}{remedy}")


def _size(count: int) -> str:
    power = min((max(count, 1).bit_length() - 1) // 10, len(_UNITS) - 1)
    return f"{count >> 10 * power:,} {_UNITS[power]}"


# --- the database ---------------------------------------------------------------------------


def _database(patient: Patient) -> Iterator[Finding]:
    """What is in the database. Raises CannotOpen."""
    url, data = patient.config.database.url, patient.data

    if patient.file is not None and patient.file.exists() and not _is_writable(patient.file):
        yield _unwritable(patient.file)

    def look(tx: Tx) -> list[Finding]:
        if patient.file is None:
            dialect.check_server(tx, patient.config.limits.max_message_size)
        facts = checkup.facts(tx)
        found = list(_tables(facts))
        if facts.version != migrate.VERSION:
            return found
        found += _soundness(checkup.damage(tx), facts)
        found.append(_clock(checkup.newest_ms(tx), patient.now_ms))
        before_s = patient.now_ms / 1000 - UPLOAD_S
        uploads = data / archive.UPLOADS
        return found + list(_files(inventory.take(tx, uploads, before_s=before_s), uploads))

    yield from opening.look(url, data, look)


def _unwritable(what: object) -> Finding:
    sentence = f"{what} can only be read: check its owner, permissions and settings."
    return Finding(Grade.BAD, "database", sentence)


def _tables(facts: Facts) -> Iterator[Finding]:
    if facts.read_only:
        yield _unwritable(f"The server {facts.product}")
    if facts.version is None:
        sentence = f"{facts.product} has no tables yet: make them with `chinwag init`."
        yield Finding(Grade.WARN, "database", sentence)
    elif facts.version < migrate.VERSION:
        sentence = (
            f"The tables are of version {facts.version}: the next start brings them to "
            f"{migrate.VERSION}; make a backup before."
        )
        yield Finding(Grade.WARN, "database", sentence)


def _is_writable(file: Path) -> bool:
    return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK | os.X_OK)


def _soundness(damage: list[str], facts: Facts) -> Iterator[Finding]:
    if damage:
        sentence = f"It is damaged ({'; '.join(damage)}): restore a backup."
        yield Finding(Grade.BAD, "database", sentence)
        return
    yield Finding(
        Grade.OK,
        "database",
        f"{facts.product} is sound: {facts.accounts:,} accounts, {facts.messages:,} messages.",
    )


def _clock(newest_ms: int, now_ms: int) -> Finding:
    if now_ms < SET_MS:
        sentence = "It has never been set: do so, as with `timedatectl set-ntp true`."
        return Finding(Grade.BAD, "clock", sentence)
    behind_ms = newest_ms - now_ms
    if behind_ms <= BEHIND_MS:
        return Finding(Grade.OK, "clock", "It is not behind the newest row.")
    sentence = (
        f"It is {_span(behind_ms)} behind the newest row: set it right, as with `timedatectl "
        "set-ntp true`, or new messages will look older than earlier ones."
    )
    return Finding(Grade.WARN, "clock", sentence)


def _span(ms: int) -> str:
    """A length of time in the largest unit of which there are two."""
    counts = {"days": ms // 86_400_000, "hours": ms // 3_600_000, "minutes": ms // 60_000}
    unit, count = next(((u, n) for u, n in counts.items() if n > 1), ("seconds", ms // 1000))
    return f"{count} {unit}"


def _files(found: inventory.Inventory, uploads: Path) -> Iterator[Finding]:
    problems = []
    if found.missing.total:
        sentence = f"Files have rows, but no bytes in {uploads}: {found.missing}; restore them."
        problems.append(Finding(Grade.BAD, "files", sentence))
    if found.altered.total:
        sentence = f"Files in {uploads} are longer or shorter than they were: {found.altered};"
        problems.append(Finding(Grade.BAD, "files", f"{sentence} restore them."))
    if found.stray.total:
        sentence = f"Files in {uploads} have no rows: {found.stray}; the next start removes them."
        problems.append(Finding(Grade.WARN, "files", sentence))
    yield from problems
    if not problems:
        yield Finding(Grade.OK, "files", f"All {found.sound:,} are there.")
