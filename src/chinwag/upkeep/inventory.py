"""Whether uploads and their rows belong to one another."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from chinwag.store import files
from chinwag.store.db import Tx
from chinwag.upkeep import aside

NAMED_MAX: Final = 3  # of many, a few are named
_PORTION: Final = 1000


class Tally(NamedTuple):
    """How many there are of a kind, and some of them."""

    total: int
    names: tuple[str, ...]

    def __str__(self) -> str:
        more = ", …" if self.total > len(self.names) else ""
        return f"{self.total:,} ({', '.join(self.names)}{more})"


class Inventory(NamedTuple):
    """What was found."""

    sound: int
    missing: Tally  # rows without bytes
    altered: Tally  # rows with another number of bytes
    stray: Tally  # bytes without rows


def take(tx: Tx, uploads: Path, *, before_s: float) -> Inventory:
    """Compare the rows of all files that are whole with what is in the folder `uploads`.

    `before_s`: bytes that have come since this Unix second may get their rows yet.
    """
    sound, missing, altered = 0, _Count(), _Count()
    for location, size in files.whole(tx):
        try:
            found = (uploads / location).stat().st_size
        except FileNotFoundError:
            missing.add(location)
        else:
            if found == size:
                sound += 1
            else:
                altered.add(location)
    return Inventory(sound, missing.tally(), altered.tally(), _stray(tx, uploads, before_s))


def _stray(tx: Tx, uploads: Path, before_s: float) -> Tally:
    """Files whose names no row has."""
    stray = _Count()
    for portion in _portions(aside.files_in(uploads)):
        known = files.known(tx, [Path(name).name for name in portion])
        for name in portion:
            if Path(name).name not in known and _older(uploads / name, before_s):
                stray.add(name)
    return stray.tally()


def _older(path: Path, before_s: float) -> bool:
    try:
        return path.stat().st_mtime < before_s
    except FileNotFoundError:
        return False


def _portions(names: Iterator[str]) -> Iterator[list[str]]:
    while portion := list(islice(names, _PORTION)):
        yield portion


class _Count:
    """Counts, and remembers a few names."""

    def __init__(self) -> None:
        self._count = 0
        self._names: list[str] = []

    def add(self, name: str) -> None:
        self._count += 1
        if len(self._names) < NAMED_MAX:
            self._names.append(name)

    def tally(self) -> Tally:
        return Tally(self._count, tuple(self._names))
