"""Tags of people and groups in the search index; aliases are unique over both.

Source: specification 04, paragraph 6; DEFECT D-62.
"""

from collections.abc import Set as AbstractSet

import msgspec
import sqlalchemy as sa

from chinwag.core.state import State
from chinwag.store import schema
from chinwag.store.db import Tx

_T, _A = schema.tags, schema.aliases
_DROP = sa.delete(_T).where(_T.c.holder == sa.bindparam("h"))
_DROP_ALIASES = sa.delete(_A).where(_A.c.holder == sa.bindparam("h"))
_ADD = sa.insert(_T)
_ADD_ALIAS = sa.insert(_A)
_U = schema.users
_STORED = (
    sa.select(_U.c.tags)
    .where(_U.c.uid == sa.bindparam("u"), _U.c.state != State.DELETED)
    .with_for_update()
)
_STORE = sa.update(_U).where(_U.c.uid == sa.bindparam("u")).values(tags=sa.bindparam("t"))


def set_tags(tx: Tx, holder: str, tags: list[str], alias_ns: str = "") -> None:
    """Index `tags` and nothing else for `holder`. Raises Duplicate where an alias is taken."""
    tx.execute(_DROP, {"h": holder})
    tx.execute(_DROP_ALIASES, {"h": holder})
    if tags:
        tx.execute(_ADD, [{"tag": tag, "holder": holder} for tag in sorted(set(tags))])
    unique = [tag for tag in dict.fromkeys(tags) if alias_ns and tag.startswith(alias_ns + ":")]
    if unique:
        tx.execute(_ADD_ALIAS, [{"tag": tag, "holder": holder} for tag in unique])


def tags_of(tx: Tx, uid: str) -> set[str] | None:
    """The tags of the account `uid`; None: it is no more."""
    stored = tx.execute(_STORED, {"u": uid}).scalar()
    return None if stored is None else set(msgspec.json.decode(stored, type=list[str]))


def retag(
    tx: Tx,
    uid: str,
    *,
    add: AbstractSet[str] = frozenset(),
    drop: AbstractSet[str] = frozenset(),
    alias_ns: str = "",
) -> list[str]:
    """All tags of the account `uid` after adding and dropping some. Raises Duplicate.

    An account that is no more has none.
    """
    before = tags_of(tx, uid)
    if before is None:
        return []
    tags = sorted((before - drop) | add)
    if set(tags) != before:
        set_tags(tx, uid, tags, alias_ns)
        tx.execute(_STORE, {"u": uid, "t": msgspec.json.encode(tags)})
    return tags


def drop(tx: Tx, holder: str) -> None:
    """Take `holder` out of the index."""
    tx.execute(_DROP, {"h": holder})
    tx.execute(_DROP_ALIASES, {"h": holder})
