"""Statements that are asked most, by the shortest way to the driver.

SQLAlchemy writes their text once; its own way to run them and to make rows of the answer costs more
than a short answer does.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import sqlalchemy as sa

# Parameters: their names, what they are where nobody says, and what makes of them what is stored.
_Takes = list[tuple[str, object, Callable[..., object] | None]]


class Quick:
    """A query whose rows come as the driver has them; nothing in them is converted."""

    def __init__(self, statement: sa.Select[Any]) -> None:
        self.statement: Final = statement
        self._known: dict[str, tuple[str, _Takes]] = {}  # by dialect

    def rows(self, tx: sa.Connection, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """All rows for these parameters."""
        text, takes = self._known.get(tx.dialect.name) or self._learn(tx.dialect)
        given = tuple([_stored(tx, values.get(key, fixed), of) for key, fixed, of in takes])
        if not tx.in_transaction():
            tx.begin()
        cursor = tx.connection.cursor()
        try:
            cursor.execute(text, given)
            return list(cursor.fetchall())
        except BaseException as error:  # noqa: BLE001 - it knows what the connection is worth then
            tx._handle_dbapi_exception(error, text, given, cursor, None)
        finally:
            cursor.close()

    def _learn(self, dialect: sa.Dialect) -> tuple[str, _Takes]:
        compiled = self.statement.compile(dialect=dialect)
        binds = [compiled.binds[key] for key in compiled.positiontup or ()]
        takes: _Takes = [
            (
                bind.key,
                bind.value,
                bind.type.process_bind_param
                if isinstance(bind.type, sa.types.TypeDecorator)
                else None,
            )
            for bind in binds
        ]
        known = self._known[dialect.name] = str(compiled), takes
        return known


def _stored(tx: sa.Connection, value: object, of: Callable[..., object] | None) -> object:
    return value if of is None else of(value, tx.dialect)
