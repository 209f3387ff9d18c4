"""Accounts. Source: specification 04, paragraph 2.1."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from chinwag.core import ids, modes
from chinwag.core.state import AuthRecord, Level, Member, State, User
from chinwag.store import auth as auth_records
from chinwag.store import bots, codes, creds, files, holders, schema, subs, topics
from chinwag.store.db import Tx
from chinwag.store.dialect import portions
from chinwag.store.quick import Quick
from chinwag.store.types import uid_of

_U, _A, _S, _T = schema.users, schema.auth, schema.subs, schema.topics
_INSERT = sa.insert(_U)
_COLUMNS = [_U.c[each.name] for each in fields(User)]  # as _user takes them
_BY_UID = sa.select(*_COLUMNS).where(_U.c.uid == sa.bindparam("u"), _U.c.state != State.DELETED)
_GET = Quick(_BY_UID)
_HOLD = _BY_UID.with_for_update()
_MANY = sa.select(*_COLUMNS).where(
    _U.c.uid.in_(sa.bindparam("uids", expanding=True)), _U.c.state != State.DELETED
)
_SET_TAGS = (
    sa.update(_U)
    .where(_U.c.uid == sa.bindparam("u"), _U.c.state != State.DELETED)
    .values(tags=sa.bindparam("t"), updated_ms=sa.bindparam("n"))
)
_SEEN = (
    sa.update(_U)
    .where(_U.c.uid == sa.bindparam("u"))
    .values(seen_ms=sa.bindparam("n"), ua=sa.bindparam("a"))
)
_SET_STATE = (
    sa.update(_U)
    .where(_U.c.uid == sa.bindparam("u"))
    .values(state=sa.bindparam("s"), updated_ms=sa.bindparam("n"))
)
_CHANGE_STATE = _SET_STATE.where(_U.c.state != State.DELETED)
_TOKENS = sa.select(_U.c.state, _U.c.tokens_void_s, _U.c.tokens_kept_s).where(
    _U.c.uid == sa.bindparam("u")
)
_C = schema.creds
_UNCONFIRMED = (
    sa.select(_U.c.uid)
    .where(
        _U.c.state == int(State.OK),
        _U.c.seen_ms.is_(None),
        _U.c.updated_ms < sa.bindparam("n"),
        sa.exists().where(
            _C.c.uid == _U.c.uid, _C.c.method.in_(sa.bindparam("methods", expanding=True))
        ),
        ~sa.exists().where(_C.c.uid == _U.c.uid, _C.c.confirmed.is_not(None)),
    )
    .order_by(_U.c.updated_ms)
    .limit(sa.bindparam("l"))
)
_ERASED = (
    sa.select(_U.c.uid)
    .where(_U.c.state == int(State.DELETED), _U.c.updated_ms < sa.bindparam("n"))
    .order_by(_U.c.updated_ms)
    .limit(sa.bindparam("l"))
)
_OWNED = sa.select(_T.c.name).where(_T.c.owner == sa.bindparam("u"), _T.c.state != State.DELETED)
_TOPICS_OF = sa.select(_S.c.topic).where(_S.c.uid == sa.bindparam("u"))
_END_TOPIC = (
    sa.update(_T)
    .where(_T.c.name == sa.bindparam("t"), _T.c.state != State.DELETED)
    .values(
        state=int(State.DELETED),
        updated_ms=sa.bindparam("n"),
        touched_ms=sa.bindparam("n"),
        call_seq=0,  # nobody is left to hear how it ended
    )
)
_TOPIC_STATE = (
    sa.update(_T)
    .where(_T.c.name == sa.bindparam("t"), _T.c.state != State.DELETED)
    .values(state=sa.bindparam("s"))
)
_PAGE = (
    sa.select(_U.c.uid, _U.c.state, _U.c.created_ms, _U.c.seen_ms, _A.c.unique_text, _A.c.level)
    .join_from(_U, _A, (_A.c.uid == _U.c.uid) & (_A.c.scheme == sa.bindparam("s")), isouter=True)
    .where(_U.c.state != State.DELETED)
    .order_by(_U.c.created_ms, _U.c.uid)
)


class Listed(NamedTuple):
    """One line of the list of accounts."""

    uid: str
    state: State
    created_ms: int
    seen_ms: int | None
    login: str | None
    level: Level | None


@dataclass(slots=True)
class Erased:
    """Who is concerned by the end of an account."""

    groups: dict[str, list[tuple[str, bool]]] = field(default_factory=dict)  # owned: subscribers
    peers: list[str] = field(default_factory=list)
    member_of: list[str] = field(default_factory=list)
    reader_of: list[str] = field(default_factory=list)  # channels, by the names of their groups


def create(  # noqa: PLR0913 - an account has many parts
    tx: Tx,
    user: User,
    *,
    private: bytes | None,
    auth: AuthRecord | None,
    now_ms: int,
    alias_ns: str = "",
    pictures: tuple[str, ...] = (),
) -> None:
    """Store a new account with its `me`, `fnd`, tags and password. Raises Duplicate."""
    tx.execute(_INSERT, {**_row(user), "updated_ms": now_ms})
    holders.set_tags(tx, user.uid, user.tags, alias_ns)
    own = Member(user.uid, modes.MEFND, modes.MEFND, private=private)
    subs.put(tx, user.uid, own, now_ms)
    subs.put(tx, ids.fnd_name(user.uid), Member(user.uid, modes.MEFND, modes.MEFND), now_ms)
    if auth is not None:
        auth_records.add(tx, auth)
    files.link_picture(tx, user.uid, pictures, {user.uid})


def _row(user: User) -> dict[str, object]:
    return {
        "uid": user.uid,
        "created_ms": user.created_ms,
        "state": int(user.state),
        "auth": user.auth,
        "anon": user.anon,
        "public": user.public,
        "trusted": user.trusted,
        "tags": msgspec.json.encode(user.tags),
        "seen_ms": user.seen_ms,
        "ua": user.ua,
        "tokens_void_s": user.tokens_void_s,
        "tokens_kept_s": user.tokens_kept_s,
        "secret_changed_s": user.secret_changed_s,
    }


def get(tx: Tx, uid: str) -> User | None:
    """The account `uid`; None: there is none, or no more."""
    found = _GET.rows(tx, {"u": uid})
    return _user(uid_of(found[0][0]), *found[0][1:]) if found else None


def many(tx: Tx, uids: list[str]) -> dict[str, User]:
    """Those of the accounts `uids` that exist."""
    return {row.uid: _user(*row) for row in portions(tx, _MANY, "uids", uids)}


def _user(*row: Any) -> User:
    user = User(*row)
    stored: Any = user.tags
    user.state, user.tags = State(user.state), msgspec.json.decode(stored, type=list[str])
    return user


def update(tx: Tx, uid: str, changes: Mapping[str, object]) -> None:
    """Set some of public, trusted, auth, anon, updated_ms, tokens_*, secret_*."""
    tx.execute(sa.update(_U).where(_U.c.uid == uid).values(**changes))


def end_tokens(tx: Tx, uid: str, marks: Mapping[str, int]) -> None:
    """End all tokens of `uid` but the one that `marks` keep, if it is still good.

    `marks`: Unix seconds `tokens_void_s`, `tokens_kept_s`, `secret_changed_s`, made of an account
    that others may have changed since: what was ended meanwhile stays so, and what was issued
    meanwhile ends.
    """
    before = tx.execute(_TOKENS, {"u": uid}).one_or_none()
    if before is None:
        return
    marks, kept = dict(marks), marks.get("tokens_kept_s", 0)
    if before.state != State.OK or before.tokens_kept_s != kept <= before.tokens_void_s:
        marks["tokens_kept_s"] = 0
    if "tokens_void_s" in marks:
        marks["tokens_void_s"] = max(marks["tokens_void_s"], before.tokens_void_s + 1)
    update(tx, uid, marks)


def set_tags(tx: Tx, uid: str, tags: list[str], now_ms: int, alias_ns: str = "") -> bool:
    """Replace the tags of `uid`; False: he is no more. Raises Duplicate: an alias is taken."""
    keys = {"u": uid, "t": msgspec.json.encode(tags), "n": now_ms}
    if not tx.execute(_SET_TAGS, keys).rowcount:
        return False
    holders.set_tags(tx, uid, tags, alias_ns)
    return True


def seen(tx: Tx, uid: str, at_ms: int, ua: str) -> None:
    """Note when and with what `uid` was last seen; this is no change of the profile."""
    tx.execute(_SEEN, {"u": uid, "n": at_ms, "a": ua})


def set_state(
    tx: Tx, uid: str, state: State, now_ms: int, marks: Mapping[str, int] | None = None
) -> list[str] | None:
    """Suspend or restore an account with its groups and conversations; their names.

    None: it has been deleted, and stays so.

    `marks`: which tokens end with it, as in `end_tokens`.
    Source: specification 04, paragraph 2.1, DEFECT D-09: `sys` is not touched.
    """
    if tx.execute(_CHANGE_STATE, {"u": uid, "s": int(state), "n": now_ms}).rowcount == 0:
        return None
    if marks:
        end_tokens(tx, uid, marks)
    names = set(tx.execute(_OWNED, {"u": uid}).scalars())
    names |= {n for n in tx.execute(_TOPICS_OF, {"u": uid}).scalars() if n.startswith("p2p")}
    for name in names:
        tx.execute(_TOPIC_STATE, {"t": name, "s": int(state)})
    return sorted(names)


def delete(tx: Tx, uid: str, *, hard: bool, now_ms: int) -> Erased:
    """End an account in one transaction: softly, or for good (T28).

    Source: specification 04, paragraph 2.1.
    """
    tx.execute(_HOLD, {"u": uid})  # whatever is changing the account is done, or will find it gone
    erased = concerned(tx, uid)
    for name in tx.execute(_OWNED, {"u": uid}).scalars().all():
        topics.delete(tx, name, hard=hard or name.startswith("slf"), now_ms=now_ms)
    for name in tx.execute(_TOPICS_OF, {"u": uid}).scalars().all():
        _leave(tx, uid, name, now_ms)
    auth_records.remove_all(tx, uid)
    bots.remove_all(tx, uid)
    creds.remove_all(tx, uid)
    codes.remove_all(tx, uid)
    holders.drop(tx, uid)
    if hard:
        files.unlink(tx, uid)
        tx.execute(sa.delete(schema.devices).where(schema.devices.c.uid == uid))
        tx.execute(sa.delete(_S).where(_S.c.uid == uid))
        tx.execute(sa.delete(schema.deletions).where(schema.deletions.c.uid == uid))
        tx.execute(sa.delete(_U).where(_U.c.uid == uid))
    else:
        tx.execute(_SET_STATE, {"u": uid, "s": int(State.DELETED), "n": now_ms})
    return erased


def _leave(tx: Tx, uid: str, name: str, now_ms: int) -> None:
    if name.startswith("p2p"):
        tx.execute(_END_TOPIC, {"t": name, "n": now_ms})
        subs.remove(tx, name, ids.peer_of(name, uid), now_ms)
    subs.remove(tx, name, uid, now_ms)


def concerned(tx: Tx, uid: str) -> Erased:
    """Who is concerned by what becomes of an account."""
    found = Erased()
    for name in tx.execute(_OWNED, {"u": uid}).scalars().all():
        if not name.startswith("slf"):
            found.groups[name] = topics.subscribers(tx, name)
    names = tx.execute(_TOPICS_OF, {"u": uid}).scalars().all()
    found.peers = [ids.peer_of(name, uid) for name in names if name.startswith("p2p")]
    found.reader_of = [ids.grp_of(name) for name in names if name.startswith("chn")]
    found.member_of = [n for n in names if n.startswith("grp") and n not in found.groups]
    return found


def settled(tx: Tx, uid: str) -> User | None:
    """The account `uid`; None: it is no more.

    Waits for a transaction that is still changing it, such as one whose answer was lost.
    """
    row = tx.execute(_HOLD, {"u": uid}).one_or_none()
    return None if row is None else _user(*row)


def unconfirmed(tx: Tx, before_ms: int, methods: list[str], limit: int) -> list[str]:
    """Accounts that should have confirmed an address of one of `methods` long ago, and never did.

    Those that need none, or were made by an administrator, have no address that waits (D-95).
    """
    keys = {"n": before_ms, "methods": methods, "l": limit}
    return list(tx.execute(_UNCONFIRMED, keys).scalars())


def erased(tx: Tx, before_ms: int, limit: int) -> list[str]:
    """Accounts that were deleted softly before `before_ms`."""
    return list(tx.execute(_ERASED, {"n": before_ms, "l": limit}).scalars())


def page(tx: Tx, limit: int = 1000, offset: int = 0, *, scheme: str = "basic") -> list[Listed]:
    """Accounts in the order of their making, with what they are called in `scheme`."""
    rows = tx.execute(_PAGE.limit(limit).offset(offset), {"s": scheme})
    return [
        Listed(
            row.uid,
            State(row.state),
            row.created_ms,
            row.seen_ms,
            row.unique_text,
            None if row.level is None else Level(row.level),
        )
        for row in rows
    ]
