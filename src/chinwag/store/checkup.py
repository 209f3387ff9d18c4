"""What can be said of a database by reading it. A server may be using it."""

from typing import Final, NamedTuple

import sqlalchemy as sa

from chinwag.store import dialect, migrate, schema
from chinwag.store.db import Tx

_T, _U, _M, _F = schema.topics, schema.users, schema.messages, schema.files
_NEWEST: Final = tuple(
    sa.select(sa.func.max(column))
    for column in (_T.c.touched_ms, _T.c.updated_ms, _U.c.updated_ms, _U.c.seen_ms, _F.c.updated_ms)
)
_ACCOUNTS: Final = sa.select(sa.func.count()).select_from(_U)
_MESSAGES: Final = sa.select(sa.func.count()).select_from(_M)
_BEYOND: Final = (
    sa.select(_T.c.name)
    .join(_M, _M.c.topic == _T.c.name)
    .group_by(_T.c.name, _T.c.seq)
    .having(sa.func.max(_M.c.seq) > _T.c.seq)
    .limit(sa.bindparam("l"))
)
_NAMED_MAX: Final = 5


class Facts(NamedTuple):
    """What there is."""

    product: str  # with its version
    read_only: bool  # whether its server takes no writes
    version: int | None  # of the tables; None: there are none
    accounts: int = 0
    messages: int = 0


def facts(tx: Tx) -> Facts:
    """What there is. Raises CannotOpen where the tables cannot be used."""
    product, read_only = dialect.product(tx), dialect.read_only(tx)
    version = migrate.version(tx, migrate.VERSION)
    if version is None:
        return Facts(product, read_only, None)
    counts = (int(tx.execute(query).scalar_one()) for query in (_ACCOUNTS, _MESSAGES))
    return Facts(product, read_only, version, *counts)


def newest_ms(tx: Tx) -> int:
    """When something was last written, as far as it is noted; 0: never."""
    return max(tx.execute(query).scalar() or 0 for query in _NEWEST)


def damage(tx: Tx) -> list[str]:
    """What is wrong with the rows themselves, each in a few words; some of it if it is much."""
    beyond = tx.execute(_BEYOND, {"l": _NAMED_MAX}).scalars()
    return [
        *dialect.damage(tx),
        *(f"the topic {name} has messages beyond its newest number" for name in beyond),
    ]
