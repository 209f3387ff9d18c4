"""Devices that are sent push notifications. Source: specification 04, paragraph 2.6."""

from collections.abc import Iterable, Sequence
from typing import Final

import sqlalchemy as sa

from chinwag.core import modes
from chinwag.core.notify import Device
from chinwag.core.state import State
from chinwag.store import schema
from chinwag.store.db import Tx
from chinwag.store.dialect import portions

DEVICES_MAX: Final = 32  # of one person

_D, _U, _S = schema.devices, schema.users, schema.subs
_DROP = sa.delete(_D).where(_D.c.device == sa.bindparam("d"))
_DROP_OWN = _DROP.where(_D.c.uid == sa.bindparam("u"))
_ADD = sa.insert(_D)
_OWN = sa.select(_D.c.device).where(_D.c.uid == sa.bindparam("u")).order_by(_D.c.seen_ms.desc())
_OF = (
    sa.select(_D, _U.c.state)
    .join_from(_D, _U, _U.c.uid == _D.c.uid)
    .where(_D.c.uid.in_(sa.bindparam("uids", expanding=True)))
)
_HOLDERS = sa.select(_D.c.uid).distinct()
_READERS = (
    sa.select(_S.c.uid)
    .where(
        _S.c.topic == sa.bindparam("t"),
        _S.c.deleted_ms.is_(None),
        _S.c.want.bitwise_and(_S.c.given).bitwise_and(modes.P | modes.R) == modes.P | modes.R,
        sa.exists().where(_D.c.uid == _S.c.uid),
    )
    .order_by(_S.c.uid)
    .limit(sa.bindparam("l"))
)
_MORE_READERS = _READERS.where(_S.c.uid > sa.bindparam("after"))


def put(tx: Tx, uid: str, device: str, *, platform: str, lang: str, now_ms: int) -> None:
    """Note that `device` belongs to `uid`, whoever had it before; DEVICES_MAX are remembered."""
    tx.execute(_DROP, {"d": device})
    row = {"device": device, "uid": uid, "platform": platform, "lang": lang, "seen_ms": now_ms}
    tx.execute(_ADD, row)
    for oldest in tx.execute(_OWN, {"u": uid}).scalars().all()[DEVICES_MAX:]:
        tx.execute(_DROP, {"d": oldest})


def remove(tx: Tx, device: str) -> bool:
    """Forget `device`; whether it was known."""
    return tx.execute(_DROP, {"d": device}).rowcount > 0


def forget(tx: Tx, dead: Sequence[tuple[str, str]]) -> None:
    """Forget devices, each unless somebody else than its user has it by now."""
    for device, uid in sorted(dead):
        tx.execute(_DROP_OWN, {"d": device, "u": uid})


def of(tx: Tx, uids: Iterable[str]) -> dict[str, list[Device]]:
    """The devices of those of `uids` who have any; none of suspended and deleted accounts."""
    found: dict[str, list[Device]] = {}
    for row in portions(tx, _OF, "uids", uids):
        theirs = found.setdefault(row.uid, [])
        if row.state == State.OK:
            theirs.append(Device(row.device, row.uid, row.platform, row.lang, row.seen_ms))
    return found


def holders(tx: Tx) -> set[str]:
    """Everybody who has a device."""
    return set(tx.execute(_HOLDERS).scalars())


def readers(tx: Tx, channel: str, after: str, limit: int) -> list[str]:
    """Readers of the channel `chn…` who have not muted it and have devices, `limit` at a time.

    `after`: the last one of the portion before; empty: none.
    """
    keys = {"t": channel, "l": limit}
    if after:
        return list(tx.execute(_MORE_READERS, {**keys, "after": after}).scalars())
    return list(tx.execute(_READERS, keys).scalars())
