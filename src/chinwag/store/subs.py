"""Subscriptions. Source: specification 04, paragraph 2.4."""

from collections.abc import Collection, Iterable, Mapping

import sqlalchemy as sa

from chinwag.core import ids
from chinwag.core.state import Member, State
from chinwag.store import schema
from chinwag.store.db import Tx
from chinwag.store.dialect import Row, portions, set_each

_S = schema.subs
_T = schema.topics
_U = schema.users
_KEY = (_S.c.topic == sa.bindparam("t"), _S.c.uid == sa.bindparam("u"))
_RECORD = sa.select(_S).where(*_KEY)
_INSERT = sa.insert(_S)
_REVIVE = (
    sa.update(_S)
    .where(*_KEY)
    .values(
        want=sa.bindparam("w"),
        given=sa.bindparam("g"),
        private=sa.bindparam("p"),
        created_ms=sa.bindparam("n"),
        updated_ms=sa.bindparam("n"),
        seq_read=0,
        seq_recv=0,
        clear=0,
        deleted_ms=None,
    )
)
_MODES = (
    sa.update(_S)
    .where(*_KEY, _S.c.deleted_ms.is_(None))
    .values(want=sa.bindparam("w"), given=sa.bindparam("g"), updated_ms=sa.bindparam("n"))
)
_PRIVATE = (
    sa.update(_S)
    .where(*_KEY, _S.c.deleted_ms.is_(None))
    .values(private=sa.bindparam("p"), updated_ms=sa.bindparam("n"))
)
_MARK = (
    sa.update(_S)
    .where(*_KEY)
    .values(
        seq_read=sa.case(
            (_S.c.seq_read < sa.bindparam("r"), sa.bindparam("r")), else_=_S.c.seq_read
        ),
        seq_recv=sa.case(
            (_S.c.seq_recv < sa.bindparam("v"), sa.bindparam("v")), else_=_S.c.seq_recv
        ),
    )
)
_MARK_SINCE = _MARK.where(_S.c.created_ms <= sa.bindparam("at"))
_REMOVE = (
    sa.update(_S)
    .where(*_KEY, _S.c.deleted_ms.is_(None))
    .values(deleted_ms=sa.bindparam("n"), updated_ms=sa.bindparam("n"))
)
_SET_GIVEN = sa.update(_S).where(*_KEY).values(given=sa.bindparam("g"))
_FORGET_HIDDEN = sa.delete(schema.deletions).where(
    schema.deletions.c.topic == sa.bindparam("t"), schema.deletions.c.uid == sa.bindparam("u")
)
_CONTACTS = sa.select(_S.c.topic, _S.c.want, _S.c.given).where(
    _S.c.uid == sa.bindparam("u"), _S.c.deleted_ms.is_(None)
)
_LIVE = sa.select(_S).where(_S.c.topic == sa.bindparam("t"), _S.c.deleted_ms.is_(None))
_COUNTS = (
    sa.select(_S.c.topic, sa.func.count())
    .where(_S.c.topic.in_(sa.bindparam("names", expanding=True)), _S.c.deleted_ms.is_(None))
    .group_by(_S.c.topic)
)
_HOLD = sa.select(_T.c.state).where(_T.c.name == sa.bindparam("t")).with_for_update()
_HOLD_ACCOUNTS = (
    sa.select(_U.c.uid)
    .where(_U.c.uid.in_(sa.bindparam("uids", expanding=True)), _U.c.state != State.DELETED)
    .with_for_update()
)
_OWNER = sa.update(_T).where(_T.c.name == sa.bindparam("t")).values(owner=sa.bindparam("o"))


def record(tx: Tx, topic: str, uid: str) -> tuple[Member, int | None] | None:
    """The subscription of `uid`, live or not, and when it was given up."""
    row = tx.execute(_RECORD, {"t": topic, "u": uid}).one_or_none()
    return None if row is None else (member_of(row), row.deleted_ms)


def get(tx: Tx, topic: str, uid: str) -> Member | None:
    """The live subscription of `uid`."""
    found = record(tx, topic, uid)
    return found[0] if found is not None and found[1] is None else None


def member_of(row: "sa.Row[tuple[object, ...]]") -> Member:
    """The member that a row of this table is."""
    return Member(
        uid=row.uid,
        want=row.want,
        given=row.given,
        read=row.seq_read,
        recv=row.seq_recv,
        clear=row.clear,
        private=row.private,
        created_ms=row.created_ms,
        updated_ms=row.updated_ms,
    )


def live(tx: Tx, topic: str) -> list[Member]:
    """Everybody subscribed to `topic`."""
    return [member_of(row) for row in tx.execute(_LIVE, {"t": topic})]


def counts(tx: Tx, topics: Iterable[str]) -> dict[str, int]:
    """How many are subscribed to each of `topics`; those without anybody are left out."""
    return dict(portions(tx, _COUNTS, "names", topics))


def count(tx: Tx, topic: str) -> int:
    """How many are subscribed to `topic`."""
    return counts(tx, [topic]).get(topic, 0)


def group_sizes(tx: Tx, groups: Mapping[str, bool]) -> dict[str, int]:
    """How many full members and readers each group has; the value says: it is a channel (T12)."""
    readers = {ids.chn_of(name) for name, is_channel in groups.items() if is_channel}
    found = counts(tx, [*groups, *readers])
    return {name: found.get(name, 0) + found.get(ids.chn_of(name), 0) for name in groups}


def put(tx: Tx, topic: str, member: Member, now_ms: int) -> None:
    """Store a new subscription; one given up before is revived with counters at zero.

    Its private data stay where none are supplied (D-20), and are put into `member`; empty ones mean
    that there shall be none.
    """
    found = record(tx, topic, member.uid)
    if found is None:
        tx.execute(_INSERT, row_of(topic, member, now_ms))
        return
    if member.private is None:
        member.private = found[0].private
    tx.execute(
        _REVIVE,
        {
            "t": topic,
            "u": member.uid,
            "w": member.want,
            "g": member.given,
            "p": member.private or None,
            "n": now_ms,
        },
    )


def join(tx: Tx, topic: str, member: Member, now_ms: int) -> bool | None:
    """Store a new subscription; whether it replaces that of a channel reader (T22).

    None: the account or the topic is no more, and nothing is stored.
    """
    name = ids.grp_of(topic) if topic.startswith("chn") else topic
    if not hold_accounts(tx, [member.uid]) or not _stands(tx, name):
        return None
    put(tx, topic, member, now_ms)
    return topic.startswith("grp") and remove(tx, ids.chn_of(topic), member.uid, now_ms)


def hold_accounts(tx: Tx, uids: Collection[str]) -> bool:
    """Whether all these accounts are there, and will be until this transaction ends."""
    found = tx.execute(_HOLD_ACCOUNTS, {"uids": list(uids)}).scalars().all()
    return len(found) == len(uids)


def _stands(tx: Tx, name: str) -> bool:
    """Whether a topic is there, and will be until this transaction ends."""
    if name.startswith(("usr", "fnd")):  # made of an account
        return True
    state = tx.execute(_HOLD, {"t": name}).scalar()
    return state is not None and state != State.DELETED


def row_of(topic: str, member: Member, now_ms: int) -> dict[str, object]:
    """The row that `member` becomes."""
    return {
        "topic": topic,
        "uid": member.uid,
        "want": member.want,
        "given": member.given,
        "seq_read": member.read,
        "seq_recv": member.recv,
        "clear": member.clear,
        "private": member.private or None,
        "created_ms": now_ms,
        "updated_ms": now_ms,
        "deleted_ms": None,
    }


def set_modes(tx: Tx, topic: str, uid: str, want: int, given: int, now_ms: int) -> bool:
    """Change the modes of a live subscription; whether there is one."""
    keys = {"t": topic, "u": uid, "w": want, "g": given, "n": now_ms}
    return tx.execute(_MODES, keys).rowcount > 0


def set_private(tx: Tx, topic: str, uid: str, private: bytes | None, now_ms: int) -> bool:
    """Change the private data of a live subscription; whether there is one."""
    return tx.execute(_PRIVATE, {"t": topic, "u": uid, "p": private, "n": now_ms}).rowcount > 0


def revise(tx: Tx, topic: str, member: Member, now_ms: int, *, modes: bool, private: bool) -> bool:
    """Change the modes of a live subscription, its private data, or both; whether there is one."""
    if modes and not set_modes(tx, topic, member.uid, member.want, member.given, now_ms):
        return False
    return not private or set_private(tx, topic, member.uid, member.private, now_ms)


def mark_own(tx: Tx, newest: Mapping[tuple[str, str], int]) -> None:
    """Note that senders know their own newest messages, by topic and sender.

    Nobody has read or received more: these are the newest messages of their topics.
    """
    rows: list[Row] = [(topic, uid, seq, seq) for (topic, uid), seq in newest.items()]
    set_each(tx, _S, ("topic", "uid"), ("seq_read", "seq_recv"), rows)


def mark(tx: Tx, topic: str, uid: str, read: int, recv: int) -> None:
    """Note what `uid` has read and received; numbers never go back."""
    tx.execute(_MARK, {"t": topic, "u": uid, "r": read, "v": recv})


def mark_all(tx: Tx, rows: list[tuple[str, str, int, int, int]]) -> None:
    """Note what many have read and received: topic, user, read, received, and when they said so.

    Numbers never go back; whoever joined after that has read nothing.
    """
    keys = ("t", "u", "r", "v", "at")
    tx.execute(_MARK_SINCE, [dict(zip(keys, row, strict=True)) for row in rows])


def remove(tx: Tx, topic: str, uid: str, now_ms: int, *, given: int | None = None) -> bool:
    """Give a subscription up; whether there was one. `given`: the grant to keep (T14)."""
    key: dict[str, object] = {"t": topic, "u": uid}
    if tx.execute(_REMOVE, {**key, "n": now_ms}).rowcount == 0:
        return False
    if given is not None:
        tx.execute(_SET_GIVEN, {**key, "g": given})
    if not topic.startswith("chn"):
        tx.execute(_FORGET_HIDDEN, key)
    return True


def transfer(
    tx: Tx, topic: str, new: Member, others: list[Member], now_ms: int, *, private: bool = False
) -> bool:
    """Make `new` the owner and take ownership, also offered, from `others` (T13).

    `private`: the private data of `new` have changed as well. False: `new` is no member any more.
    """
    if not revise(tx, topic, new, now_ms, modes=True, private=private):
        return False
    for member in others:
        set_modes(tx, topic, member.uid, member.want, member.given, now_ms)
    tx.execute(_OWNER, {"t": topic, "o": new.uid})
    return True


def contacts(tx: Tx, uid: str) -> list[tuple[str, int, int]]:
    """All live subscriptions of `uid`: name, want, given."""
    return [(row.topic, row.want, row.given) for row in tx.execute(_CONTACTS, {"u": uid})]
