"""How many messages people have not read, counted in what is stored: it cannot drift (D12).

Source: specification 03, paragraph 6.1; specification 04, paragraph 2.1 and DEFECT D-22.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Final

import sqlalchemy as sa

from chinwag.core import ids, modes, unread
from chinwag.core.ranges import Range
from chinwag.core.state import State
from chinwag.store import schema
from chinwag.store.db import Tx
from chinwag.store.dialect import portions

Reads = Mapping[tuple[str, str], int]  # by topic and user
UIDS_MAX: Final = 10_000  # people at once

_S, _T, _D = schema.subs, schema.topics, schema.deletions
_CHANNEL = sa.func.substr(_S.c.topic, 1, 3) == "chn"
_NAME = sa.case((_CHANNEL, sa.literal("grp") + sa.func.substr(_S.c.topic, 4)), else_=_S.c.topic)
_BEHIND = (
    sa.select(_S.c.uid, _S.c.topic, _S.c.seq_read, _T.c.seq, _T.c.clear)
    .join_from(_S, _T, _T.c.name == _NAME)
    .where(
        _S.c.uid.in_(sa.bindparam("uids", expanding=True)),
        _S.c.deleted_ms.is_(None),
        _S.c.want.bitwise_and(_S.c.given).bitwise_and(modes.R) != 0,
        _T.c.state != State.DELETED,
        _T.c.seq > _S.c.seq_read,
    )
)
_GONE = sa.select(_D.c.topic, _D.c.uid, _D.c.low, _D.c.high).where(
    _D.c.topic.in_(sa.bindparam("names", expanding=True)),
    _D.c.uid.is_(None) | _D.c.uid.in_(sa.bindparam("uids", expanding=True)),
)


def totals(tx: Tx, uids: Collection[str], ahead: Reads | None = None) -> dict[str, int]:
    """How many messages each of `uids`, UIDS_MAX at most, has not read in all topics together.

    Muted topics count, as clients show them, and so do channels that are only read (D-22).
    `ahead`: numbers of full members that may not be stored yet.
    """
    assert len(uids) <= UIDS_MAX, len(uids)
    rows = list(portions(tx, _BEHIND, "uids", uids))
    names = {_topic(row.topic) for row in rows if row.clear}
    gone = _gone(tx, names, {row.uid for row in rows})
    found = dict.fromkeys(uids, 0)
    for row in rows:
        read = max(row.seq_read, (ahead or {}).get((row.topic, row.uid), 0))
        name = _topic(row.topic)
        deleted = [*gone.get((name, None), ()), *gone.get((name, row.uid), ())]
        found[row.uid] += unread.count(read, row.seq, deleted)
    return found


def _topic(name: str) -> str:
    return ids.grp_of(name) if name.startswith("chn") else name


def _gone(
    tx: Tx, names: Collection[str], uids: Collection[str]
) -> Mapping[tuple[str, str | None], list[Range]]:
    """What was deleted in each topic, for everybody (None) and for each of `uids`."""
    found: dict[tuple[str, str | None], list[Range]] = defaultdict(list)
    for row in portions(tx, _GONE, "names", names, uids=list(uids)):
        found[row.topic, row.uid].append((row.low, row.high))
    return found
