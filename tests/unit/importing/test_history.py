"""Messages and deletions that come over. Source: specification 05, paragraph 8."""

import json

import pytest
import sqlalchemy as sa

from chinwag.importing.history import without
from chinwag.store import messages, schema
from oddities import ALICE, BOB, CAROL, DAVE, GHOST, GROUP, NOTES, PAIR, WIDOWED
from removal import Imported
from tinode import uid


async def seen(imported: Imported, topic: str, number: int) -> list[int]:
    """The messages that somebody sees, oldest first."""
    page = await imported.db.read(messages.page, topic, uid(number))
    return [message.seq for message in reversed(page)]


async def test_messages_are_what_they_were(imported: Imported) -> None:
    found = {m.seq: m for m in await imported.db.read(messages.page, GROUP, uid(ALICE))}
    assert sorted(found) == [1, 2, 3, 4, 5]
    assert [found[n].sender for n in (1, 2, 3)] == [uid(ALICE), uid(DAVE), uid(GHOST)]
    assert found[1].content == b'"hello"'
    assert found[1].head is None
    assert json.loads(found[2].content or b"") == "Grüße 😀 'quoted' \\ back"
    assert json.loads(found[3].content or b"") == {"txt": "a\0b <b>"}
    assert json.loads(found[3].head or b"") == {"mime": "text/x-drafty"}
    assert found[2].ts_ms - found[1].ts_ms == 1000


async def test_who_sees_what_after_deletions(imported: Imported) -> None:
    """One for everybody, one of bob's and one of alice's; a live message is not hidden."""
    assert await seen(imported, PAIR, ALICE) == [1, 7, 8, 9, 11, 12]
    assert await seen(imported, PAIR, BOB) == [2, 7, 8, 9, 11, 12]
    assert await seen(imported, GROUP, CAROL) == [1, 2, 3, 4, 5]
    assert await seen(imported, WIDOWED, ALICE) == [1]
    assert await seen(imported, NOTES, ALICE) == [1]


async def test_both_products_come_to_the_same_deletions(imported: Imported) -> None:
    """MySQL logs each message, PostgreSQL what was asked for (DEFECTs in 8.3)."""
    log = sa.select(schema.deletions).order_by(*schema.deletions.primary_key.columns)
    rows = await imported.db.read(lambda tx: tx.execute(log).all())
    assert [(r.topic, r.del_id, r.low, r.high, r.uid) for r in rows] == [
        (PAIR, 1, 1, 2, uid(BOB)),
        (PAIR, 2, 3, 7, None),
        (PAIR, 2, 10, 11, None),
        (PAIR, 3, 2, 3, uid(ALICE)),
    ]


async def test_where_a_message_was_its_number_stays(imported: Imported) -> None:
    gone = await imported.db.read(messages.at, PAIR, 4)
    assert gone is not None
    assert (gone.sender, gone.head, gone.content) == ("", None, None)


@pytest.mark.parametrize(
    ("live", "ranges"),
    [
        ([], [(3, 8)]),
        ([5], [(3, 5), (6, 8)]),
        ([3, 7], [(4, 7)]),
        ([3, 4, 5, 6, 7], []),
    ],
)
def test_a_range_without_what_is_there(live: list[int], ranges: list[tuple[int, int]]) -> None:
    assert without(3, 8, live) == ranges
