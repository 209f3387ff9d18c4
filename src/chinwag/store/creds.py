"""Credentials: addresses people have confirmed or are about to. Source: specification 04, 2.3."""

import hmac
from typing import NamedTuple

import sqlalchemy as sa

from chinwag.core import creds as rules
from chinwag.core.codes import DAY_MS
from chinwag.core.creds import Cred, Verdict
from chinwag.store import holders, schema
from chinwag.store.db import Duplicate, Tx

_C = schema.creds
_OF = (_C.c.uid == sa.bindparam("u"), _C.c.method == sa.bindparam("m"))
_ONE = (*_OF, _C.c.value == sa.bindparam("v"))
_WAITING = (*_OF, _C.c.confirmed.is_(None))
_OWNER = sa.select(_C.c.uid).where(_C.c.confirmed == sa.bindparam("k"))
_FIND = sa.select(_C).where(*_ONE)
_SUPERSEDE = sa.update(_C).where(*_WAITING).values(active=False)
_ACTIVE = sa.select(_C).where(*_WAITING, _C.c.active)
_COUNT = (
    sa.update(_C)
    .where(*_WAITING, _C.c.active, _C.c.failures < sa.bindparam("x"))
    .values(failures=_C.c.failures + 1, failed_ms=sa.bindparam("n"))
)
_COUNT_EARLIER = (
    sa.update(_C)
    .where(*_WAITING, ~_C.c.active)
    .values(failures=_C.c.failures + 1, failed_ms=sa.bindparam("n"))
)
_CONFIRM = (
    sa.update(_C)
    .where(*_ONE)
    .values(
        confirmed=sa.bindparam("k"),
        active=True,
        code=None,
        code_until_ms=None,
        failures=0,
        updated_ms=sa.bindparam("n"),
    )
)
_LIST = (
    sa.select(_C.c.method, _C.c.value, _C.c.confirmed)
    .where(_C.c.uid == sa.bindparam("u"), _C.c.active)
    .order_by(_C.c.method, _C.c.created_ms, _C.c.value)
)
_REMOVE = sa.delete(_C).where(*_ONE, sa.or_(_C.c.confirmed.is_not(None), _C.c.failures == 0))
_DEACTIVATE = sa.update(_C).where(*_ONE, _C.c.active).values(active=False)
_REMOVE_ALL = sa.delete(_C).where(_C.c.uid == sa.bindparam("u"))


class Pending(NamedTuple):
    """An address that is about to be confirmed."""

    uid: str
    method: str
    value: str
    code: bytes  # digest
    until_ms: int


class Answer(NamedTuple):
    """What somebody says the code is."""

    uid: str
    method: str
    code: bytes | None  # digest; None: right whatever the code is
    failures_max: int


class Confirmed(NamedTuple):
    """What became of an answer, and the tags of the account if it has others now."""

    verdict: Verdict
    tags: list[str] | None = None


class Taken(Duplicate):
    """Somebody has confirmed that address."""


def owner(tx: Tx, method: str, value: str) -> str | None:
    """Who has confirmed the address."""
    found: str | None = tx.execute(_OWNER, {"k": rules.tag(method, value)}).scalar()
    return found


def request(tx: Tx, pending: Pending, now_ms: int) -> None:
    """Let `pending` be the one address of its method that waits for its code. Raises Taken.

    Failures count on, so that asking again gives no new chances, until a day has passed.
    """
    if owner(tx, pending.method, pending.value) is not None:
        raise Taken(pending.method)
    of = {"u": pending.uid, "m": pending.method}
    tx.execute(_SUPERSEDE, of)
    fresh = {
        "active": True,
        "code": pending.code,
        "code_until_ms": pending.until_ms,
        "updated_ms": now_ms,
    }
    row = tx.execute(_FIND, {**of, "v": pending.value}).one_or_none()
    if row is None:
        key = {"uid": pending.uid, "method": pending.method, "value": pending.value}
        tx.execute(sa.insert(_C), {**key, **fresh, "created_ms": now_ms})
        return
    if now_ms - row.failed_ms > DAY_MS:
        fresh["failures"] = 0
    tx.execute(sa.update(_C).where(*_ONE), {**of, "v": pending.value, **fresh})


def waiting(tx: Tx, uid: str, method: str) -> str | None:
    """The address that waits for its code."""
    row = tx.execute(_ACTIVE, {"u": uid, "m": method}).one_or_none()
    return None if row is None else row.value


def answer(tx: Tx, said: Answer, now_ms: int, *, tagged: bool, alias_ns: str = "") -> Confirmed:
    """Confirm the address that waits if the code is right, and else count a failure.

    It is counted before it is looked at: no number of parallel guesses gets more chances (D-50).
    """
    of = {"u": said.uid, "m": said.method}
    row = tx.execute(_ACTIVE, of).one_or_none()
    if row is None:
        return Confirmed(Verdict.MISSING)
    counted = tx.execute(_COUNT, {**of, "x": said.failures_max, "n": now_ms}).rowcount
    if not counted:
        return Confirmed(Verdict.LOCKED)
    good = row.code_until_ms > now_ms and hmac.compare_digest(row.code, said.code or row.code)
    if not good:
        tx.execute(_COUNT_EARLIER, {**of, "n": now_ms})
        return Confirmed(Verdict.WRONG)
    if owner(tx, said.method, row.value) is not None:
        return Confirmed(Verdict.TAKEN)
    key = rules.tag(said.method, row.value)
    tx.execute(_CONFIRM, {**of, "v": row.value, "k": key, "n": now_ms})
    tags = holders.retag(tx, said.uid, add={key}, alias_ns=alias_ns) if tagged else None
    return Confirmed(Verdict.RIGHT, tags)


def of_user(tx: Tx, uid: str) -> list[Cred]:
    """The credentials of `uid`, without superseded ones."""
    rows = tx.execute(_LIST, {"u": uid})
    return [Cred(row.method, row.value, row.confirmed is not None) for row in rows]


def lacking(tx: Tx, uid: str, required: list[str]) -> list[str]:
    """Those of the methods `required` that `uid` has confirmed no address of."""
    done = {cred.method for cred in of_user(tx, uid) if cred.done}
    return [method for method in required if method not in done]


def remove(
    tx: Tx, uid: str, method: str, value: str, *, alias_ns: str = ""
) -> tuple[bool, list[str] | None]:
    """Forget an address: whether there was one, and the tags of the account if they changed.

    One with failures stays, superseded, so that deleting it gives no new chances (D-06).
    """
    one = {"u": uid, "m": method, "v": value}
    row = tx.execute(_FIND, one).one_or_none()
    if row is None or not row.active:
        return False, None
    if not tx.execute(_REMOVE, one).rowcount:
        tx.execute(_DEACTIVATE, one)
    tag = rules.tag(method, value)
    if row.confirmed is None or tag not in (holders.tags_of(tx, uid) or ()):
        return True, None
    return True, holders.retag(tx, uid, drop={tag}, alias_ns=alias_ns)


def remove_all(tx: Tx, uid: str) -> None:
    """Forget all credentials of `uid`."""
    tx.execute(_REMOVE_ALL, {"u": uid})
