"""One-off codes for a new password. Source: specification 04, paragraph 4.4, DEFECT D-32."""

import hmac
from typing import Final, NamedTuple

import sqlalchemy as sa

from chinwag.core.codes import DAY_MS, RETRY_S
from chinwag.store import schema
from chinwag.store.db import Tx

FAILURES_MAX: Final = 30  # a day, whatever the number of codes: 30 chances in a million

_K = schema.codes
_ONE = _K.c.subject == sa.bindparam("s")
_FIND = sa.select(_K).where(_ONE)
_DROP = sa.delete(_K).where(_ONE)
_COUNT = (
    sa.update(_K)
    .where(_ONE, _K.c.until_ms > sa.bindparam("n"), _K.c.tries < sa.bindparam("x"))
    .values(tries=_K.c.tries + 1, failures=_K.c.failures + 1)
)
_TAKE_BACK = sa.update(_K).where(_ONE).values(tries=_K.c.tries - 1, failures=_K.c.failures - 1)
_OLD = sa.delete(_K).where(_K.c.until_ms < sa.bindparam("n"), _K.c.since_ms < sa.bindparam("d"))


class Code(NamedTuple):
    """Whom a code was made for, and when it ends."""

    uid: str
    until_ms: int


def issue(tx: Tx, uid: str, subject: str, code: bytes, *, now_ms: int, life_s: int) -> bool:
    """Let `code` be the one for `subject`. False: not so soon, or not any more today.

    Failures count on from code to code, so that asking again gives no endless chances.
    """
    row = tx.execute(_FIND, {"s": subject}).one_or_none()
    failures, since_ms = 0, now_ms
    if row is not None:
        if now_ms - row.since_ms < DAY_MS:
            failures, since_ms = row.failures, row.since_ms
        if now_ms - row.issued_ms < RETRY_S * 1000 or failures >= FAILURES_MAX:
            return False
    tx.execute(_DROP, {"s": subject})
    fresh = {"subject": subject, "uid": uid, "code": code, "issued_ms": now_ms}
    until_ms = now_ms + life_s * 1000
    tx.execute(
        sa.insert(_K),
        {**fresh, "until_ms": until_ms, "tries": 0, "failures": failures, "since_ms": since_ms},
    )
    return True


def check(tx: Tx, subject: str, code: bytes, *, now_ms: int, tries_max: int) -> Code | None:
    """Whose code this is; None: nobody's, not any more, or tried too often.

    It is counted before it is looked at, so that parallel guesses get no more chances.
    """
    counted = tx.execute(_COUNT, {"s": subject, "n": now_ms, "x": tries_max}).rowcount
    row = tx.execute(_FIND, {"s": subject}).one_or_none()
    if not counted or row is None or not hmac.compare_digest(row.code, code):
        return None
    tx.execute(_TAKE_BACK, {"s": subject})
    return Code(row.uid, row.until_ms)


def spend(tx: Tx, subject: str) -> None:
    """The code has done its work."""
    tx.execute(_DROP, {"s": subject})


def remove_old(tx: Tx, now_ms: int) -> int:
    """Forget codes that are over and whose failures are forgiven; how many they were."""
    return tx.execute(_OLD, {"n": now_ms, "d": now_ms - DAY_MS}).rowcount


def remove_all(tx: Tx, uid: str) -> None:
    """Forget all codes made for `uid`."""
    tx.execute(sa.delete(_K).where(_K.c.uid == uid))
