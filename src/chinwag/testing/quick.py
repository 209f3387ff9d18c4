"""A connection that learns how SQLAlchemy executes a statement, and does so itself from then on.

Most of the time of a simulation was spent on preparing the same few hundred statements anew.
"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine.result import IteratorResult
from sqlalchemy.sql.compiler import SQLCompiler

LEARNT_MAX: Final = 10_000  # then it begins anew: statements that are made for one use are many
_LISTS: Final = (list, tuple, set, frozenset)
_ways: Final[dict[tuple[object, ...], "_Way"]] = {}


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands for one or more question marks of a text."""

    key: str | None  # of the parameter; None: it is always the same value
    many: bool  # the parameter is a list
    of: Callable[[Any], object] | None  # the value as the driver takes it
    value: object

    def put(self, values: list[object], parameters: Mapping[str, Any]) -> None:
        """Append to `values` what stands here."""
        given: Any = self.value if self.key is None else parameters[self.key]
        if self.key is None or self.of is None:
            values.extend(given) if self.many else values.append(given)
        elif self.many:
            values.extend(map(self.of, given))
        else:
            values.append(self.of(given))


@dataclass(frozen=True, slots=True)
class _Way:
    """How a statement is executed with parameters of one shape."""

    statement: sa.Executable  # kept, so that no other one has its id
    text: str
    places: list[_Place]
    metadata: Any


class _Rows(IteratorResult[Any]):
    """What a statement has found or changed."""

    rowcount = -1


class QuickTx(sa.Connection):
    """A connection to SQLite; what it has not learnt it leaves to SQLAlchemy."""

    def execute(self, statement: sa.Executable, parameters: Any = None, **options: Any) -> Any:
        """Execute `statement`."""
        shape = _shape(statement, parameters)
        way = None if shape is None or options else _ways.get(shape)
        rows = None if way is None else self._rows(way, parameters)
        if rows is not None:
            return rows
        result = super().execute(statement, parameters, **options)
        if shape is not None and way is None and not options:
            _learn(shape, statement, parameters or {}, result)
        return result

    def _rows(self, way: _Way, parameters: Mapping[str, Any]) -> _Rows | None:
        """The result; None: it fails, and SQLAlchemy knows how to say so."""
        raw = self.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        if not self.in_transaction():
            self.begin()
        values: list[object] = []
        for place in way.places:
            place.put(values, parameters)
        try:
            cursor = raw.execute(way.text, values)
            rows = _Rows(way.metadata, iter(cursor.fetchall()))
        except sqlite3.Error:
            return None
        rows.rowcount = cursor.rowcount
        return rows


def _shape(statement: sa.Executable, parameters: object) -> tuple[object, ...] | None:
    """By what a way is found again; None: there is none for such parameters."""
    shape: list[object] = [id(statement)]
    if isinstance(parameters, dict):
        for key, value in parameters.items():
            shape.append(key)
            if isinstance(value, _LISTS):
                shape.append(len(value))
    elif parameters is not None:
        return None
    return tuple(shape)


def _learn(
    shape: tuple[object, ...], statement: sa.Executable, parameters: dict[str, Any], result: Any
) -> None:
    """Remember how SQLAlchemy has come to `result`, unless there is more to it than values."""
    compiled = result.context.compiled
    if not isinstance(compiled, SQLCompiler) or compiled.literal_execute_params:
        return
    if compiled.insert_prefetch or compiled.update_prefetch:  # values that are made anew
        return
    sent = list(result.context.parameters[0])
    places: list[_Place] = []
    count = 0
    for name in compiled.positiontup or ():
        bound = compiled.binds[name]
        key = bound.key if bound.key in parameters else name if name in parameters else None
        many = bound in compiled.post_compile_params
        if bound.callable is not None or (many and (key is None or bound.type._is_tuple_type)):
            return
        of: Any = compiled._bind_processors.get(name)
        places.append(_Place(key, many, of, None if many else sent[count]))
        count += len(parameters[key]) if many and key is not None else 1
    if count == len(sent):
        if len(_ways) >= LEARNT_MAX:
            _ways.clear()
        _ways[shape] = _Way(statement, result.context.statement, places, result._metadata)
