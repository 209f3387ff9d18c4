"""Secrets people log in with. Source: specification 04, paragraph 2.2."""

import sqlalchemy as sa

from chinwag.core.state import AuthRecord, Level
from chinwag.store import holders, schema
from chinwag.store.db import Tx

_A = schema.auth
_INSERT = sa.insert(_A)
_BY_UNIQUE = sa.select(_A).where(
    _A.c.scheme == sa.bindparam("s"), _A.c.unique_text == sa.bindparam("t")
)
_BY_USER = sa.select(_A).where(_A.c.scheme == sa.bindparam("s"), _A.c.uid == sa.bindparam("u"))
_UPDATE = (
    sa.update(_A)
    .where(_A.c.scheme == sa.bindparam("s"), _A.c.uid == sa.bindparam("u"))
    .values(
        unique_text=sa.bindparam("t"),
        secret=sa.bindparam("x"),
        level=sa.bindparam("l"),
        expires_ms=sa.bindparam("e"),
    )
)
_REMOVE = sa.delete(_A).where(_A.c.uid == sa.bindparam("u"))


def add(tx: Tx, record: AuthRecord) -> None:
    """Store a new secret. Raises Duplicate."""
    tx.execute(
        _INSERT,
        {
            "scheme": record.scheme,
            "unique_text": record.unique,
            "uid": record.uid,
            "level": int(record.level),
            "secret": record.secret,
            "expires_ms": record.expires_ms,
        },
    )


def by_unique(tx: Tx, scheme: str, unique: str) -> AuthRecord | None:
    """The record of the log-in `unique`."""
    return _record(tx.execute(_BY_UNIQUE, {"s": scheme, "t": unique}).one_or_none())


def by_user(tx: Tx, scheme: str, uid: str) -> AuthRecord | None:
    """The record of the user `uid`."""
    return _record(tx.execute(_BY_USER, {"s": scheme, "u": uid}).one_or_none())


def _record(row: "sa.Row[tuple[object, ...]] | None") -> AuthRecord | None:
    if row is None:
        return None
    return AuthRecord(
        row.scheme, row.unique_text, row.uid, Level(row.level), row.secret, row.expires_ms
    )


def change(
    tx: Tx, record: AuthRecord, *, old_tag: str = "", new_tag: str = "", alias_ns: str = ""
) -> list[str]:
    """Replace the secret of `record.uid` and the tag that names the log-in; all tags of the user.

    Raises Duplicate where the log-in is taken.
    """
    tx.execute(
        _UPDATE,
        {
            "s": record.scheme,
            "u": record.uid,
            "t": record.unique,
            "x": record.secret,
            "l": int(record.level),
            "e": record.expires_ms,
        },
    )
    drop, add = {old_tag} - {new_tag}, {new_tag} - {""}
    return holders.retag(tx, record.uid, add=add, drop=drop, alias_ns=alias_ns)


def remove_all(tx: Tx, uid: str) -> None:
    """Forget all secrets of `uid`."""
    tx.execute(_REMOVE, {"u": uid})
