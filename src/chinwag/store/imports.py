"""What an import from another server needs of the store: rows in bulk, and how far it has come.

Every portion is stored together with the note of it, in one transaction: an import that was cut
short goes on where it stopped. Rows that are there already stay as they are.
"""

from collections.abc import Collection, Iterable
from typing import Any, Final, NamedTuple

import msgspec
import sqlalchemy as sa

from chinwag.core import ids
from chinwag.core.state import State
from chinwag.store import schema
from chinwag.store.db import Tx
from chinwag.store.dialect import Row, insert_each, portions

_U, _A, _C, _T, _S = schema.users, schema.auth, schema.creds, schema.topics, schema.subs
_M, _D, _F, _L, _G = (
    schema.messages,
    schema.deletions,
    schema.files,
    schema.file_links,
    schema.tags,
)
_META: Final = schema.meta
_NOTE: Final = "import"
_LEFT: Final = "import_left"
_NOTES = sa.select(_META.c.key, _META.c.value).where(_META.c.key.in_((_NOTE, _LEFT)))
_FORGET = sa.delete(_META).where(_META.c.key.in_((_NOTE, _LEFT)))
_NOTE_DOWN = sa.insert(_META)
_TOPICS = sa.select(_T.c.name, _T.c.seq, _T.c.clear, _T.c.state).where(
    _T.c.name.in_(sa.bindparam("names", expanding=True))
)
_USERS = sa.select(_U.c.uid, _U.c.state).where(_U.c.uid.in_(sa.bindparam("uids", expanding=True)))
_LOGINS = sa.select(_A.c.unique_text, _A.c.uid).where(
    _A.c.scheme == "basic", _A.c.unique_text.in_(sa.bindparam("logins", expanding=True))
)
_CONFIRMED = sa.select(_C.c.confirmed, _C.c.uid).where(
    _C.c.confirmed.in_(sa.bindparam("keys", expanding=True))
)
_HELD = sa.select(_C.c.uid, _C.c.method, _C.c.value, _C.c.active, _C.c.confirmed).where(
    _C.c.uid.in_(sa.bindparam("uids", expanding=True))
)
_LIVE_SUBS = sa.select(_S.c.topic, _S.c.uid).where(
    _S.c.topic.in_(sa.bindparam("names", expanding=True)), _S.c.deleted_ms.is_(None)
)
_LIVE_SEQS = (
    sa.select(_M.c.seq)
    .where(
        _M.c.topic == sa.bindparam("t"),
        _M.c.seq >= sa.bindparam("l"),
        _M.c.seq < sa.bindparam("h"),
        _M.c.erased == 0,
    )
    .order_by(_M.c.seq)
)
_ENDS = (
    sa.select(_M.c.topic, sa.func.count(), sa.func.max(_M.c.seq))
    .where(_M.c.topic.in_(sa.bindparam("names", expanding=True)), _M.c.erased == 0)
    .group_by(_M.c.topic)
)
_LINKED = sa.select(_L.c.fid).where(_L.c.fid.in_(sa.bindparam("fids", expanding=True))).distinct()
_AT = sa.select(_M.c.topic, _M.c.seq, _M.c.sender, _M.c.head, _M.c.content).where(
    _M.c.topic == sa.bindparam("t"), _M.c.seq == sa.bindparam("s")
)

BEFORE_ALL: Final = -1  # the damaged have a row with the id 0
Portion = dict[sa.Table, list[dict[str, Any]]]


class Mark(msgspec.Struct, frozen=True):
    """How far an import has come: the rows of `step` up to `after` are here."""

    source: str
    step: str
    after: int = BEFORE_ALL
    done: bool = False


class Place(NamedTuple):
    """What a subscription or message has to know of its topic."""

    seq: int
    clear: int
    state: State


def progress(tx: Tx) -> tuple[Mark | None, dict[str, int]]:
    """How far an import has come, and how many rows of each step were left out."""
    notes = {row.key: row.value for row in tx.execute(_NOTES)}
    if _NOTE not in notes:
        return None, {}
    mark = msgspec.json.decode(notes[_NOTE], type=Mark)
    return mark, msgspec.json.decode(notes[_LEFT], type=dict[str, int])


def unfinished(tx: Tx) -> bool:
    """Whether an import was cut short."""
    mark, _ = progress(tx)
    return mark is not None and not mark.done


def is_empty(tx: Tx) -> bool:
    """Whether nobody has used the database yet."""
    return not any(tx.execute(sa.select(sa.literal(1)).select_from(t).limit(1)).first()
                   for t in (_U, _M))  # fmt: skip


def clear(tx: Tx, table: sa.Table) -> None:
    """Forget what a step has stored that begins anew."""
    tx.execute(sa.delete(table))


def put(tx: Tx, portion: Portion, mark: Mark, left: dict[str, int]) -> None:
    """Store those rows of `portion` that are not there yet, and how far the import has come."""
    for table, rows in portion.items():
        if rows:
            insert_each(tx, table, *_filled(table, rows), new_only=True)
    tx.execute(_FORGET)
    notes = ((_NOTE, mark), (_LEFT, left))
    tx.execute(_NOTE_DOWN, [{"key": k, "value": msgspec.json.encode(v).decode()} for k, v in notes])


def _filled(table: sa.Table, rows: list[dict[str, Any]]) -> tuple[tuple[str, ...], list[Row]]:
    """The columns of `rows` and their values; defaults are filled in."""
    names: list[str] = []
    values: list[Iterable[Any]] = []
    for column in table.columns:
        if column.name in rows[0]:
            values.append([row[column.name] for row in rows])
        elif column.default is not None:
            values.append([getattr(column.default, "arg", None)] * len(rows))
        else:
            continue
        names.append(column.name)
    return tuple(names), list(zip(*values, strict=True))


# --- what rows have to know of one another ---------------------------------------------------


def places(tx: Tx, names: Collection[str]) -> dict[str, Place]:
    """Those of the topics `names` that are here."""
    rows = portions(tx, _TOPICS, "names", names)
    return {r.name: Place(r.seq, r.clear, State(r.state)) for r in rows}


def people(tx: Tx, uids: Collection[str]) -> dict[str, State]:
    """Those of the accounts `uids` that are here."""
    return {r.uid: State(r.state) for r in portions(tx, _USERS, "uids", uids)}


def logins(tx: Tx, names: Collection[str]) -> dict[str, str]:
    """Whose the log-in names are."""
    return {row.unique_text: row.uid for row in portions(tx, _LOGINS, "logins", names)}


def confirmed(tx: Tx, keys: Collection[str]) -> dict[str, str]:
    """Who has confirmed each of these addresses."""
    return {row.confirmed: row.uid for row in portions(tx, _CONFIRMED, "keys", keys)}


def held(tx: Tx, uids: Collection[str]) -> dict[tuple[str, str, str], bool]:
    """The addresses of accounts: user, method, value; whether it waits for its code."""
    return {
        (r.uid, r.method, r.value): r.active and r.confirmed is None
        for r in portions(tx, _HELD, "uids", uids)
    }


def subscribed(tx: Tx, names: Collection[str], uids: Collection[str]) -> set[tuple[str, str]]:
    """Which of `uids` is subscribed to which of the topics `names`, as a member or a reader."""
    both = {n for name in names for n in (name, ids.chn_of(name) if name[:3] == "grp" else name)}
    return {
        (ids.grp_of(r.topic) if r.topic[:3] == "chn" else r.topic, r.uid)
        for r in portions(tx, _LIVE_SUBS.where(_S.c.uid.in_(list(uids))), "names", both)
    }


def live_seqs(tx: Tx, topic: str, low: int, high: int) -> list[int]:
    """The messages from `low` to before `high` that are not erased, ascending."""
    return list(tx.execute(_LIVE_SEQS, {"t": topic, "l": low, "h": high}).scalars())


def linked(tx: Tx, fids: Collection[str]) -> set[str]:
    """Those of the files `fids` that something uses."""
    return {row.fid for row in portions(tx, _LINKED, "fids", fids)}


# --- the end ---------------------------------------------------------------------------------


def settle_aliases(tx: Tx, namespace: str) -> list[tuple[str, str, list[str]]]:
    """Let each alias have one holder, the oldest: alias, who keeps it, who loses it (D-62)."""
    tx.execute(sa.delete(schema.aliases))
    if not namespace:
        return []
    mine = _G.c.tag.startswith(namespace + ":", autoescape=True)
    grouped = sa.select(_G.c.tag, sa.func.min(_G.c.holder)).where(mine).group_by(_G.c.tag)
    twice = tx.execute(grouped.having(sa.func.count() > 1)).all()
    lost = [(row.tag, *_keep_oldest(tx, row.tag)) for row in twice]
    tx.execute(sa.insert(schema.aliases).from_select(["tag", "holder"], grouped))
    return lost


def _keep_oldest(tx: Tx, tag: str) -> tuple[str, list[str]]:
    holding = tx.execute(sa.select(_G.c.holder).where(_G.c.tag == tag)).scalars().all()
    age = {holder: _created_ms(tx, holder) for holder in holding}
    first, *others = sorted(age, key=lambda holder: (age[holder], holder))
    for holder in others:
        _untag(tx, holder, tag)
    return first, others


def _created_ms(tx: Tx, holder: str) -> int:
    table, key = _table_of(holder)
    return tx.execute(sa.select(table.c.created_ms).where(key == holder)).scalar() or 0


def _table_of(holder: str) -> tuple[sa.Table, "sa.Column[str]"]:
    return (_U, _U.c.uid) if holder.startswith("usr") else (_T, _T.c.name)


def _untag(tx: Tx, holder: str, tag: str) -> None:
    table, key = _table_of(holder)
    stored = tx.execute(sa.select(table.c.tags).where(key == holder)).scalar() or b"[]"
    tags = [each for each in msgspec.json.decode(stored, type=list[str]) if each != tag]
    tx.execute(sa.update(table).where(key == holder).values(tags=msgspec.json.encode(tags)))
    tx.execute(sa.delete(_G).where(_G.c.holder == holder, _G.c.tag == tag))


def prune_links(tx: Tx) -> None:
    """Forget links to files that are not here."""
    tx.execute(sa.delete(_L).where(~sa.exists().where(_F.c.fid == _L.c.fid)))


# --- comparing -------------------------------------------------------------------------------


def counts(tx: Tx) -> dict[str, int]:
    """How many rows of each kind there are, by the names of the tables here."""
    tables = (_U, _A, _C, schema.devices, _T, _S, _M, _D, _F)
    return {
        t.name: tx.execute(sa.select(sa.func.count()).select_from(t)).scalar() or 0 for t in tables
    }


def ends(tx: Tx, names: Iterable[str]) -> dict[str, tuple[int, int]]:
    """How many messages each of the topics `names` shows, and the number of the last one."""
    return {topic: (count, last) for topic, count, last in portions(tx, _ENDS, "names", names)}


def message(tx: Tx, topic: str, seq: int) -> tuple[object, ...] | None:
    """A message as it is stored: topic, seq, sender, head, content."""
    row = tx.execute(_AT, {"t": topic, "s": seq}).one_or_none()
    return None if row is None else tuple(row)
