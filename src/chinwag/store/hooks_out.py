"""Addresses to which messages are posted, and up to which message of each topic they have been.

The messages themselves are the queue: what lies beyond the mark is still to be told.
"""

from typing import Final, NamedTuple

import msgspec
import sqlalchemy as sa

from chinwag.core.scope import Topics
from chinwag.core.state import Message, State
from chinwag.store import schema
from chinwag.store.db import Tx
from chinwag.store.dialect import insert_new

PORTION: Final = 20  # messages that are read at once

_H, _K, _T, _M = schema.hooks_out, schema.hook_marks, schema.topics, schema.messages
_INSERT = sa.insert(_H)
_ALL = sa.select(_H).order_by(_H.c.created_ms, _H.c.id)
_REMOVE = sa.delete(_H).where(_H.c.id == sa.bindparam("i"))
_REMOVE_MARKS = sa.delete(_K).where(_K.c.hook == sa.bindparam("i"))
_STOP = (
    sa.update(_H)
    .where(_H.c.id == sa.bindparam("i"))
    .values(stopped_ms=sa.bindparam("n"), why=sa.bindparam("w"))
)
_TROUBLE = (
    sa.update(_H)
    .where(_H.c.id == sa.bindparam("i"))
    .values(why=sa.bindparam("w"), refused=_H.c.refused + sa.bindparam("r"))
)
_MARK = sa.select(_K.c.seq).where(_K.c.hook == sa.bindparam("i"), _K.c.topic == sa.bindparam("t"))
_SET_MARK = (
    sa.update(_K)
    .where(
        _K.c.hook == sa.bindparam("i"),
        _K.c.topic == sa.bindparam("t"),
        _K.c.seq < sa.bindparam("s"),
    )
    .values(seq=sa.bindparam("s"))
)
_BEHIND = (
    sa.select(_T.c.name)
    .join_from(_T, _K, (_K.c.topic == _T.c.name) & (_K.c.hook == sa.bindparam("i")), isouter=True)
    .where(
        _T.c.touched_ms >= sa.bindparam("since"),
        _T.c.state != int(State.DELETED),
        _T.c.seq > sa.func.coalesce(_K.c.seq, 0),
    )
    .order_by(_T.c.touched_ms, _T.c.name)
)
_NEWEST = sa.select(_T.c.seq, _T.c.created_ms).where(
    _T.c.name == sa.bindparam("t"), _T.c.state != State.DELETED
)
_NEXT = (
    sa.select(_M.c.seq, _M.c.sender, _M.c.ts_ms, _M.c.head, _M.c.content)
    .where(
        _M.c.topic == sa.bindparam("t"),
        _M.c.seq > sa.bindparam("after"),
        _M.c.seq <= sa.bindparam("newest"),
        _M.c.ts_ms >= sa.bindparam("since"),
        _M.c.erased == 0,
    )
    .order_by(_M.c.seq)
    .limit(PORTION)
)


class HookOut(NamedTuple):
    """One such address."""

    id: str
    url: str
    topics: Topics
    created_ms: int  # older messages are not told
    stopped_ms: int | None = None  # since when it has been given up
    why: str = ""  # of the last failure; empty: all is well
    refused: int = 0  # messages that were not taken


class Portion(NamedTuple):
    """The next messages of a topic."""

    messages: list[Message]
    newest: int  # whatever is up to there and not among them is not to be told
    born_ms: int  # when the topic was made; 0: it is not there


def put(tx: Tx, hook: HookOut) -> None:
    """Store a new one. Raises Duplicate."""
    names = msgspec.json.encode(sorted(hook.topics.names))
    tx.execute(_INSERT, {**hook._asdict(), "topics": names})


def listed(tx: Tx) -> list[HookOut]:
    """All, oldest first."""
    return [_hook(row) for row in tx.execute(_ALL)]


def _hook(row: "sa.Row[tuple[object, ...]]") -> HookOut:
    names = frozenset(msgspec.json.decode(row.topics, type=list[str]))
    return HookOut(**{**row._asdict(), "topics": Topics(names)})


def remove(tx: Tx, id: str) -> bool:
    """Forget one; whether there was one."""
    tx.execute(_REMOVE_MARKS, {"i": id})
    return tx.execute(_REMOVE, {"i": id}).rowcount > 0


def stop(tx: Tx, id: str, stopped_ms: int | None, why: str) -> bool:
    """Note that one is given up, or (None) that it is not any more; whether there is one."""
    return tx.execute(_STOP, {"i": id, "n": stopped_ms, "w": why}).rowcount > 0


def trouble(tx: Tx, id: str, why: str, refused: int = 0) -> None:
    """Note why one fails (empty: it does not), and how many more messages were not taken."""
    tx.execute(_TROUBLE, {"i": id, "w": why, "r": refused})


def behind(tx: Tx, hook: HookOut, limit: int) -> list[str]:
    """The topics in which there may be something to tell, `limit` at most."""
    found = tx.execute(_BEHIND, {"i": hook.id, "since": hook.created_ms}).scalars()
    names = [name for name in found if hook.topics.cover(name)]
    return names[:limit]


def portion(tx: Tx, hook: HookOut, topic: str) -> Portion:
    """What is to be told next of a topic, oldest first."""
    mark = tx.execute(_MARK, {"i": hook.id, "t": topic}).scalar() or 0
    there = tx.execute(_NEWEST, {"t": topic}).one_or_none()
    newest, born_ms = (0, 0) if there is None else (there.seq, there.created_ms)
    keys = {"t": topic, "after": mark, "newest": newest, "since": hook.created_ms}
    return Portion([Message(*row) for row in tx.execute(_NEXT, keys)], newest, born_ms)


def mark(tx: Tx, id: str, topic: str, seq: int, born_ms: int) -> None:
    """Note that all messages up to `seq` have been told; it never goes back.

    `born_ms`: of which topic; a conversation may have been erased and made anew meanwhile, whose
    numbers begin again.
    """
    there = tx.execute(_NEWEST, {"t": topic}).one_or_none()
    if there is None or there.created_ms != born_ms:
        return
    key: dict[str, object] = {"i": id, "t": topic}
    if tx.execute(_MARK, key).scalar() is None:
        insert_new(tx, _K, [{"hook": id, "topic": topic, "seq": seq}])
    else:
        tx.execute(_SET_MARK, {**key, "s": seq})
