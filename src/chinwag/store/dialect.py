"""What differs between databases: the only place that asks which one it is."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

_PORTION: Final = 1000
_MYSQL: Final = ("mysql", "mariadb")
# MySQL's default would take A and a, and e and é, for the same letter (specification 04, D-15).
TABLE_OPTIONS: Final[dict[str, Any]] = {
    f"{product}_{option}": value
    for product in _MYSQL
    for option, value in (
        ("engine", "InnoDB"),
        ("default_charset", "utf8mb4"),
        ("collate", "utf8mb4_bin"),
    )
}


def exact_text(length: int) -> sa.String:
    """A text that is compared byte by byte."""
    plain = sa.String(length)
    return plain.with_variant(sa.String(length, "utf8mb4_bin"), *_MYSQL).with_variant(
        sa.String(length, "C"), "postgresql"
    )


def long_bytes() -> sa.LargeBinary:
    """Bytes of any length; MySQL's own choice would end at 65,535."""
    return sa.LargeBinary().with_variant(mysql.LONGBLOB(), *_MYSQL)


def portions(
    tx: sa.Connection, statement: sa.Select[Any], key: str, values: Iterable[object]
) -> Iterator[Any]:
    """The rows of `statement` for all `values` of its expanding parameter `key`, doubles once.

    No database takes any number of parameters; PostgreSQL's and SQLite's limit is 32,767.
    """
    every = list(dict.fromkeys(values))
    for start in range(0, len(every), _PORTION):
        yield from tx.execute(statement, {key: every[start : start + _PORTION]})


def insert_new(tx: sa.Connection, table: sa.Table, rows: list[dict[str, object]]) -> None:
    """Insert those of `rows` whose keys are not there yet."""
    if not rows:
        return
    if tx.dialect.name in _MYSQL:  # not INSERT IGNORE, which takes every error for a warning
        key = next(iter(table.primary_key.columns))
        tx.execute(mysql.insert(table).on_duplicate_key_update({key.name: key}), rows)
    elif tx.dialect.name == "postgresql":
        tx.execute(postgresql.insert(table).on_conflict_do_nothing(), rows)
    else:
        tx.execute(sqlite.insert(table).on_conflict_do_nothing(), rows)
