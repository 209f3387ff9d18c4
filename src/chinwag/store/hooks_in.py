"""Addresses at which other programs post messages to a group."""

from typing import NamedTuple

import sqlalchemy as sa

from chinwag.core.state import User
from chinwag.store import schema, users
from chinwag.store.db import Tx

_H = schema.hooks_in
_INSERT = sa.insert(_H)
_BY_ID = sa.select(_H).where(_H.c.id == sa.bindparam("i"))
_ALL = sa.select(_H).order_by(_H.c.created_ms, _H.c.id)
_REMOVE = sa.delete(_H).where(_H.c.id == sa.bindparam("i"))


class HookIn(NamedTuple):
    """One such address, without its secret."""

    id: str
    digest: bytes
    topic: str
    uid: str  # as whom it posts
    name: str
    created_ms: int


def put(tx: Tx, hook: HookIn, author: User) -> None:
    """Store a new one, and the account as which it posts. Raises Duplicate."""
    users.create(tx, author, private=None, auth=None, now_ms=hook.created_ms)
    tx.execute(_INSERT, hook._asdict())


def get(tx: Tx, id: str) -> HookIn | None:
    """The one called `id`; None: there is none, or no more."""
    row = tx.execute(_BY_ID, {"i": id}).one_or_none()
    return None if row is None else HookIn(*row)


def listed(tx: Tx) -> list[HookIn]:
    """All, oldest first."""
    return [HookIn(*row) for row in tx.execute(_ALL)]


def remove(tx: Tx, id: str) -> bool:
    """Forget one; whether there was one."""
    return tx.execute(_REMOVE, {"i": id}).rowcount > 0
