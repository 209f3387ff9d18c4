"""All that is kept of one person, as it is read for them."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from chinwag.core import ids, modes
from chinwag.core.state import Message, State
from chinwag.store import messages, schema
from chinwag.store.db import Tx

Row = sa.Row[tuple[Any, ...]]

_A, _C, _D, _F, _M = schema.auth, schema.creds, schema.devices, schema.files, schema.messages
_S, _T, _U = schema.subs, schema.topics, schema.users
_BY_LOGIN = sa.select(_A.c.uid).where(_A.c.unique_text == sa.bindparam("n")).distinct()
_BY_ADDRESS = sa.select(_C.c.uid).where(_C.c.confirmed == sa.bindparam("n"))
_BY_ID = sa.select(_U.c.uid).where(_U.c.uid == sa.bindparam("u"))
_PROFILE = sa.select(_U).where(_U.c.uid == sa.bindparam("u"))
_LOG_INS = sa.select(_A.c.scheme, _A.c.unique_text, _A.c.level, _A.c.expires_ms).where(
    _A.c.uid == sa.bindparam("u")
)
_ADDRESSES = (
    sa.select(_C.c.method, _C.c.value, _C.c.confirmed, _C.c.created_ms, _C.c.updated_ms)
    .where(_C.c.uid == sa.bindparam("u"))
    .order_by(_C.c.created_ms)
)
_DEVICES = sa.select(_D).where(_D.c.uid == sa.bindparam("u")).order_by(_D.c.device)
_SUBS = sa.select(_S).where(_S.c.uid == sa.bindparam("u")).order_by(_S.c.topic)
_TOPIC = sa.select(_T).where(_T.c.name == sa.bindparam("t"))
_OWN = (
    sa.select(_M.c.topic, _M.c.seq, _M.c.sender, _M.c.ts_ms, _M.c.head, _M.c.content)
    .where(_M.c.sender == sa.bindparam("u"), _M.c.erased == 0)
    .order_by(_M.c.topic, _M.c.seq)
)
_UPLOADS = (
    sa.select(_F).where(_F.c.uid == sa.bindparam("u"), _F.c.finished).order_by(_F.c.created_ms)
)
_PORTION: Final = {"yield_per": 1000}


class Place(NamedTuple):
    """A subscription with the topic it leads to; None: that is not there (any more)."""

    sub: Row
    topic: Row | None

    @property
    def is_reader(self) -> bool:
        """Whether it is that of a reader of a channel, who is not told who wrote what."""
        return bool(self.sub.topic.startswith("chn"))

    @property
    def readable(self) -> bool:
        """Whether the messages there can be read now."""
        live = self.sub.deleted_ms is None and self.topic is not None
        eff = self.sub.want & self.sub.given
        return live and self.topic.state != State.DELETED and bool(eff & modes.R)  # type: ignore[union-attr]


class Said(NamedTuple):
    """A message and where it stands."""

    topic: str
    is_reader: bool
    message: Message


def find(tx: Tx, who: str) -> str | None:
    """The user with this id, log-in name or confirmed address (`email:…`); None: not one alone."""
    keys = {"u": ids.canonical_uid(who) or "", "n": who.lower()}
    for query in (_BY_ID, _BY_LOGIN, _BY_ADDRESS):
        found = list(tx.execute(query, keys).scalars()) if keys["u"] or query is not _BY_ID else []
        if found:
            return found[0] if len(found) == 1 else None
    return None


def profile(tx: Tx, uid: str) -> Row:
    """The account."""
    return tx.execute(_PROFILE, {"u": uid}).one()


def log_ins(tx: Tx, uid: str) -> list[Row]:
    """How they log in, without the secrets."""
    return list(tx.execute(_LOG_INS, {"u": uid}))


def addresses(tx: Tx, uid: str) -> list[Row]:
    """Their addresses, confirmed or not, without the codes."""
    return list(tx.execute(_ADDRESSES, {"u": uid}))


def devices(tx: Tx, uid: str) -> list[Row]:
    """Where notices are sent to."""
    return list(tx.execute(_DEVICES, {"u": uid}))


def places(tx: Tx, uid: str) -> list[Place]:
    """All subscriptions, those too that were given up."""
    return [
        Place(sub, tx.execute(_TOPIC, {"t": _stored_name(sub.topic)}).one_or_none())
        for sub in tx.execute(_SUBS, {"u": uid}).all()
    ]


def _stored_name(name: str) -> str:
    return ids.grp_of(name) if name.startswith("chn") else name


def said(tx: Tx, uid: str, found: list[Place]) -> Iterator[Said]:
    """The messages `uid` can read in the places `found`, and their own ones elsewhere, in order."""
    readable = {_stored_name(p.sub.topic): p for p in found if p.readable}
    for name, place in readable.items():
        assert place.topic is not None
        for low in range(1, place.topic.seq + 1, messages.PAGE_MAX):
            high = low + messages.PAGE_MAX
            for message in reversed(messages.page(tx, name, uid, since=low, before=high)):
                yield Said(name, place.is_reader, message)
    for row in tx.execute(_OWN, {"u": uid}, execution_options=_PORTION):
        if row.topic not in readable:
            yield Said(row.topic, False, Message(*row[1:]))


def uploads(tx: Tx, uid: str) -> list[Row]:
    """The records of the files they have uploaded."""
    return list(tx.execute(_UPLOADS, {"u": uid}))
