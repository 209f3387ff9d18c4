"""Subscriptions in lists: of one user with what they lead to, of one topic with who has them.

Source: specification 04, paragraph 2.4; specification 02, paragraph 8.2.
"""

from typing import Any

import sqlalchemy as sa

from chinwag.core import ids
from chinwag.core.state import Contact, State, Subscriber
from chinwag.store import schema, subs
from chinwag.store.db import Tx
from chinwag.store.dialect import portions

_S, _T, _U = schema.subs, schema.topics, schema.users
_OF_USER = sa.select(_S).where(_S.c.uid == sa.bindparam("u"))
_TOPICS = sa.select(_T).where(_T.c.name.in_(sa.bindparam("names", expanding=True)))
_USERS = sa.select(_U).where(_U.c.uid.in_(sa.bindparam("uids", expanding=True)))
_OF_TOPIC = (
    sa.select(_S, _U.c.public, _U.c.trusted, _U.c.updated_ms.label("profile_ms"), _U.c.state)
    .join_from(_S, _U, _U.c.uid == _S.c.uid)
    .where(_S.c.topic == sa.bindparam("t"), _U.c.state != State.DELETED)
    .order_by(_S.c.created_ms, _S.c.uid)
)
_Row = Any  # a row of a joined or plain select


def of_user(tx: Tx, uid: str, *, ims_ms: int | None, name: str | None, limit: int) -> list[Contact]:
    """The subscriptions of `uid` but for `me` and `fnd`.

    Without `ims_ms`: live ones, most recently touched first. With it: those changed since, given
    up ones included, oldest change first. At most `limit` (T24, D-19).
    """
    query = _OF_USER if name is None else _OF_USER.where(_S.c.topic == name)
    rows = [r for r in tx.execute(query, {"u": uid}) if r.topic[:3] not in ("usr", "fnd")]
    if ims_ms is None:
        rows = [r for r in rows if r.deleted_ms is None]
    contacts = _joined(tx, uid, rows)
    if ims_ms is None:
        contacts.sort(key=lambda c: -c.touched_ms)
        return contacts[:limit]
    changed = [c for c in contacts if _changed_ms(c) > ims_ms]
    changed.sort(key=_changed_ms)
    return changed[:limit]


def _changed_ms(contact: Contact) -> int:
    return max(contact.updated_ms, contact.touched_ms, contact.deleted_ms or 0)


def _joined(tx: Tx, uid: str, rows: list[_Row]) -> list[Contact]:
    names = [_stored_name(row.topic) for row in rows]
    found = {t.name: t for t in portions(tx, _TOPICS, "names", names)}
    peers = {r.topic: ids.peer_of(r.topic, uid) for r in rows if r.topic.startswith("p2p")}
    users = {u.uid: u for u in portions(tx, _USERS, "uids", peers.values())}
    live = [found.get(_stored_name(row.topic)) for row in rows if row.deleted_ms is None]
    groups = {t.name: t.is_channel for t in live if t is not None and t.name.startswith("grp")}
    sizes = subs.group_sizes(tx, groups)
    contacts = []
    for row in rows:
        topic = found.get(_stored_name(row.topic))
        peer = users.get(peers.get(row.topic, ""))
        if row.deleted_ms is None and (topic is None or topic.state == State.DELETED):
            continue
        size = 0 if row.deleted_ms is not None else sizes.get(_stored_name(row.topic), 0)
        contacts.append(_contact(row, topic, peer, size))
    return contacts


def _stored_name(name: str) -> str:
    return ids.grp_of(name) if name.startswith("chn") else name


def _contact(row: _Row, topic: _Row | None, peer: _Row | None, subcnt: int) -> Contact:
    shown = topic if peer is None else peer
    changed = [row.updated_ms, *(r.updated_ms for r in (topic, peer) if r is not None)]
    return Contact(
        name=row.topic,
        want=row.want,
        given=row.given,
        read=row.seq_read,
        recv=row.seq_recv,
        clear=max(row.clear, topic.clear_hard) if topic is not None else row.clear,
        private=row.private,
        updated_ms=max(changed),
        deleted_ms=row.deleted_ms,
        touched_ms=topic.touched_ms if topic is not None else 0,
        seq=topic.seq if topic is not None else 0,
        subcnt=subcnt,
        is_channel=bool(topic is not None and topic.is_channel),
        public=None if shown is None else shown.public,
        trusted=None if shown is None else shown.trusted,
        seen_ms=None if peer is None else peer.seen_ms,
        ua="" if peer is None else peer.ua,
    )


def of_topic(
    tx: Tx, name: str, *, ims_ms: int | None, uid: str | None, limit: int
) -> list[Subscriber]:
    """Who is subscribed to `name`, with profiles; since `ims_ms` also who has left.

    `uid`: only this user. Channel readers are not among them.
    """
    query = _OF_TOPIC if uid is None else _OF_TOPIC.where(_S.c.uid == uid)
    found = []
    for row in tx.execute(query, {"t": name}):
        if row.deleted_ms is not None and (ims_ms is None or row.deleted_ms <= ims_ms):
            continue
        found.append(_subscriber(row))
        if len(found) >= limit:
            break
    return found


def _subscriber(row: _Row) -> Subscriber:
    return Subscriber(
        uid=row.uid,
        want=row.want,
        given=row.given,
        read=row.seq_read,
        recv=row.seq_recv,
        clear=row.clear,
        private=row.private,
        updated_ms=row.updated_ms,
        deleted_ms=row.deleted_ms,
        public=row.public,
        trusted=row.trusted,
        profile_ms=row.profile_ms,
    )
