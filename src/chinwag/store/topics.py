"""Topics. Source: specification 04, paragraph 2.4; specification 02, paragraph 4.2."""

import msgspec
import sqlalchemy as sa

from chinwag.core import ids
from chinwag.core.state import Member, State, TopicState
from chinwag.store import files, holders, messages, schema, subs
from chinwag.store.db import Tx
from chinwag.store.dialect import portions

_T, _S, _U = schema.topics, schema.subs, schema.users
_BY_NAME = sa.select(_T).where(_T.c.name == sa.bindparam("t"))
_INSERT = sa.insert(_T)
_REPLACE = sa.delete(_T).where(_T.c.name == sa.bindparam("t"), _T.c.state == State.DELETED)
_IN_CALL = sa.select(_T.c.name).where(_T.c.call_seq > 0)
_EVERY_SUB = sa.select(_S).where(_S.c.topic == sa.bindparam("t"))
_LIVE_SUBS = _EVERY_SUB.where(_S.c.deleted_ms.is_(None))
_STATES = sa.select(_U.c.uid, _U.c.state).where(_U.c.uid.in_(sa.bindparam("uids", expanding=True)))
_SET_TAGS = (
    sa.update(_T)
    .where(_T.c.name == sa.bindparam("t"), _T.c.state != State.DELETED)
    .values(tags=sa.bindparam("g"), updated_ms=sa.bindparam("n"), touched_ms=sa.bindparam("n"))
)
_HOLD = sa.select(_T.c.name).where(_T.c.name == sa.bindparam("t")).with_for_update()
_MARK_DELETED = (
    sa.update(_T)
    .where(_T.c.name == sa.bindparam("t"))
    .values(state=int(State.DELETED), updated_ms=sa.bindparam("n"), touched_ms=sa.bindparam("n"))
)
_ERASED = (
    sa.select(_T.c.name)
    .where(_T.c.state == int(State.DELETED), _T.c.touched_ms < sa.bindparam("n"))
    .order_by(_T.c.touched_ms)
    .limit(sa.bindparam("l"))
)
_DROP_SUBS = (
    sa.update(_S)
    .where(_S.c.topic == sa.bindparam("t"), _S.c.deleted_ms.is_(None))
    .values(deleted_ms=sa.bindparam("n"), updated_ms=sa.bindparam("n"))
)


def describe(tx: Tx, name: str) -> TopicState | None:
    """The topic without its members; None: there is none, or no more (T15)."""
    row = tx.execute(_BY_NAME, {"t": name}).one_or_none()
    if row is None or row.state == State.DELETED:
        return None
    return TopicState(
        name=row.name,
        created_ms=row.created_ms,
        updated_ms=row.updated_ms,
        touched_ms=row.touched_ms,
        seq=row.seq,
        clear=row.clear,
        clear_hard=row.clear_hard,
        call=row.call_seq,
        owner=row.owner,
        auth=row.auth,
        anon=row.anon,
        is_channel=row.is_channel,
        read_only=row.state == State.SUSPENDED,
        state=State(row.state),
        public=row.public,
        trusted=row.trusted,
        aux=row.aux,
        tags=msgspec.json.decode(row.tags, type=list[str]),
        readers_count=subs.count(tx, ids.chn_of(name)) if row.is_channel else 0,
    )


def load(tx: Tx, name: str) -> TopicState | None:
    """The topic with its members; a departed party of a conversation stays, as gone."""
    state = describe(tx, name)
    if state is None:
        return None
    is_pair = name.startswith("p2p")
    for row in tx.execute(_EVERY_SUB if is_pair else _LIVE_SUBS, {"t": name}):
        state.members[row.uid] = _member(row)
    if not state.read_only:
        state.read_only = _suspended(tx, state, is_pair=is_pair)
    return state


def _member(row: "sa.Row[tuple[object, ...]]") -> Member:
    member = subs.member_of(row)
    if row.deleted_ms is not None:
        member.gone = True
        member.read = member.recv = member.clear = 0
    return member


def _suspended(tx: Tx, state: TopicState, *, is_pair: bool) -> bool:
    """Whether the owner, or a party of a conversation, may not be heard (T16)."""
    uids = list(state.members) if is_pair else [state.owner] if state.owner else []
    return any(r.state == State.SUSPENDED for r in portions(tx, _STATES, "uids", uids))


def create(tx: Tx, state: TopicState, pictures: tuple[str, ...] = (), alias_ns: str = "") -> None:
    """Store a new topic with its members and tags. Raises Duplicate.

    Members who were there before an earlier deletion are revived.
    """
    if tx.execute(_REPLACE, {"t": state.name}).rowcount:
        _erase_content(tx, state.name)  # else its old numbers would be in the way of new ones
    tx.execute(_INSERT, _row(state))
    for member in state.members.values():
        subs.put(tx, state.name, member, state.created_ms)
    if state.name.startswith("grp"):
        holders.set_tags(tx, state.name, state.tags, alias_ns)
    files.link_picture(tx, state.name, pictures, {state.owner or ""})


def _row(state: TopicState) -> dict[str, object]:
    return {
        "name": state.name,
        "created_ms": state.created_ms,
        "updated_ms": state.updated_ms,
        "touched_ms": state.touched_ms,
        "state": int(state.state),
        "owner": state.owner,
        "auth": state.auth,
        "anon": state.anon,
        "is_channel": state.is_channel,
        "seq": state.seq,
        "clear": state.clear,
        "clear_hard": state.clear_hard,
        "call_seq": state.call,
        "public": state.public,
        "trusted": state.trusted,
        "aux": state.aux,
        "tags": msgspec.json.encode(state.tags),
        "epoch": 0,
    }


def in_call(tx: Tx) -> list[str]:
    """The conversations in which a call is going on, as far as the store knows."""
    return list(tx.execute(_IN_CALL).scalars())


def update(tx: Tx, name: str, changes: dict[str, object]) -> None:
    """Set some of public, trusted, aux, auth, anon, updated_ms, touched_ms."""
    tx.execute(sa.update(_T).where(_T.c.name == name).values(**changes))


def set_tags(tx: Tx, name: str, tags: list[str], now_ms: int, alias_ns: str = "") -> bool:
    """Replace the tags of a group; False: it is no more. Raises Duplicate: an alias is taken."""
    keys = {"t": name, "g": msgspec.json.encode(tags), "n": now_ms}
    if not tx.execute(_SET_TAGS, keys).rowcount:
        return False
    holders.set_tags(tx, name, tags, alias_ns)
    return True


def delete(tx: Tx, name: str, *, hard: bool, now_ms: int) -> list[tuple[str, bool]]:
    """Delete a topic; who was subscribed, and whether as a channel reader.

    Softly: it and its subscriptions are marked. Hard: everything is erased.
    """
    tx.execute(_HOLD, {"t": name})  # whoever is joining is there, or will find it gone
    everybody = subscribers(tx, name)
    holders.drop(tx, name)
    for topic, _ in _doors(name):
        if hard:
            tx.execute(sa.delete(_S).where(_S.c.topic == topic))
        else:
            tx.execute(_DROP_SUBS, {"t": topic, "n": now_ms})
    if hard:
        _erase_content(tx, name)
        tx.execute(sa.delete(_T).where(_T.c.name == name))
    else:
        tx.execute(_MARK_DELETED, {"t": name, "n": now_ms})
    return everybody


def begin(tx: Tx, state: TopicState, pictures: tuple[str, ...] = (), alias_ns: str = "") -> bool:
    """Store a new topic; False: the account of a member is no more. Raises Duplicate."""
    if not subs.hold_accounts(tx, state.members):
        return False
    create(tx, state, pictures, alias_ns)
    return True


def subscribers(tx: Tx, name: str) -> list[tuple[str, bool]]:
    """Who is subscribed to a topic, and whether as a channel reader."""
    return [(m.uid, reader) for door, reader in _doors(name) for m in subs.live(tx, door)]


def _doors(name: str) -> list[tuple[str, bool]]:
    """The names under which people are subscribed, and whether that is for readers."""
    both = [(name, False)]
    return [*both, (ids.chn_of(name), True)] if name.startswith("grp") else both


def erased(tx: Tx, before_ms: int, limit: int) -> list[str]:
    """Topics that were deleted softly before `before_ms`."""
    return list(tx.execute(_ERASED, {"n": before_ms, "l": limit}).scalars())


def _erase_content(tx: Tx, name: str) -> None:
    files.unlink(tx, name)
    messages.forget(tx, name)
    for table in (schema.deletions, schema.once, schema.pushed, schema.hook_marks):
        tx.execute(sa.delete(table).where(table.c.topic == name))


def ensure_sys(tx: Tx, now_ms: int) -> None:
    """Make the topic for reports to the administrators if it is not there."""
    if tx.execute(_BY_NAME, {"t": "sys"}).one_or_none() is None:
        create(tx, TopicState("sys", now_ms, now_ms, now_ms, public=b'{"fn":"System"}'))
