"""All rows of a database at one moment, as an SQLite file, and back into any database.

The file is a database of this program: a server can be started on it.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy import exc

from chinwag.store import migrate, schema, sqlite
from chinwag.store.db import CannotOpen, Tx, Unavailable
from chinwag.store.dialect import Row, insert_each
from chinwag.store.translate import reason, translated

PORTION: Final = 200  # rows that are fetched together
MANY: Final = 4000  # rows that are stored together, and are in memory
HEAVY: Final = 4 << 20  # bytes of content, likewise
R = TypeVar("R")
Watch = Callable[[int, int], None]  # is told how much is done, and of how much; 0: not known
_TABLES: Final = schema.metadata.sorted_tables


def version(tx: Tx) -> int:
    """The version of the tables. Raises CannotOpen where there are none that can be read."""
    found = migrate.version(tx, migrate.VERSION)
    if found is None:
        raise CannotOpen("The database is empty: make its tables with `chinwag init`.")
    return found


def check_current(tx: Tx) -> None:
    """See that the tables are of this version. Raises CannotOpen."""
    found = version(tx)
    if found != migrate.VERSION:
        raise CannotOpen(
            f"The database has schema version {found}, this program reads {migrate.VERSION}: "
            "start the server once to upgrade it, or use the release that made it."
        )


def write(tx: Tx, target: Path, watch: Watch) -> None:
    """Copy every row into the SQLite file `target`, which is new or empty. Raises CannotOpen.

    Of another database than SQLite, tables of this version only can be copied.
    """
    if sqlite.is_file(tx):
        version(tx)  # there is one
        sqlite.copy(tx, target, watch)
        return
    check_current(tx)
    with scratch(target) as out:
        schema.metadata.create_all(out)
        _copy_rows(tx, out, watch)
        out.commit()


def read(path: Path, fn: Callable[[Tx], Iterator[R]]) -> Iterator[R]:
    """What `fn` yields of the SQLite file `path`. Raises CannotOpen."""
    with scratch(path) as tx:
        yield from fn(tx)


def summary(path: Path) -> tuple[int, dict[str, int]]:
    """The version of the SQLite file `path`, and how many rows its tables have.

    Raises CannotOpen where it is damaged.
    """

    def work(tx: Tx) -> tuple[int, dict[str, int]]:
        found = version(tx)
        sqlite.check_pages(tx, path)
        return found, counts(tx)

    return sqlite.look(path, work)


def in_use(tx: Tx) -> bool:
    """Whether there are accounts."""
    return tx.execute(sa.select(schema.users.c.uid).limit(1)).first() is not None


def counts(tx: Tx) -> dict[str, int]:
    """How many rows each table has that is there."""
    there = set(sa.inspect(tx).get_table_names())
    return {t.name: _count(tx, t) for t in _TABLES if t.name in there}


def _count(tx: Tx, table: sa.Table) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def modernise(path: Path) -> None:
    """Upgrade the tables in the SQLite file `path`. Raises CannotOpen."""
    with scratch(path) as tx:
        migrate.upgrade(tx, migrate.STEPS)
        tx.commit()


def refill(tx: Tx, source: Path, watch: Watch) -> None:
    """Put the rows of the SQLite file `source` in the place of all that the database holds.

    Raises CannotOpen where not all of them arrive.
    """
    for table in reversed(_TABLES):
        tx.execute(sa.delete(table))
    with scratch(source) as found:
        wanted = counts(found)
        _copy_rows(found, tx, watch)
    if (arrived := counts(tx)) != wanted:
        lost = next(name for name in wanted if arrived.get(name) != wanted[name])
        raise CannotOpen(
            f"Of {wanted[lost]} rows of the table {lost} only {arrived.get(lost)} have arrived: "
            "nothing was changed."
        )


def _copy_rows(source: Tx, target: Tx, watch: Watch) -> None:
    """Copy every row of every table, a portion at a time."""
    done, total = 0, sum(counts(source).values())
    for table in map(bare, _TABLES):
        rows = source.execute(sa.select(table), execution_options={"yield_per": PORTION})
        for portion in _portions(rows):
            _insert(target, table, portion)
            done += len(portion)
            watch(done, total)


def _portions(rows: sa.CursorResult[Any]) -> Iterator[list[Row]]:
    """All rows, as many at a time as may be in memory together."""
    portion: list[Row] = []
    weight = 0
    for part in rows.partitions():
        portion += map(tuple, part)
        weight += sum(len(v) for row in part for v in row if isinstance(v, bytes))
        if len(portion) >= MANY or weight >= HEAVY:
            yield portion
            portion, weight = [], 0
    if portion:
        yield portion


def _insert(target: Tx, table: sa.Table, rows: list[Row]) -> None:
    try:
        insert_each(target, table, tuple(table.columns.keys()), rows)
    except exc.DBAPIError as error:
        if isinstance(translated(error), Unavailable):
            raise
        raise CannotOpen(
            f"A row of the table {table.name} cannot be stored ({reason(error)})."
        ) from None


@cache
def bare(table: sa.Table) -> sa.Table:
    """`table` with its columns as the database has them, which is faster to read and write."""
    columns = (sa.Column(c.name, _plain(c.type)) for c in table.columns)
    return sa.Table(table.name, sa.MetaData(), *columns)


def _plain(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    return kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind


@contextmanager
def scratch(path: Path) -> Iterator[Tx]:
    """The SQLite file `path`, which nobody else has. Raises CannotOpen."""
    engine = sqlite.make_engine(path, scratch=True)
    try:
        with engine.connect() as tx:
            yield tx
    except exc.DBAPIError as error:
        if not isinstance(error.orig, sqlite3.Error):  # of the other one
            raise
        raise CannotOpen(
            f"The file {path} cannot be used ({reason(error)}): check its disk."
        ) from None
    finally:
        engine.dispose()
