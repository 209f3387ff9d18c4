"""What driver errors mean: the only place that knows their numbers.

Source: SQLite "Result and Error Codes"; PostgreSQL manual, appendix A; MySQL "Server Error
Message Reference"; TiDB "Error Codes and Troubleshooting".
"""

import re
from typing import Final

from sqlalchemy import exc

from chinwag.store.db import Duplicate, Unavailable

# Unique and primary key: SQLite's extended codes, PostgreSQL's state, MySQL's number.
_TAKEN: Final = frozenset({2067, 1555, "23505", 1062})
# Another transaction was in the way and this one is surely undone: serialization failure and
# deadlock (PostgreSQL); deadlock and lock wait (MySQL); write conflicts (TiDB).
_IN_THE_WAY: Final = frozenset({"40001", "40P01", 1213, 1205, 8002, 8022, 9007})
# Statements that are wrong: SQLite's only number for it; MySQL's for a column without a value.
_WRONG: Final = frozenset({1, 1364})
_CLASS: Final = re.compile("^<class '[^']*'>: ")  # what SQLAlchemy puts before asyncpg's words
_WRONG_STATES: Final = ("21", "22", "42")  # classes of SQL's states: cardinality, data, syntax
_BUGS: Final = (exc.ProgrammingError, exc.DataError, exc.NotSupportedError, exc.IntegrityError)


def code(error: BaseException) -> int | str | None:
    """The number or state by which the database names `error`."""
    orig = getattr(error, "orig", None) or error
    found = getattr(orig, "sqlite_errorcode", None)
    if found is None and not isinstance(orig, OSError) and orig.args:
        found = orig.args[0] if isinstance(orig.args[0], int) else getattr(orig, "sqlstate", None)
    return found if isinstance(found, int | str) else None


def translated(error: Exception) -> Exception:
    """The store error that a driver error means; any other error as it is."""
    if isinstance(error, exc.IntegrityError) and code(error) in _TAKEN:
        return Duplicate(reason(error))
    if _is_bug(error) and not disconnected(error):
        return error
    if isinstance(error, exc.DBAPIError | exc.TimeoutError | OSError | EOFError):
        return Unavailable(reason(error))
    return error


def _is_bug(error: Exception) -> bool:
    """Whether a statement or a value is to blame, and not the database."""
    state = str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")
    return isinstance(error, _BUGS) or code(error) in _WRONG or state.startswith(_WRONG_STATES)


def reason(error: BaseException) -> str:
    """What the database said, in one line, without the statement."""
    orig = getattr(error, "orig", None) or error
    told = orig.args[1] if isinstance(code(orig), int) and len(orig.args) > 1 else orig
    text = _CLASS.sub("", str(told).partition("\n")[0])
    if not text and isinstance(orig, TimeoutError):
        return "it took too long"
    return text or type(orig).__name__


def disconnected(error: BaseException) -> bool:
    """Whether the connection was lost with `error`."""
    return isinstance(error, OSError) or bool(getattr(error, "connection_invalidated", False))


def in_the_way(error: BaseException) -> bool:
    """Whether another transaction was in the way: this one is undone and can be tried again."""
    return code(error) in _IN_THE_WAY
