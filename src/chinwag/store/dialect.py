"""What differs between databases: the only place that asks which one it is.

SQLAlchemy's modules for a database are imported where that database is met: those of PostgreSQL and
MySQL make up a tenth of the time in which a server starts that has neither.
"""

import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, Final

import sqlalchemy as sa

from chinwag.store.db import CannotOpen

PACKET_MIN: Final = 2 << 20  # several rows go into one statement of up to a million bytes
# The lock of PostgreSQL is one of the database, that of MySQL one of the server. Who is killed may
# be followed before the database has noticed, so both wait for a moment.
_LOCK_POSTGRESQL = sa.text("SELECT pg_try_advisory_lock(7163451)")
_LOCK_MYSQL = sa.text("SELECT GET_LOCK(CONCAT('chinwag.', MD5(DATABASE())), 2)")
_PAUSE = sa.text("SELECT pg_sleep(0.1)")
_LOCK_TRIES: Final = 20
_OWN_POSTGRESQL = sa.text("SELECT pg_backend_pid()")
_OWN_MYSQL = sa.text("SELECT CONNECTION_ID()")
_END_POSTGRESQL = sa.text(
    "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
    "WHERE l.locktype = 'advisory' AND l.objid = 7163451 AND l.granted "
    "AND d.datname = current_database() AND l.pid = :n"
)
_HOLDER_MYSQL = sa.text("SELECT IS_USED_LOCK(CONCAT('chinwag.', MD5(DATABASE())))")
_FITNESS_POSTGRESQL = sa.text(
    "SELECT current_setting('server_version'), current_setting('server_encoding')"
)
_FITNESS_MYSQL = sa.text("SELECT VERSION(), @@max_allowed_packet")
_VERSION_SQLITE = sa.text("SELECT sqlite_version()")
_STANDBY_POSTGRESQL = sa.text(
    "SELECT pg_is_in_recovery(), setting FROM pg_settings WHERE name = "
    "'default_transaction_read_only'"
)
_STANDBY_MYSQL = sa.text("SELECT @@global.read_only")
_DAMAGE_MAX: Final = 5
_CASES_MAX: Final = 64  # rows in one statement, which looks at each for each
_POSTGRESQL_TYPES: Final[dict[type[Any], str]] = {
    sa.String: "text",
    sa.SmallInteger: "int2",
    sa.Integer: "int4",
    sa.BigInteger: "int8",
    sa.LargeBinary: "bytea",
    sa.Boolean: "bool",
}
_PORTION: Final = 1000
_LONGBLOB: Final = (1 << 32) - 1  # the size from which MySQL makes a BLOB a LONGBLOB
_MYSQL: Final = ("mysql", "mariadb")
_POSTGRESQL: Final = "postgresql"
Row = tuple[object, ...]
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
    return sa.LargeBinary().with_variant(sa.LargeBinary(_LONGBLOB), *_MYSQL)


def claim(tx: sa.Connection, former: int | None = None) -> int | None:
    """Keep other servers off the database while this connection lives; its number.

    `former`: the number of our connection before, which is ended if the database has not noticed
    that it is lost. None: another server is on it.
    """
    if tx.dialect.name in _MYSQL:
        if former is not None and tx.execute(_HOLDER_MYSQL).scalar() == former:
            tx.exec_driver_sql(f"KILL {former:d}")
        held = tx.execute(_LOCK_MYSQL).scalar()
        return tx.execute(_OWN_MYSQL).scalar() if held else None
    if former is not None:
        tx.execute(_END_POSTGRESQL, {"n": former})
    for _ in range(_LOCK_TRIES):
        if tx.execute(_LOCK_POSTGRESQL).scalar():
            return tx.execute(_OWN_POSTGRESQL).scalar()
        tx.execute(_PAUSE)
    return None


def check_server(tx: sa.Connection, message_max: int) -> None:
    """See that the server is fit for its task. Raises CannotOpen."""
    if tx.dialect.name in _MYSQL:
        version, packet = tx.execute(_FITNESS_MYSQL).one()
        maria = "mariadb" in version.lower()
        wanted = (10, 6) if maria else (8, 0)
        _check_version("MariaDB" if maria else "MySQL", version, wanted)
        if packet < (needed := 2 * message_max + PACKET_MIN):
            raise CannotOpen(
                f"The database takes no more than {packet} bytes at a time: set its "
                f"max_allowed_packet to {needed} or more."
            )
        return
    version, encoding = tx.execute(_FITNESS_POSTGRESQL).one()
    _check_version("PostgreSQL", version, (13,))
    if encoding != "UTF8":
        raise CannotOpen(
            f"The database has the encoding {encoding}: make one with ENCODING 'UTF8'."
        )


def product(tx: sa.Connection) -> str:
    """What the database calls itself, with its version."""
    name = tx.dialect.name
    if name == "sqlite":
        return f"SQLite {tx.execute(_VERSION_SQLITE).scalar()}"
    if name == "postgresql":
        return f"PostgreSQL {tx.execute(_FITNESS_POSTGRESQL).one()[0]}"
    version = tx.execute(_FITNESS_MYSQL).one()[0]
    known = next((n for n in ("MariaDB", "TiDB") if n.lower() in version.lower()), "MySQL")
    return f"{known} {version}"


def read_only(tx: sa.Connection) -> bool:
    """Whether the server of the database takes no writes; a file's permissions are not asked."""
    if tx.dialect.name == "sqlite":
        return False
    question = _STANDBY_MYSQL if tx.dialect.name in _MYSQL else _STANDBY_POSTGRESQL
    return any(str(answer) in ("on", "1", "True") for answer in tx.execute(question).one())


def damage(tx: sa.Connection) -> list[str]:
    """What the database finds wrong with its own pages, if it can look for it."""
    if tx.dialect.name != "sqlite":
        return []
    found = tx.exec_driver_sql(f"PRAGMA integrity_check({_DAMAGE_MAX})").scalars()
    return [" ".join(each.replace("*", "").split()) for each in found if each != "ok"]


def _check_version(product: str, version: str, wanted: tuple[int, ...]) -> None:
    found = tuple(int(part) for part in re.findall(r"\d+", version)[:2])
    if found < wanted:
        least = ".".join(map(str, wanted))
        raise CannotOpen(
            f"The database is {product} {version}: version {least} or later is needed."
        )


def portions(
    tx: sa.Connection,
    statement: sa.Select[Any],
    key: str,
    values: Iterable[object],
    **fixed: object,
) -> Iterator[Any]:
    """The rows of `statement` for all `values` of its expanding parameter `key`, doubles once.

    `fixed`: its other parameters. No database takes any number of parameters; PostgreSQL's and
    SQLite's limit is 32,767.
    """
    every = list(dict.fromkeys(values))
    for start in range(0, len(every), _PORTION):
        yield from tx.execute(statement, {**fixed, key: every[start : start + _PORTION]})


def set_each(
    tx: sa.Connection,
    table: sa.Table,
    keys: tuple[str, ...],
    values: tuple[str, ...],
    rows: list[Row],
    *,
    but: tuple[str, int] | None = None,
) -> int:
    """Set columns of many rows at once; how many rows were there.

    Each of `rows` has the `keys` that say which one it is, then the new `values`. A column that is
    both, expected to be the one and to become the other, is the last of the values.

    `but`: a column, and the number in it by which a row counts as if it were not there.
    """
    product, found = tx.dialect.name, 0
    most = _CASES_MAX if product in _MYSQL else _PORTION
    for part in _parts(tx, table, (*keys, *values), rows, most):
        text = _setting(product, table, keys, values, len(part) if product in _MYSQL else 0)
        if but is not None:
            text += f" AND {table.name}.{but[0]} <> {but[1]:d}"
        found += tx.exec_driver_sql(text, _chosen(product, part, len(keys))).rowcount
    return found


def insert_each(
    tx: sa.Connection,
    table: sa.Table,
    columns: tuple[str, ...],
    rows: list[Row],
    *,
    new_only: bool = False,
) -> None:
    """Insert many rows at once, each the values of `columns`.

    `new_only`: those whose keys are there already are passed over.
    """
    product = tx.dialect.name
    text = _inserting(product, table, columns) + (_passing_over(product, table) if new_only else "")
    for part in _parts(tx, table, columns, rows, _PORTION):
        tx.exec_driver_sql(text, _by_columns(part) if product == _POSTGRESQL else part)


def _parts(
    tx: sa.Connection, table: sa.Table, columns: tuple[str, ...], rows: list[Row], most: int
) -> Iterator[list[Row]]:
    """`rows` as the driver takes them, at most so many at a time."""
    known = _conversions(table, columns)
    for start in range(0, len(rows), most):
        yield [
            tuple(
                [v if of is None else of(v, tx.dialect) for of, v in zip(known, row, strict=True)]
            )
            for row in rows[start : start + most]
        ]


@cache
def _conversions(table: sa.Table, columns: tuple[str, ...]) -> list[Callable[..., object] | None]:
    kinds = [table.c[name].type for name in columns]
    return [k.process_bind_param if isinstance(k, sa.types.TypeDecorator) else None for k in kinds]


def _by_columns(rows: list[Row]) -> Row:
    """`rows` as PostgreSQL takes them in one statement."""
    return tuple(map(list, zip(*rows, strict=True)))


def _chosen(product: str, rows: list[Row], keys: int) -> Row | list[Row]:
    """`rows`, which begin with `keys`, as the statement of _setting has them."""
    if product == _POSTGRESQL:
        return _by_columns(rows)
    if product not in _MYSQL:
        return [(*row[keys:], *row[:keys]) for row in rows]
    new = [v for n in range(keys, len(rows[0])) for row in rows for v in (*row[:keys], row[n])]
    return (*new, *(v for row in rows for v in row[:keys]))


@cache
def _setting(
    product: str, table: sa.Table, keys: tuple[str, ...], values: tuple[str, ...], n: int
) -> str:
    """The text that sets `n` rows, all that are given, or one after the other.

    MySQL's driver would send a statement for each, and MySQL sets one column after the other.
    """
    if product in _MYSQL:
        this = " AND ".join(f"{key} = %s" for key in keys)
        sets = [f"{name} = CASE {f'WHEN {this} THEN %s ' * n}END" for name in values]
        rows, this = "", f"({' OR '.join([f'({this})'] * n)})"
    elif product == _POSTGRESQL:
        sets = [f"{name} = v.{name}_new" for name in values]
        rows = f" FROM {_unnested(table, (*keys, *values))} AS v"
        rows += f"({', '.join((*keys, *(name + '_new' for name in values)))})"
        this = " AND ".join(f"{table.name}.{key} = v.{key}" for key in keys)
    else:
        sets, rows = [f"{name} = ?" for name in values], ""
        this = " AND ".join(f"{key} = ?" for key in keys)
    return f"UPDATE {table.name} SET {', '.join(sets)}{rows} WHERE {this}"  # noqa: S608 - names of columns only


@cache
def _inserting(product: str, table: sa.Table, columns: tuple[str, ...]) -> str:
    """The text that inserts all rows that are given, or one after the other."""
    if product == _POSTGRESQL:
        rows = f"SELECT * FROM {_unnested(table, columns)}"  # noqa: S608 - as above
    else:
        rows = f"VALUES ({', '.join(['%s' if product in _MYSQL else '?'] * len(columns))})"
    quote = "`" if product in _MYSQL else '"'  # some names are words of MySQL
    names = ", ".join(f"{quote}{name}{quote}" for name in columns)
    return f"INSERT INTO {table.name} ({names}) {rows}"


def _passing_over(product: str, table: sa.Table) -> str:
    if product in _MYSQL:  # not INSERT IGNORE, which takes every error for a warning
        key = next(iter(table.primary_key.columns)).name
        return f" ON DUPLICATE KEY UPDATE `{key}` = `{key}`"
    return " ON CONFLICT DO NOTHING"


def _unnested(table: sa.Table, columns: tuple[str, ...]) -> str:
    kinds = [table.c[name].type for name in columns]
    bases = [kind.impl if isinstance(kind, sa.types.TypeDecorator) else kind for kind in kinds]
    lists = [f"${n}::{_POSTGRESQL_TYPES[type(base)]}[]" for n, base in enumerate(bases, 1)]
    return f"unnest({', '.join(lists)})"


def insert_new(tx: sa.Connection, table: sa.Table, rows: list[dict[str, object]]) -> None:
    """Insert those of `rows` whose keys are not there yet."""
    if not rows:
        return
    if tx.dialect.name in _MYSQL:  # not INSERT IGNORE, which takes every error for a warning
        key = next(iter(table.primary_key.columns))
        statement = _insert("mysql", table).on_duplicate_key_update({key.name: key})
    else:
        statement = _insert(tx.dialect.name, table).on_conflict_do_nothing()
    tx.execute(statement, rows)


def _insert(name: str, table: sa.Table) -> Any:
    """The INSERT of one database, which can do more than that of all."""
    return importlib.import_module(f"sqlalchemy.dialects.{name}").insert(table)
