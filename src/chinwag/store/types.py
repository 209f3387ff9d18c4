"""Portable columns: names are compared byte by byte on every database.

Instants are integer milliseconds UTC, JSON is bytes, user ids are signed 64-bit integers.
Source: specification 04, DEFECT D-15.
"""

import sqlalchemy as sa

from chinwag.core import ids


def name(length: int = 64) -> sa.types.TypeEngine[str]:
    """A text that is an identifier: case and accents count."""
    return sa.String(length).with_variant(sa.String(length, "utf8mb4_bin"), "mysql", "mariadb")


class UserId(sa.types.TypeDecorator[str]):
    """A user id: `usr…` in the program, a signed 64-bit integer in the database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> int | None:
        """The signed number of a user id."""
        if value is None:
            return None
        number = ids.uid_number(value)
        return number - (1 << 64) if number >> 63 else number

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> str | None:
        """The user id of a signed number."""
        return None if value is None else ids.uid_text(value % (1 << 64))


JSON = sa.LargeBinary
Instant = sa.BigInteger
