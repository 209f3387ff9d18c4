"""The Db port and its errors.

A store function is synchronous, gets the transaction first and may run twice.
"""

from collections.abc import Callable
from typing import Concatenate, Final, ParamSpec, Protocol, TypeVar

import sqlalchemy as sa

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
Tx = sa.Connection


_JOINING: Final[set[object]] = set()


def joining(fn: Callable[[Tx, list[T]], None]) -> Callable[[Tx, list[T]], None]:
    """Mark `fn`: calls that wait together may become one call with all their lists in one."""
    _JOINING.add(fn)
    return fn


def joins(fn: object) -> bool:
    """Whether calls of `fn` may become one."""
    return fn in _JOINING


class StoreError(Exception):
    """The store could not do what was asked."""


class Duplicate(StoreError):
    """A value that must be unique is taken; nothing was done."""


class Conflict(StoreError):
    """The stored state is not what the caller believed; nothing was done."""


class Unavailable(StoreError):
    """The store did not answer: nobody knows whether it was done."""


class CannotOpen(StoreError):
    """The database cannot be used; the message says why and what to do."""


class Db(Protocol):
    """Runs store functions, each in a transaction of its own."""

    async def run(
        self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """The result of `fn` once its transaction has committed. Raises StoreError."""
        ...

    async def read(
        self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """The result of `fn`, which only reads; does not wait behind writers."""
        ...

    @property
    def away(self) -> bool:
        """Whether it did not answer the last time: what is asked of it now may fail soon."""
        ...

    async def ping(self) -> bool:
        """Whether the database answers."""
        ...

    async def close(self) -> None:
        """Finish what is queued and close."""
        ...
