"""Finding people and groups by their tags. Source: specification 04, paragraphs 6.4 and 7.3."""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from chinwag.core.state import Found, State
from chinwag.store import schema, subs
from chinwag.store.db import Tx
from chinwag.store.dialect import portions

ALIAS_SCORE = 20
TERMS_MAX = 512

_G, _U, _T, _S = schema.tags, schema.users, schema.topics, schema.subs
_MATCHES = sa.select(_G.c.holder, _G.c.tag).where(
    _G.c.tag.in_(sa.bindparam("tags", expanding=True))
)
_BEARERS = sa.select(_G.c.holder).where(_G.c.tag == sa.bindparam("t")).order_by(_G.c.holder)
_USERS = sa.select(_U).where(_U.c.uid.in_(sa.bindparam("names", expanding=True)))
_TOPICS = sa.select(_T).where(_T.c.name.in_(sa.bindparam("names", expanding=True)))


def find(  # noqa: PLR0913 - a query has many sides
    tx: Tx,
    required: list[list[str]],
    optional: list[str],
    *,
    uid: str,
    any_state: bool,
    alias_ns: str,
    limit: int,
) -> list[Found]:
    """Who bears one tag of each group of `required`, or else one of `optional`; best first.

    The searcher `uid` is never found; only those in good standing are unless `any_state`.
    """
    every = list(dict.fromkeys([t for group in required for t in group] + optional))[:TERMS_MAX]
    matched: dict[str, list[str]] = defaultdict(list)
    for row in tx.execute(_MATCHES, {"tags": every}):
        matched[row.holder].append(row.tag)
    matched.pop(uid, None)
    hits = {h: tags for h, tags in matched.items() if all(set(g) & set(tags) for g in required)}
    found = [*_users(tx, hits, any_state=any_state), *_topics(tx, hits, any_state=any_state)]
    found.sort(key=lambda f: (-_score(f.matched, alias_ns), -f.subcnt, f.name))
    return found[:limit]


def _score(tags: list[str], alias_ns: str) -> int:
    prefix = alias_ns + ":"
    return sum(ALIAS_SCORE if alias_ns and tag.startswith(prefix) else 1 for tag in tags)


def _users(tx: Tx, hits: dict[str, list[str]], *, any_state: bool) -> list[Found]:
    names = [name for name in hits if name.startswith("usr")]
    return [
        _found(row, row.uid, hits[row.uid], 0, is_channel=False)
        for row in portions(tx, _USERS, "names", names)
        if row.state == State.OK or (any_state and row.state != State.DELETED)
    ]


def _topics(tx: Tx, hits: dict[str, list[str]], *, any_state: bool) -> list[Found]:
    names = [name for name in hits if name.startswith("grp")]
    rows = [
        row
        for row in portions(tx, _TOPICS, "names", names)
        if row.state == State.OK or (any_state and row.state != State.DELETED)
    ]
    sizes = subs.group_sizes(tx, {row.name: row.is_channel for row in rows})
    return [
        _found(row, row.name, hits[row.name], sizes[row.name], is_channel=row.is_channel)
        for row in rows
    ]


def _found(row: Any, name: str, tags: list[str], subcnt: int, *, is_channel: bool) -> Found:
    return Found(
        name=name,
        is_channel=is_channel,
        updated_ms=row.updated_ms,
        auth=row.auth,
        anon=row.anon,
        subcnt=subcnt,
        public=row.public,
        trusted=row.trusted,
        matched=sorted(tags),
    )


def bearer(tx: Tx, tag: str) -> str | None:
    """Who bears exactly `tag`: a group before a user, whatever their state."""
    names = tx.execute(_BEARERS, {"t": tag}).scalars().all()
    return min(names, key=lambda name: (not name.startswith("grp"), name), default=None)
