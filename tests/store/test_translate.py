"""What driver errors mean."""

import sqlite3

import pytest
from sqlalchemy import exc

from chinwag.store.db import Duplicate, Unavailable
from chinwag.store.translate import code, disconnected, in_the_way, reason, translated


class Postgres(Exception):
    """As asyncpg's adapter makes them."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("<class 'asyncpg'>: what happened\nDETAIL: key (a)=(secret)")
        self.sqlstate = sqlstate


class MySql(Exception):
    """As asyncmy makes them: a number and a text."""


def lite(name: str) -> sqlite3.Error:
    """As sqlite3 makes them."""
    error = sqlite3.OperationalError("what happened")
    error.sqlite_errorcode = getattr(sqlite3, name)
    return error


def wrapped(kind: type[exc.DBAPIError], orig: Exception, *, lost: bool = False) -> exc.DBAPIError:
    """`orig` as SQLAlchemy hands it on."""
    return kind("INSERT secret", {"a": "secret"}, orig, connection_invalidated=lost)


TAKEN = [lite("SQLITE_CONSTRAINT_UNIQUE"), lite("SQLITE_CONSTRAINT_PRIMARYKEY")]
TAKEN_ELSEWHERE = [Postgres("23505"), MySql(1062, "Duplicate entry")]


@pytest.mark.parametrize("orig", [*TAKEN, *TAKEN_ELSEWHERE], ids=str)
def test_a_taken_key_is_a_duplicate(orig: Exception) -> None:
    assert isinstance(translated(wrapped(exc.IntegrityError, orig)), Duplicate)


@pytest.mark.parametrize(
    "error",
    [
        wrapped(exc.IntegrityError, lite("SQLITE_CONSTRAINT_NOTNULL")),
        wrapped(exc.OperationalError, lite("SQLITE_ERROR")),
        wrapped(exc.IntegrityError, Postgres("23502")),
        wrapped(exc.ProgrammingError, Postgres("42P01")),
        wrapped(exc.DBAPIError, Postgres("22001")),
        wrapped(exc.OperationalError, MySql(1364, "doesn't have a default value")),
        wrapped(exc.IntegrityError, MySql(1048, "cannot be null")),
        wrapped(exc.DataError, MySql(1406, "Data too long")),
        ValueError("no"),
    ],
    ids=repr,
)
def test_a_bug_stays_what_it_is(error: Exception) -> None:
    assert translated(error) is error


@pytest.mark.parametrize(
    "error",
    [
        wrapped(exc.OperationalError, lite("SQLITE_FULL")),
        wrapped(exc.OperationalError, lite("SQLITE_BUSY")),
        wrapped(exc.DatabaseError, lite("SQLITE_CORRUPT")),
        wrapped(exc.DBAPIError, Postgres("53100")),
        wrapped(exc.InterfaceError, Exception("connection is closed")),
        wrapped(exc.OperationalError, MySql(2013, "Lost connection")),
        wrapped(exc.ProgrammingError, Exception("gone"), lost=True),
        exc.TimeoutError("no connection was free"),
        ConnectionRefusedError("refused"),
        TimeoutError(),
        EOFError(),
    ],
    ids=repr,
)
def test_everything_else_leaves_the_outcome_open(error: Exception) -> None:
    assert isinstance(translated(error), Unavailable)


@pytest.mark.parametrize(
    ("orig", "number"),
    [
        (lite("SQLITE_FULL"), 13),
        (Postgres("40P01"), "40P01"),
        (MySql(1213, "Deadlock"), 1213),
        (MySql("no number"), None),
        (MySql(), None),
    ],
)
def test_errors_have_numbers(orig: Exception, number: int | str | None) -> None:
    assert code(wrapped(exc.DBAPIError, orig)) == number
    assert in_the_way(wrapped(exc.DBAPIError, orig)) is (number in ("40P01", 1213))


def test_reasons_hold_no_statements_and_no_values() -> None:
    for orig in (lite("SQLITE_FULL"), Postgres("53100"), MySql(2013, "what happened")):
        assert reason(wrapped(exc.DBAPIError, orig)) == "what happened"
    assert reason(TimeoutError()) == "it took too long"
    assert reason(EOFError()) == "EOFError"


def test_lost_connections_are_known() -> None:
    assert disconnected(ConnectionResetError())
    assert disconnected(wrapped(exc.OperationalError, Exception(), lost=True))
    assert not disconnected(wrapped(exc.OperationalError, Exception()))
