"""Portable columns: names are compared byte by byte on every database.

Instants are integer milliseconds UTC, JSON is bytes, user ids are signed 64-bit integers.
Source: specification 04, DEFECTs D-14 and D-15.
"""

from functools import lru_cache
from typing import Final

import sqlalchemy as sa

from chinwag.core import ids
from chinwag.store.dialect import exact_text, long_bytes

KNOWN_MAX: Final = 1 << 16  # user ids whose other form is remembered


class Name(sa.types.TypeDecorator[str]):
    """A text that is an identifier: case and accents count.

    No stored name has a NUL character, which PostgreSQL does not take, or a space at its end,
    which MySQL passes over when it compares: U+FFFD takes their place.
    """

    impl = sa.String
    cache_ok = True

    def __init__(self, length: int = 64) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[str]:
        """A text compared byte by byte."""
        return exact_text(self.length)

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """`value` as every database takes it."""
        if value is None or not ("\0" in value or value.endswith(" ")):
            return value
        value = value.replace("\0", "\ufffd")
        return value[:-1] + "\ufffd" if value.endswith(" ") else value


class Words(Name):
    """A text that only people read: what is too long is cut."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """The part of `value` that there is room for."""
        return value and value[: self.length].replace("\0", "\ufffd")


class UserId(sa.types.TypeDecorator[str]):
    """A user id: `usr…` in the program, a signed 64-bit integer in the database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> int | None:
        """The signed number of a user id."""
        return None if value is None else _signed(value)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> str | None:
        """The user id of a signed number."""
        return None if value is None else uid_of(value)


@lru_cache(KNOWN_MAX)
def _signed(uid: str) -> int:
    number = ids.uid_number(uid)
    return number - (1 << 64) if number >> 63 else number


@lru_cache(KNOWN_MAX)
def uid_of(number: int) -> str:
    """The user id of a signed number."""
    return ids.uid_text(number % (1 << 64))


JSON = long_bytes()
Instant = sa.BigInteger
