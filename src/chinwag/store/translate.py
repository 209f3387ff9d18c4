"""What driver errors mean: the only place that knows their numbers.

Source: SQLite "Result and Error Codes"; PostgreSQL manual, appendix A; MySQL "Server Error
Message Reference"; TiDB "Error Codes and Troubleshooting".
"""

from typing import Final

from sqlalchemy import exc

from chinwag.store.db import Duplicate, Unavailable

# Unique and primary key: SQLite's extended codes, PostgreSQL's state, MySQL's number.
_TAKEN: Final = frozenset({2067, 1555, "23505", 1062})
# Another transaction was in the way and this one is surely undone: serialization failure and
# deadlock (PostgreSQL); deadlock and lock wait (MySQL); write conflicts (TiDB).
_IN_THE_WAY: Final = frozenset({"40001", "40P01", 1213, 1205, 8002, 8022, 9007})
_WRONG: Final = 1  # SQLite's number for statements that are wrong
_BUGS: Final = (exc.ProgrammingError, exc.DataError, exc.NotSupportedError, exc.IntegrityError)


def code(error: BaseException) -> int | str | None:
    """The number or state by which the database names `error`."""
    orig = getattr(error, "orig", None) or error
    found = getattr(orig, "sqlite_errorcode", None) or getattr(orig, "pgcode", None)
    if found is None and orig.args and isinstance(orig.args[0], int):
        found = orig.args[0]
    return found if isinstance(found, int | str) else None


def translated(error: Exception) -> Exception:
    """The store error that a driver error means; any other error as it is."""
    if isinstance(error, exc.IntegrityError) and code(error) in _TAKEN:
        return Duplicate(reason(error))
    if (isinstance(error, _BUGS) or code(error) == _WRONG) and not disconnected(error):
        return error
    if isinstance(error, exc.DBAPIError | exc.TimeoutError | OSError | EOFError):
        return Unavailable(reason(error))
    return error


def reason(error: BaseException) -> str:
    """What the database said, in one line, without statements and their values."""
    text = str(getattr(error, "orig", None) or error) or type(error).__name__
    return text.partition("\n")[0]


def disconnected(error: BaseException) -> bool:
    """Whether the connection was lost with `error`."""
    return isinstance(error, OSError) or bool(getattr(error, "connection_invalidated", False))


def in_the_way(error: BaseException) -> bool:
    """Whether another transaction was in the way: this one is undone and can be tried again."""
    return code(error) in _IN_THE_WAY
