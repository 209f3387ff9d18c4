"""Messages and their deletion. Source: specification 04, paragraph 2.5."""

import sqlalchemy as sa

from chinwag.core import ranges as rng
from chinwag.core.ranges import Range
from chinwag.core.repeats import ONCE_MS, Known
from chinwag.core.state import Deletion, Draft, Message, State
from chinwag.store import files, schema, subs
from chinwag.store.db import Conflict, Tx, joining
from chinwag.store.dialect import Row, insert_each, set_each
from chinwag.store.quick import Quick
from chinwag.store.types import uid_of

PAGE_MAX = 100
LOG_MAX = 1024
PORTION = 2000  # messages that one statement changes: the time of each is bounded

_M, _T, _D, _S = schema.messages, schema.topics, schema.deletions, schema.subs
_COLUMNS = ("topic", "seq", "sender", "ts_ms", "head", "content", "erased", "digest")
_NAMES = ("topic", "digest", "seq", "ts_ms")
FORGET_EACH = 256  # messages of a topic: looking through all its names is not for every one
_CALL = sa.update(_T).where(_T.c.name == sa.bindparam("t")).values(call_seq=sa.bindparam("c"))
_GONE = "state", int(State.DELETED)
_HOLD = sa.select(_T.c.seq).where(_T.c.name == sa.bindparam("t")).with_for_update()
_O = schema.once
_FORGET_ONCE = sa.delete(_O).where(
    _O.c.topic == sa.bindparam("t"), _O.c.ts_ms <= sa.bindparam("old")
)
_FREE = sa.delete(_O).where(_O.c.topic == sa.bindparam("t"), _O.c.digest == sa.bindparam("d"))
_ONCE = sa.select(_O).where(
    _O.c.topic == sa.bindparam("t"), _O.c.digest.in_(sa.bindparam("digests", expanding=True))
)
_RECENT = (
    sa.select(_M.c.digest, _M.c.seq, _M.c.ts_ms)
    .where(
        _M.c.topic == sa.bindparam("t"),
        _M.c.seq > sa.bindparam("after"),
        _M.c.ts_ms > sa.bindparam("since"),
        _M.c.digest.is_not(None),
    )
    .order_by(_M.c.seq)
)
_AT = sa.select(_M).where(_M.c.topic == sa.bindparam("t"), _M.c.seq == sa.bindparam("s"))
_HIDDEN = sa.exists().where(
    _D.c.topic == _M.c.topic,
    _D.c.uid == sa.bindparam("u"),
    _D.c.low <= _M.c.seq,
    _D.c.high > _M.c.seq,
)
_BETWEEN = Quick(
    sa.select(_M.c.seq, _M.c.sender, _M.c.ts_ms, _M.c.head, _M.c.content)
    .where(
        _M.c.topic == sa.bindparam("t"),
        _M.c.seq >= sa.bindparam("since"),
        _M.c.seq < sa.bindparam("before"),
        _M.c.erased == 0,
        ~_HIDDEN,
    )
    .order_by(_M.c.seq.desc())
    .limit(sa.bindparam("l"))
)
_ERASE = (
    sa.update(_M)
    .where(
        _M.c.topic == sa.bindparam("t"),
        _M.c.seq >= sa.bindparam("l"),
        _M.c.seq < sa.bindparam("h"),
    )
    .values(erased=sa.bindparam("d"), head=None, content=None)
)
_NEWEST = sa.select(sa.func.max(_M.c.seq)).where(_M.c.topic == sa.bindparam("t"))
_FORGET = sa.delete(_M).where(
    _M.c.topic == sa.bindparam("t"),
    _M.c.seq >= sa.bindparam("l"),
    _M.c.seq < sa.bindparam("h"),
)
_CLEAR_HARD = (
    sa.update(_T)
    .where(_T.c.name == sa.bindparam("t"), _T.c.state != State.DELETED)
    .values(clear=sa.bindparam("d"), clear_hard=sa.bindparam("d"))
)
_CLEAR = (
    sa.update(_T)
    .where(_T.c.name == sa.bindparam("t"), _T.c.state != State.DELETED)
    .values(clear=sa.bindparam("d"))
)
_SUB_CLEAR = (
    sa.update(_S)
    .where(_S.c.topic == sa.bindparam("t"), _S.c.uid == sa.bindparam("u"))
    .values(clear=sa.bindparam("d"))
)
_SUBS_CLEAR = sa.update(_S).where(_S.c.topic == sa.bindparam("t")).values(clear=sa.bindparam("d"))
_LOG = sa.insert(_D)
_LOGGED = (
    sa.select(_D.c.del_id, _D.c.low, _D.c.high)
    .where(
        _D.c.topic == sa.bindparam("t"),
        _D.c.uid.is_(None) | (_D.c.uid == sa.bindparam("u")),
        _D.c.del_id >= sa.bindparam("since"),
        _D.c.del_id < sa.bindparam("before"),
    )
    .order_by(_D.c.del_id, _D.c.low)
)
_SEQ_MAX = (1 << 31) - 1  # what the columns hold


@joining
def append(tx: Tx, drafts: list[Draft]) -> None:
    """Store messages, the newest seqs of their topics and the marks of their senders.

    Raises Conflict where a message is not the next of its topic, or the topic is no more; Duplicate
    where the name of a message is taken.
    """
    ends = _ends(drafts)
    if set_each(tx, _T, ("name", "seq"), ("touched_ms", "seq"), ends, but=_GONE) < len(ends):
        raise Conflict("a message is not the next one of its topic")
    insert_each(tx, _M, _COLUMNS, [_row(draft) for draft in drafts])
    subs.mark_own(tx, {(d.topic, d.sender): d.seq for d in drafts if d.marks})
    for draft in drafts:
        if draft.files:
            files.link(tx, draft.topic, draft.seq, draft.files, {draft.sender, draft.by})
        if draft.call is not None:
            tx.execute(_CALL, {"t": draft.topic, "c": draft.call})
    _name(tx, drafts)


def _ends(drafts: list[Draft]) -> list[Row]:
    """Of each topic: its name, its newest seq before and when it was touched, and its newest seq.

    Raises Conflict.
    """
    ends: dict[str, Row] = {}
    newest: dict[str, int] = {}
    for draft in drafts:
        before = newest.get(draft.topic, draft.seq - 1)
        if draft.seq != before + 1:
            raise Conflict(f"{draft.seq} is not the next number of {draft.topic}")
        newest[draft.topic] = draft.seq
        began = ends[draft.topic][1] if draft.topic in ends else before
        ends[draft.topic] = (draft.topic, began, draft.ts_ms, draft.seq)
    return list(ends.values())


def _row(draft: Draft) -> Row:
    return (
        draft.topic,
        draft.seq,
        draft.sender,
        draft.ts_ms,
        draft.head,
        draft.content,
        0,
        draft.digest,
    )


def _name(tx: Tx, drafts: list[Draft]) -> None:
    """Note by which names messages are known, and forget those of long ago now and then."""
    old = [
        {"t": draft.topic, "old": draft.ts_ms - ONCE_MS}
        for draft in drafts
        if draft.seq % FORGET_EACH == 0
    ]
    if old:
        tx.execute(_FORGET_ONCE, old)
    named: list[Row] = [(d.topic, d.digest, d.seq, d.ts_ms) for d in drafts if d.once]
    if named:
        insert_each(tx, _O, _NAMES, named)


def once(tx: Tx, topic: str, digests: list[int]) -> dict[int, Known]:
    """Messages known by what their authors named, however long ago."""
    rows = tx.execute(_ONCE, {"t": topic, "digests": digests})
    return {row.digest: Known(row.seq, row.ts_ms) for row in rows}


def free(tx: Tx, topic: str, digests: list[int]) -> None:
    """Let what was named long ago be named anew."""
    tx.execute(_FREE, [{"t": topic, "d": digest} for digest in digests])


def recent(tx: Tx, topic: str, *, after_seq: int, since_ms: int) -> list[tuple[int, Known]]:
    """The digests of messages after `after_seq` and `since_ms`, oldest first."""
    rows = tx.execute(_RECENT, {"t": topic, "after": after_seq, "since": since_ms})
    return [(row.digest, Known(row.seq, row.ts_ms)) for row in rows]


def stored(tx: Tx, draft: Draft) -> bool:
    """Whether the message at the seq of `draft` is `draft`.

    Waits for a transaction that is still storing it, such as one whose answer was lost.
    """
    tx.execute(_HOLD, {"t": draft.topic})
    row = tx.execute(_AT, {"t": draft.topic, "s": draft.seq}).one_or_none()
    return row is not None and (row.sender, row.ts_ms, row.head, row.content) == (
        draft.sender,
        draft.ts_ms,
        draft.head,
        draft.content,
    )


def at(tx: Tx, topic: str, seq: int) -> Message | None:
    """The message number `seq`; without head and content if it was erased."""
    row = tx.execute(_AT, {"t": topic, "s": seq}).one_or_none()
    return None if row is None else Message(row.seq, row.sender, row.ts_ms, row.head, row.content)


def page(  # noqa: PLR0913 - what a client may bound
    tx: Tx,
    topic: str,
    uid: str,
    *,
    since: int = 0,
    before: int = 0,
    limit: int = 0,
    ranges: list[Range] | None = None,
) -> list[Message]:
    """Messages that `uid` may still see, newest first, at most PAGE_MAX.

    `since` inclusive, `before` exclusive, 0: no bound; `ranges` take their place.
    """
    most = min(limit, PAGE_MAX) if limit > 0 else PAGE_MAX
    spans = [_span(since, before)] if ranges is None else ranges
    found: list[Message] = []
    for low, high in reversed(spans):
        left = most - len(found)
        if left <= 0:
            break
        keys = {"t": topic, "u": uid, "since": low, "before": high, "l": left}
        found += [
            Message(seq, uid_of(sender), ts_ms, head, content)
            for seq, sender, ts_ms, head, content in _BETWEEN.rows(tx, keys)
        ]
    return found


def _span(since: int, before: int) -> Range:
    """The numbers a client asks for, within what the columns hold; `before` 0: no bound."""
    return min(max(since, 0), _SEQ_MAX), min(before, _SEQ_MAX) if before > 0 else _SEQ_MAX


def erase(
    tx: Tx,
    topic: str,
    ranges: list[Range],
    *,
    del_id: int,
    younger_than_ms: int | None,
) -> list[Range]:
    """Erase messages for everybody; the numbers that really went (D-05, D28).

    `younger_than_ms`: older messages stay; None: no limit. Nothing counts where nothing went.
    Raises Conflict where the topic is no more.
    """
    gone = [seq for low, high in ranges for seq in _erasable(tx, topic, low, high, younger_than_ms)]
    if not gone:
        return []
    erased = rng.of_numbers(gone)
    _count(tx, _CLEAR_HARD, topic, del_id)
    for part in rng.portions(erased, PORTION):
        tx.execute(_ERASE, [{"t": topic, "l": lo, "h": hi, "d": del_id} for lo, hi in part])
        files.unlink_messages(tx, topic, part)
    _log(tx, topic, erased, del_id, None)
    tx.execute(_SUBS_CLEAR, {"t": topic, "d": del_id})
    return erased


def _erasable(tx: Tx, topic: str, low: int, high: int, younger_than_ms: int | None) -> list[int]:
    query = sa.select(_M.c.seq).where(
        _M.c.topic == topic, _M.c.seq >= low, _M.c.seq < high, _M.c.erased == 0
    )
    if younger_than_ms is not None:
        query = query.where(_M.c.ts_ms > younger_than_ms)
    return list(tx.execute(query).scalars())


def forget(tx: Tx, topic: str) -> None:
    """The topic is erased, and all its messages with it."""
    newest = tx.execute(_NEWEST, {"t": topic}).scalar() or 0
    for low in range(0, newest + 1, PORTION):
        tx.execute(_FORGET, {"t": topic, "l": low, "h": low + PORTION})


def _count(tx: Tx, clear: sa.Update, topic: str, del_id: int) -> None:
    """Make `del_id` the newest deletion of a topic. Raises Conflict."""
    if not tx.execute(clear, {"t": topic, "d": del_id}).rowcount:
        raise Conflict("the topic is no more")


def hide(tx: Tx, topic: str, uid: str, ranges: list[Range], *, del_id: int) -> None:
    """Delete messages for `uid` only. Raises Conflict where the topic is no more."""
    _count(tx, _CLEAR, topic, del_id)
    _log(tx, topic, ranges, del_id, uid)
    tx.execute(_SUB_CLEAR, {"t": topic, "u": uid, "d": del_id})


def _log(tx: Tx, topic: str, ranges: list[Range], del_id: int, uid: str | None) -> None:
    rows = [
        {"topic": topic, "del_id": del_id, "low": low, "high": high, "uid": uid}
        for low, high in ranges
    ]
    tx.execute(_LOG, rows)


def deletions(
    tx: Tx, topic: str, uid: str, *, since: int = 0, before: int = 0, limit: int = 0
) -> Deletion:
    """What was deleted for everybody or for `uid`, cut at the end of a deletion (D-24)."""
    most = min(limit, LOG_MAX) if limit > 0 else LOG_MAX
    low, high = _span(since, before)
    keys = {"t": topic, "u": uid, "since": low, "before": high}
    found: list[Range] = []
    clear = 0
    for row in tx.execute(_LOGGED, keys):
        if len(found) >= most and row.del_id != clear:
            break
        found.append((row.low, row.high))
        clear = row.del_id
    return Deletion(rng.merge(found), clear)
