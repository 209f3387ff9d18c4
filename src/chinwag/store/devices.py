"""Devices that are sent push notifications. Source: specification 04, paragraph 2.6."""

import sqlalchemy as sa

from chinwag.store import schema
from chinwag.store.db import Tx

_D = schema.devices
_DROP = sa.delete(_D).where(_D.c.device == sa.bindparam("d"))
_ADD = sa.insert(_D)


def put(tx: Tx, uid: str, device: str, *, platform: str, lang: str, now_ms: int) -> None:
    """Note that `device` belongs to `uid`, whoever had it before."""
    tx.execute(_DROP, {"d": device})
    row = {"device": device, "uid": uid, "platform": platform, "lang": lang, "seen_ms": now_ms}
    tx.execute(_ADD, row)


def remove(tx: Tx, device: str) -> bool:
    """Forget `device`; whether it was known."""
    return tx.execute(_DROP, {"d": device}).rowcount > 0
