"""Numbered upgrades of the tables. A server refuses what it does not know, and what is half done.

SQLite and PostgreSQL take an upgrade whole or not at all. MySQL commits at every change of a
table: there a mark is committed by the first change and removed by the last transaction, so that
whoever finds it knows that an upgrade was cut short.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from chinwag.store import schema, upgrades
from chinwag.store.db import CannotOpen, Tx
from chinwag.store.dialect import TABLE_OPTIONS
from chinwag.store.types import Name

_M = schema.meta
_VERSION: Final = "schema_version"
_FOREIGN: Final = (
    "The database holds tables that are not chinwag's: choose another database or folder."
)
_MARK: Final = "upgrading"
_ALL = sa.select(_M.c.key, _M.c.value)
_PUT = sa.insert(_M)
_SET = sa.update(_M).where(_M.c.key == _VERSION).values(value=sa.bindparam("v"))
_UNMARK = sa.delete(_M).where(_M.c.key == _MARK)


class Step(NamedTuple):
    """One upgrade. It must not use `schema`, which later versions change."""

    sentence: str
    run: Callable[[Tx], None]


def _know_again(tx: Tx) -> None:
    tx.exec_driver_sql("ALTER TABLE messages ADD COLUMN digest BIGINT")
    sa.Table(
        "once",
        sa.MetaData(),
        sa.Column("topic", Name(), primary_key=True),
        sa.Column("digest", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("ts_ms", sa.BigInteger, nullable=False),
        **TABLE_OPTIONS,
    ).create(tx)


# The first makes version 2 of version 1. Steps are added, never changed.
STEPS: Final[tuple[Step, ...]] = (
    Step("A message that comes again is known.", _know_again),
    Step("Addresses can be confirmed and passwords reset by a code.", upgrades.addresses),
    Step("Devices are told while nobody looks.", upgrades.pushes),
    Step("Bots have tokens, and other programs are told and tell.", upgrades.hooks),
)
VERSION: Final = len(STEPS) + 1


def upgrade(tx: Tx, steps: Sequence[Step]) -> None:
    """Bring the tables to this program's version. Raises CannotOpen."""
    newest = len(steps) + 1
    found = version(tx, newest)
    if found is None:
        _create(tx, newest)
        return
    for number, step in enumerate(steps[found - 1 :], start=found + 1):
        tx.execute(_PUT, {"key": _MARK, "value": str(number)})
        step.run(tx)
        tx.execute(_SET, {"v": str(number)})
        tx.execute(_UNMARK)
    tx.execute(_UNMARK)  # there is no mark: whoever may not write is told so


def _create(tx: Tx, number: int) -> None:
    _M.create(tx)
    tx.execute(_PUT, {"key": _MARK, "value": str(number)})
    schema.metadata.create_all(tx)
    tx.execute(_PUT, {"key": _VERSION, "value": str(number)})
    tx.execute(_UNMARK)


def version(tx: Tx, known: int) -> int | None:
    """The version of the tables; None: there are none yet.

    Raises CannotOpen where it is above `known`, where an upgrade was cut short, and where the
    tables are somebody else's.
    """
    inspector = sa.inspect(tx)
    names = inspector.get_table_names()
    if not names:
        return None
    columns = {c["name"] for c in inspector.get_columns("meta")} if "meta" in names else set()
    if columns != {"key", "value"}:
        raise CannotOpen(_FOREIGN)
    notes = {row.key: row.value for row in tx.execute(_ALL)}
    if _VERSION not in notes:
        raise CannotOpen(_unnumbered(set(names), notes))
    return _checked(notes, known)


def _unnumbered(names: set[str], notes: dict[str, str]) -> str:
    """Why tables without a version cannot be used; they may be emptied only if nothing is lost."""
    begun = _MARK in notes and names <= schema.metadata.tables.keys()
    if begun or (not notes and names == {_M.name}):
        return (
            "The tables in the database were only half made: empty the database, for nothing is in "
            "it yet, and start again."
        )
    if names >= {"users", "topics", "subs", "messages"}:
        return (
            "The database does not say of which version its tables are (schema_version in the "
            "table meta): restore a backup into an empty one, or choose another."
        )
    return _FOREIGN


def _checked(notes: dict[str, str], known: int) -> int:
    if _MARK in notes:
        raise CannotOpen(
            f"The upgrade of the database to schema version {notes[_MARK]} was cut short: restore "
            "the backup that was made before it into an empty database, and start again."
        )
    if not notes[_VERSION].isdecimal():
        raise CannotOpen(_FOREIGN)
    found = int(notes[_VERSION])
    if found > known:
        raise CannotOpen(
            f"The database has schema version {found}, this program knows only {known}: install "
            "the chinwag release that made it, or a newer one."
        )
    return found
