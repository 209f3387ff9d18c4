"""Unread totals in the store: specification 03, paragraph 6.1; DEFECTs D12 and D-22."""

from dataclasses import replace

from chinwag.core import ids, modes
from chinwag.core.state import Member
from chinwag.store import messages, subs, topics, unread
from chinwag.store.db import Db
from rows import ALICE, BOB, CAROL, CHANNEL, GROUP, NOW, PAIR, account, draft, post, topic


async def totals(db: Db, *uids: str) -> list[int]:
    """How much each has to read."""
    found = await db.read(unread.totals, uids)
    return [found[uid] for uid in uids]


async def _two(db: Db) -> None:
    for uid in (ALICE, BOB):
        await account(db, uid)
    await topic(db, GROUP, ALICE, BOB)


async def test_all_topics_count_together(db: Db) -> None:
    await _two(db)
    await topic(db, PAIR, ALICE, BOB)
    await post(db, 3)
    await post(db, 2, PAIR, BOB)
    assert await totals(db, ALICE, BOB, CAROL) == [2, 3, 0]
    await db.run(subs.mark, GROUP, BOB, 2, 3)
    assert await totals(db, BOB) == [1]
    assert await totals(db) == []


async def test_an_own_message_means_that_all_before_it_is_read(db: Db) -> None:
    """D12: the skipped backlog goes too."""
    await _two(db)
    await post(db, 3)
    await db.run(messages.append, [draft(4, sender=BOB)])
    assert await totals(db, ALICE, BOB) == [1, 0]


async def test_muted_topics_count_and_unreadable_ones_do_not(db: Db) -> None:
    """D12: a muted reader is counted up as well as down."""
    await _two(db)
    await post(db, 2)
    await db.run(subs.set_modes, GROUP, BOB, modes.PUBLIC & ~modes.P, modes.PUBLIC, NOW)
    assert await totals(db, BOB) == [2]
    await db.run(subs.set_modes, GROUP, BOB, modes.PUBLIC, modes.PUBLIC & ~modes.R, NOW)
    assert await totals(db, BOB) == [0]


async def test_what_is_deleted_needs_no_reading(db: Db) -> None:
    """D12: whether for everybody or for oneself, once or twice."""
    await _two(db)
    await post(db, 9)
    await db.run(messages.hide, GROUP, BOB, [(3, 6)], del_id=1)
    await db.run(messages.hide, GROUP, ALICE, [(1, 9)], del_id=2)
    assert await totals(db, BOB) == [6]
    await db.run(messages.erase, GROUP, [(1, 2), (4, 8)], del_id=3, younger_than_ms=None)
    assert await totals(db, BOB) == [3]
    await db.run(subs.mark, GROUP, BOB, 8, 8)
    assert await totals(db, BOB) == [1]


async def test_channels_that_are_only_read_count(db: Db) -> None:
    """D-22: and what is deleted in them does not."""
    for uid in (ALICE, BOB):
        await account(db, uid)
    await topic(db, CHANNEL, ALICE, channel=True)
    reader = Member(BOB, modes.READER, modes.READER, read=1, recv=1)
    await db.run(subs.put, ids.chn_of(CHANNEL), reader, NOW)
    await post(db, 4, CHANNEL)
    assert await totals(db, BOB) == [3]
    await db.run(messages.erase, CHANNEL, [(2, 4)], del_id=1, younger_than_ms=None)
    assert await totals(db, BOB) == [1]


async def test_what_one_has_left_or_is_gone_does_not_count(db: Db) -> None:
    await _two(db)
    await topic(db, PAIR, ALICE, BOB)
    await post(db, 2)
    await post(db, 2, PAIR, ALICE)
    assert await totals(db, BOB) == [4]
    await db.run(subs.remove, PAIR, BOB, NOW)
    assert await totals(db, BOB) == [2]
    await db.run(topics.delete, GROUP, hard=False, now_ms=NOW)
    assert await totals(db, BOB) == [0]


async def test_numbers_on_their_way_into_the_store_count(db: Db) -> None:
    """D14c: a receipt that waits for its transaction is one already."""
    await _two(db)
    await post(db, 5)
    ahead = {(GROUP, BOB): 4, (PAIR, BOB): 9}
    assert await db.read(unread.totals, [BOB], ahead) == {BOB: 1}
    ahead = {(GROUP, BOB): 77}
    assert await db.read(unread.totals, [BOB], ahead) == {BOB: 0}


async def test_read_numbers_behind_the_newest_do_not_make_it_negative(db: Db) -> None:
    """D12: as a database somebody has mended by hand may have them."""
    await account(db, BOB)
    state = await topic(db, GROUP, BOB)
    await db.run(subs.put, GROUP, replace(state.members[BOB], read=7, recv=7), NOW)
    await db.run(subs.mark, GROUP, BOB, 7, 7)
    await post(db, 1)
    assert await totals(db, BOB) == [0]
