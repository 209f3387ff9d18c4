"""Pushes that are due, and up to where they have been written down. Source: 03, DEFECT D13."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
import sqlalchemy as sa

from chinwag.core.notify import Push
from chinwag.core.state import Message, State
from chinwag.store import devices, schema
from chinwag.store.db import Tx
from chinwag.store.dialect import Row, insert_new, portions, set_each

MISSED_MAX: Final = 100  # messages of a topic whose pushes are made up for

_P, _C, _T, _M = schema.pushes, schema.pushed, schema.topics, schema.messages
_S, _D = schema.subs, schema.devices
_DUE = sa.select(_P).order_by(_P.c.due_ms, _P.c.id).limit(sa.bindparam("l"))
_DONE = sa.delete(_P).where(_P.c.id == sa.bindparam("i"))
_COUNT = sa.select(sa.func.count()).select_from(_P)
_PUSHED = sa.select(_C.c.topic, _C.c.seq).where(
    _C.c.topic.in_(sa.bindparam("names", expanding=True))
)
_BEHIND = (
    sa.select(_T.c.name, sa.func.coalesce(_C.c.seq, 0), _T.c.seq)
    .join_from(_T, _C, _C.c.topic == _T.c.name, isouter=True)
    .where(
        _T.c.touched_ms > sa.bindparam("since"),
        _T.c.state != int(State.DELETED),
        _T.c.seq > sa.func.coalesce(_C.c.seq, 0),
        sa.exists().where(
            _S.c.topic.in_((_T.c.name, sa.literal("chn") + sa.func.substr(_T.c.name, 4))),
            _S.c.deleted_ms.is_(None),
            _S.c.seq_read < _T.c.seq,
            _D.c.uid == _S.c.uid,
        ),
    )
)
_MISSED = (
    sa.select(_M.c.seq, _M.c.sender, _M.c.ts_ms, _M.c.head, _M.c.content)
    .where(
        _M.c.topic == sa.bindparam("t"),
        _M.c.seq > sa.bindparam("after"),
        _M.c.seq <= sa.bindparam("newest"),
        _M.c.ts_ms > sa.bindparam("since"),
        _M.c.erased == 0,
    )
    .order_by(_M.c.seq.desc())
    .limit(MISSED_MAX)
)


class Missed(NamedTuple):
    """Numbers of messages whose pushes may not have been written down."""

    after: int
    newest: int


class Job(NamedTuple):
    """A push on its way to what carries it."""

    id: int
    sink: str
    due_ms: int
    until_ms: int
    tries: int
    push: Push


def put(tx: Tx, jobs: Sequence[Job], newest: Mapping[str, int]) -> None:
    """Write down pushes and up to which message of each topic they have been; may come twice."""
    insert_new(tx, _P, [_row(job) for job in jobs])
    if newest:
        known = dict(portions(tx, _PUSHED, "names", newest))
        grown = [(name, seq) for name, seq in sorted(newest.items()) if seq > known.get(name, 0)]
        insert_new(tx, _C, [{"topic": n, "seq": s} for n, s in grown if n not in known])
        set_each(tx, _C, ("topic",), ("seq",), [row for row in grown if row[0] in known])


def _row(job: Job) -> dict[str, object]:
    return {**job._asdict(), "push": msgspec.json.encode(job.push)}


def due(tx: Tx, limit: int) -> list[Job]:
    """The pushes that are due first, those that are not due yet included."""
    decode = msgspec.json.Decoder(Push).decode
    rows = tx.execute(_DUE, {"l": limit})
    return [
        Job(row.id, row.sink, row.due_ms, row.until_ms, row.tries, decode(row.push)) for row in rows
    ]


def settle(
    tx: Tx, done: Sequence[int], later: Sequence[Job], dead: Sequence[tuple[str, str]]
) -> None:
    """Forget what is done, note what is to be tried again, and forget dead devices."""
    if done:
        tx.execute(_DONE, [{"i": each} for each in sorted(done)])
    tried: list[Row] = [tuple(_row(job).values()) for job in sorted(later)]
    set_each(tx, _P, ("id",), Job._fields[1:], tried)
    devices.forget(tx, dead)


def count(tx: Tx) -> int:
    """How many pushes wait."""
    return tx.execute(_COUNT).scalar_one()


def behind(tx: Tx, since_ms: int) -> dict[str, Missed]:
    """Topics with messages after `since_ms` whose pushes may not have been written down.

    Only those with somebody who has a device and has not read everything.
    """
    return {row[0]: Missed(*row[1:]) for row in tx.execute(_BEHIND, {"since": since_ms})}


def missed(tx: Tx, topic: str, which: Missed, since_ms: int) -> list[Message]:
    """Those messages of `topic`, oldest first, MISSED_MAX at most."""
    rows = tx.execute(_MISSED, {"t": topic, "since": since_ms, **which._asdict()})
    return [Message(*row) for row in rows][::-1]
