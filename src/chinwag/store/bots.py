"""Tokens of bots: whose they are, and what they are good for."""

from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from chinwag.core.scope import Scope, Topics
from chinwag.store import schema
from chinwag.store.db import Tx

_B = schema.bot_tokens
_INSERT = sa.insert(_B)
_BY_ID = sa.select(_B).where(_B.c.id == sa.bindparam("i"))
_OF = sa.select(_B).where(_B.c.uid == sa.bindparam("u")).order_by(_B.c.created_ms, _B.c.id)
_ALL = sa.select(_B).order_by(_B.c.created_ms, _B.c.id)
_REMOVE = sa.delete(_B).where(_B.c.id == sa.bindparam("i"))
_REMOVE_ALL = sa.delete(_B).where(_B.c.uid == sa.bindparam("u"))


class BotToken(NamedTuple):
    """A token, without its secret."""

    uid: str
    digest: bytes
    scope: Scope
    created_ms: int

    @property
    def id(self) -> str:
        """By which it is known."""
        return self.scope.token


def put(tx: Tx, token: BotToken) -> None:
    """Store a new token. Raises Duplicate."""
    names = sorted(token.scope.topics.names)
    row = {
        "id": token.id,
        "uid": token.uid,
        "digest": token.digest,
        "topics": msgspec.json.encode(names),
        "rate": token.scope.rate,
        "created_ms": token.created_ms,
    }
    tx.execute(_INSERT, row)


def get(tx: Tx, id: str) -> BotToken | None:
    """The token `id`; None: there is none, or no more."""
    row = tx.execute(_BY_ID, {"i": id}).one_or_none()
    return None if row is None else _token(row)


def listed(tx: Tx, uid: str | None = None) -> list[BotToken]:
    """The tokens of `uid`, or of everybody, oldest first."""
    found = tx.execute(_ALL) if uid is None else tx.execute(_OF, {"u": uid})
    return [_token(row) for row in found]


def remove(tx: Tx, id: str) -> bool:
    """Forget a token; whether there was one."""
    return tx.execute(_REMOVE, {"i": id}).rowcount > 0


def remove_all(tx: Tx, uid: str) -> None:
    """Forget all tokens of `uid`."""
    tx.execute(_REMOVE_ALL, {"u": uid})


def _token(row: "sa.Row[tuple[object, ...]]") -> BotToken:
    names = msgspec.json.decode(row.topics, type=list[str])
    scope = Scope(row.id, Topics(frozenset(names)), row.rate)
    return BotToken(row.uid, row.digest, scope, row.created_ms)
