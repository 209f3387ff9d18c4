"""Exchange what is in a data folder for what lies ready beside it, so that it is never half done.

What is to be done is written down first. Until it is done no server starts, and whoever comes next
finishes it.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from chinwag.plugins.media_fs import PART, sync
from chinwag.store.opening import RESTORING
from chinwag.upkeep import aside

READY: Final = ".restoring"  # ends the names of what lies ready


class Move(Struct, frozen=True):
    """One thing that is exchanged: what is there gets the name `old`, and `new` its place."""

    target: str
    old: str
    new: str = ""  # empty: nothing takes its place


class Note(Struct, frozen=True):
    """What is to be done; no moves: nobody knows yet whether it will be."""

    moves: list[Move] = []


def ready(target: Path) -> Path:
    """Where the thing lies ready that is to take the place of `target`."""
    return target.with_name(target.name + READY)


def moves(targets: Iterable[Path], stamp: str) -> list[Move]:
    """How the `targets` are exchanged; those that nothing lies ready for are put away."""
    return [
        Move(
            str(target.absolute()),
            str(target.absolute()) + f".before-{stamp}",
            str(ready(target).absolute()) if os.path.lexists(ready(target)) else "",
        )
        for target in targets
    ]


def begin(data: Path, note: Note) -> None:
    """Write down what is to be done."""
    part = data / (RESTORING + PART)
    part.unlink(missing_ok=True)
    with aside.create(part) as file:
        file.write(msgspec.json.encode(note))
        file.flush()
        os.fsync(file.fileno())
    part.rename(data / RESTORING)
    sync(data)


def under_way(data: Path) -> Note | None:
    """What was to be done when somebody was interrupted; None: nothing."""
    try:
        return msgspec.json.decode((data / RESTORING).read_bytes(), type=Note)
    except FileNotFoundError:
        return None


def finish(data: Path, note: Note) -> None:
    """Do what is left of it."""
    for move in note.moves:
        _exchange(move)
    for folder in {Path(move.target).parent for move in note.moves}:
        sync(folder)
    forget(data)


def _exchange(move: Move) -> None:
    """Do it, or what is left of it."""
    waiting = bool(move.new) and os.path.lexists(move.new)
    if (waiting or not move.new) and os.path.lexists(move.target):
        os.rename(move.target, move.old)
    if waiting:
        os.rename(move.new, move.target)


def forget(data: Path) -> None:
    """Nothing is to be done any more."""
    (data / RESTORING).unlink(missing_ok=True)
    sync(data)
