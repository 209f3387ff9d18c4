"""Only one server may use a database: it holds an advisory lock, and its number stands in there.

The lock goes with the connection. Whoever lost that takes the lock again before anything else, and
looks whether its own number is still there: somebody else may have come, and gone, meanwhile.
"""

from typing import Final

import sqlalchemy as sa

from chinwag.store import dialect, schema
from chinwag.store.db import CannotOpen, Tx

_HOLDER: Final = "holder"
_M = schema.meta
_FIND = sa.select(_M.c.value).where(_M.c.key == _HOLDER)
_PUT = sa.insert(_M).values(key=_HOLDER, value=sa.bindparam("v"))
_SET = sa.update(_M).where(_M.c.key == _HOLDER).values(value=sa.bindparam("v"))
_IN_USE: Final = (
    "The database is in use by another chinwag: stop that one first, or choose another database."
)
_TAKEN: Final = "another chinwag has used the database meanwhile: this one has to be started again"


class Claim:
    """The hold of this process on its database."""

    def __init__(self) -> None:
        self._connection: int | None = None  # as the database numbers them
        self._number = 0  # of ours among all that have ever held it

    def take(self, tx: Tx) -> None:
        """Keep others off the database while the connection of `tx` lives. Raises CannotOpen."""
        connection = dialect.claim(tx, self._connection)
        if connection is None:
            raise CannotOpen(_IN_USE)
        self._connection = connection

    def sign(self, tx: Tx) -> None:
        """Leave our number in the tables, which are there."""
        found = tx.execute(_FIND).scalar()
        self._number = int(found or 0) + 1
        tx.execute(_SET if found else _PUT, {"v": str(self._number)})

    def retake(self, tx: Tx) -> None:
        """Take the lock again after the connection was lost. Raises CannotOpen."""
        self._check(tx)  # before anybody's connection is ended
        self.take(tx)
        self._check(tx)
        tx.commit()

    def _check(self, tx: Tx) -> None:
        if tx.execute(_FIND).scalar() != str(self._number):
            raise CannotOpen(_TAKEN)
