"""Messages and their deletion: specification 04, paragraph 2.5."""

from typing import Any

import pytest
import sqlalchemy as sa

from chinwag.core.repeats import ONCE_MS, Known
from chinwag.core.state import Deletion
from chinwag.store import files, messages, subs, topics
from chinwag.store.db import Conflict, Db, Duplicate, Tx
from chinwag.store.messages import FORGET_EACH
from rows import ALICE, BOB, CAROL, GROUP, NOW, PAIR, account, draft, post, seqs, topic

HUGE = 1 << 40


@pytest.fixture
async def group(db: Db) -> Db:
    """A database with a group of Alice and Bob."""
    await account(db, ALICE)
    await account(db, BOB)
    await topic(db, GROUP, ALICE, BOB, owner=ALICE)
    return db


async def test_a_message_comes_back_as_it_was_stored(group: Db) -> None:
    content = bytes(range(256)) * 1024  # beyond MySQL's BLOB
    sent = draft(1, head=b'{"mime":"text/x-drafty"}', content=content, sender=CAROL)
    await group.run(messages.append, [sent])
    (found,) = await group.read(messages.page, GROUP, ALICE)
    assert found == (1, CAROL, NOW + 1, b'{"mime":"text/x-drafty"}', content)


async def test_nothing_and_an_empty_text_differ(group: Db) -> None:
    await group.run(messages.append, [draft(1, content=None), draft(2, content=b"", head=b"")])
    second, first = await group.read(messages.page, GROUP, ALICE)
    assert (first.head, first.content) == (None, None)
    assert (second.head, second.content) == (b"", b"")


async def test_the_topic_counts_with_its_messages(group: Db) -> None:
    await post(group, 3)
    state = await group.read(topics.load, GROUP)
    assert state is not None
    assert (state.seq, state.touched_ms, state.updated_ms) == (3, NOW + 3, NOW)


async def test_senders_know_their_own_messages(group: Db) -> None:
    batch = [draft(1), draft(2, sender=BOB), draft(3), draft(4, sender=BOB, marks=False)]
    await group.run(messages.append, batch)
    state = await group.read(topics.load, GROUP)
    assert state is not None
    assert {u: (m.read, m.recv) for u, m in state.members.items()} == {ALICE: (3, 3), BOB: (2, 2)}


async def test_a_message_that_is_not_the_next_is_a_conflict_and_not_stored(group: Db) -> None:
    """D-04: the number is taken in the transaction that stores the message."""
    await post(group, 2)
    for wrong in (draft(2, content=b"x"), draft(4), draft(1, topic="grpNone")):
        with pytest.raises(Conflict):
            await group.run(messages.append, [wrong])
    assert await seqs(group) == [2, 1]
    state = await group.read(topics.load, GROUP)
    assert state is not None
    assert state.seq == 2


@pytest.mark.parametrize("wrong", [1, 2, 4, 5])
async def test_messages_stored_together_follow_one_another(group: Db, wrong: int) -> None:
    """D-04: no message of a call is stored where one of them is not the next of its topic."""
    await topic(group, PAIR, ALICE, BOB)
    mixed = [draft(1), draft(1, topic=PAIR), draft(2), draft(2, topic=PAIR)]
    with pytest.raises(Conflict):
        await group.run(messages.append, [*mixed, draft(wrong)])
    assert await seqs(group) == []
    await group.run(messages.append, [*mixed, draft(3)])
    assert await seqs(group) == [3, 2, 1]
    state = await group.read(topics.load, PAIR)
    assert state is not None
    assert (state.seq, state.touched_ms) == (2, NOW + 2)


async def test_unknown_files_do_not_spoil_a_message(group: Db) -> None:
    """D-04."""
    await group.run(messages.append, [draft(1, files=("never", "known"))])
    assert await seqs(group) == [1]


async def test_whether_a_message_is_stored_can_be_asked(group: Db) -> None:
    await post(group, 1)
    assert await group.run(messages.stored, draft(1))
    assert not await group.run(messages.stored, draft(2))
    for other in ({"content": b"y"}, {"sender": BOB}, {"ts_ms": 5}, {"head": b"{}"}):
        assert not await group.run(messages.stored, draft(1)._replace(**other))


async def test_a_message_notes_the_call_it_begins_or_ends(group: Db) -> None:
    assert await group.read(topics.in_call) == []
    await group.run(messages.append, [draft(1), draft(2, call=2), draft(3)])
    assert await group.read(topics.in_call) == [GROUP]
    await group.run(messages.append, [draft(4, call=0)])
    assert await group.read(topics.in_call) == []


@pytest.mark.parametrize("hard", [False, True])
async def test_nothing_is_said_where_the_topic_has_ended(group: Db, hard: bool) -> None:
    """It was under way when an account was deleted: the author was told that it is stored (D-04).

    A call would have been left open, too, with nobody to end it (D10).
    """
    await topic(group, PAIR, ALICE, BOB)
    await group.run(topics.delete, GROUP, hard=hard, now_ms=NOW)
    with pytest.raises(Conflict):
        await group.run(messages.append, [draft(1, topic=PAIR), draft(1, call=1)])
    assert await seqs(group) == await seqs(group, topic=PAIR) == []
    assert await group.read(topics.in_call) == []


async def test_nothing_is_deleted_where_the_topic_has_ended(group: Db) -> None:
    """It was under way when an account was deleted."""
    await group.run(messages.append, [draft(1)])
    await group.run(topics.delete, GROUP, hard=False, now_ms=NOW)
    with pytest.raises(Conflict):
        await group.run(messages.hide, GROUP, ALICE, [(1, 2)], del_id=1)
    with pytest.raises(Conflict):
        await group.run(messages.erase, GROUP, [(1, 2)], del_id=1, younger_than_ms=None)
    found = await group.read(messages.deletions, GROUP, ALICE, since=0, before=0, limit=9)
    assert found.ranges == []


async def test_messages_are_known_by_their_digests(group: Db) -> None:
    """DEFECT D01: those with one, within the bounds, oldest first."""
    drafts = [draft(n)._replace(digest=d) for n, d in ((1, 7), (2, None), (3, -(1 << 63)), (4, 7))]
    await group.run(messages.append, drafts)
    found = await group.read(messages.recent, GROUP, after_seq=0, since_ms=NOW)
    assert found == [
        (7, Known(1, NOW + 1)),
        (-(1 << 63), Known(3, NOW + 3)),
        (7, Known(4, NOW + 4)),
    ]
    found = await group.read(messages.recent, GROUP, after_seq=1, since_ms=NOW + 3)
    assert found == [(7, Known(4, NOW + 4))]
    assert await group.read(messages.recent, "grpNone", after_seq=0, since_ms=0) == []


async def test_a_named_message_is_known_by_its_name(group: Db) -> None:
    """DEFECT D01."""
    first = draft(1)._replace(digest=7, once=True)
    await group.run(messages.append, [first, draft(2)._replace(digest=8, once=True)])
    assert await group.read(messages.once, GROUP, [7, 9]) == {7: Known(1, NOW + 1)}
    assert await group.read(messages.once, "grpNone", [7]) == {}
    await group.run(topics.delete, GROUP, hard=True, now_ms=NOW)
    assert await group.read(messages.once, GROUP, [7, 8]) == {}


async def test_no_two_messages_have_one_name(group: Db) -> None:
    """Nothing of the second one is done, until the name is free again."""
    await group.run(messages.append, [draft(1)._replace(digest=7, once=True)])
    again = [draft(2), draft(3)._replace(digest=7, once=True)]
    with pytest.raises(Duplicate):
        await group.run(messages.append, again)
    assert await group.read(messages.at, GROUP, 2) is None
    await group.run(messages.append, [draft(2)._replace(digest=8, once=True)])
    await group.run(messages.free, GROUP, [7])
    await group.run(messages.append, [draft(3)._replace(digest=7, once=True)])
    found = await group.read(messages.once, GROUP, [7, 8])
    assert found == {7: Known(3, NOW + 3), 8: Known(2, NOW + 2)}


async def test_names_of_long_ago_are_forgotten_in_the_end(group: Db) -> None:
    """Each message once looked through all names of its topic for them."""
    named = [draft(n)._replace(digest=n, once=True) for n in (1, 2)]
    await group.run(messages.append, named)
    late_ms = NOW + 1 + ONCE_MS
    later = [draft(n)._replace(ts_ms=late_ms) for n in range(3, FORGET_EACH)]
    await group.run(messages.append, later)
    assert len(await group.read(messages.once, GROUP, [1, 2])) == 2, "not with each message"
    await group.run(messages.append, [draft(FORGET_EACH)._replace(ts_ms=late_ms)])
    assert await group.read(messages.once, GROUP, [1, 2]) == {2: Known(2, NOW + 2)}


async def test_one_message_can_be_looked_at(group: Db) -> None:
    await post(group, 2)
    await group.run(messages.erase, GROUP, [(1, 2)], del_id=1, younger_than_ms=None)
    assert await group.read(messages.at, GROUP, 2) == (2, ALICE, NOW + 2, None, b'"message 2"')
    assert await group.read(messages.at, GROUP, 1) == (1, ALICE, NOW + 1, None, None)
    assert await group.read(messages.at, GROUP, 3) is None


# --- reading --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ({"limit": 2}, [9, 8]),
        ({"since": 3, "before": 5}, [4, 3]),
        ({"since": 8}, [9, 8]),
        ({"before": 3}, [2, 1]),
        ({"before": 1}, []),
        ({"since": 5, "before": 5}, []),
        ({"since": -HUGE, "before": -HUGE}, [9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ({"since": HUGE}, []),
        ({"since": 9, "before": HUGE}, [9]),
        ({"limit": -1, "since": 9}, [9]),
        ({"limit": HUGE, "since": 9}, [9]),
        ({"ranges": [(1, 3), (5, 6), (8, 9)]}, [8, 5, 2, 1]),
        ({"ranges": [(1, 3), (5, 6), (8, 9)], "limit": 3}, [8, 5, 2]),
        ({"ranges": [], "since": 1}, []),
    ],
)
async def test_a_page_is_newest_first_within_its_bounds(
    group: Db, asked: dict[str, Any], found: list[int]
) -> None:
    await post(group, 9)
    page = await group.read(messages.page, GROUP, ALICE, **asked)
    assert [m.seq for m in page] == found


async def test_a_page_has_at_most_a_hundred(group: Db) -> None:
    await post(group, 150)
    assert await seqs(group) == list(range(150, 50, -1))
    page = await group.read(messages.page, GROUP, ALICE, ranges=[(1, 120)], limit=1000)
    assert [m.seq for m in page] == list(range(119, 19, -1))


# --- deleting for oneself -------------------------------------------------------------------


async def test_what_one_hides_others_still_see(group: Db) -> None:
    await post(group, 5)
    await group.run(messages.hide, GROUP, ALICE, [(1, 2), (3, 5)], del_id=1)
    assert await seqs(group, ALICE) == [5, 2]
    assert await seqs(group, BOB) == [5, 4, 3, 2, 1]
    state = await group.read(topics.load, GROUP)
    assert state is not None
    assert (state.clear, state.clear_hard) == (1, 0)
    assert (state.members[ALICE].clear, state.members[BOB].clear) == (1, 0)


async def test_a_page_is_filled_up_past_what_is_hidden(group: Db) -> None:
    await post(group, 9)
    await group.run(messages.hide, GROUP, ALICE, [(5, 10)], del_id=1)
    page = await group.read(messages.page, GROUP, ALICE, limit=3)
    assert [m.seq for m in page] == [4, 3, 2]


# --- deleting for everybody -----------------------------------------------------------------


async def test_what_is_erased_is_gone_for_everybody(group: Db) -> None:
    await post(group, 5)
    erased = await group.run(messages.erase, GROUP, [(2, 4)], del_id=1, younger_than_ms=None)
    assert erased == [(2, 4)]
    assert await seqs(group, ALICE) == await seqs(group, BOB) == [5, 4, 1]
    state = await group.read(topics.load, GROUP)
    assert state is not None
    assert (state.seq, state.clear, state.clear_hard) == (5, 1, 1)
    assert {m.clear for m in state.members.values()} == {1}


async def test_erased_bytes_are_really_gone(group: Db) -> None:
    await post(group, 2)
    await group.run(messages.erase, GROUP, [(1, 2)], del_id=1, younger_than_ms=None)
    assert not await group.run(messages.stored, draft(1))
    assert await group.run(messages.stored, draft(2))


async def test_only_what_really_went_is_told(group: Db) -> None:
    """D-05, D28: neither what was gone already, nor what is too old, nor what never was."""
    await post(group, 9)
    await group.run(messages.erase, GROUP, [(5, 6)], del_id=1, younger_than_ms=None)
    erased = await group.run(
        messages.erase, GROUP, [(1, 4), (4, 100)], del_id=2, younger_than_ms=NOW + 2
    )
    assert erased == [(3, 5), (6, 10)]
    assert await seqs(group) == [2, 1]
    log = await group.read(messages.deletions, GROUP, BOB)
    assert log == Deletion([(3, 10)], 2)


async def test_where_nothing_went_nothing_is_counted(group: Db) -> None:
    await post(group, 2)
    erased = await group.run(messages.erase, GROUP, [(5, 9)], del_id=1, younger_than_ms=None)
    assert erased == []
    assert await group.read(messages.deletions, GROUP, ALICE) == Deletion([], 0)
    state = await group.read(topics.load, GROUP)
    assert state is not None
    assert state.clear == 0


async def test_a_thousand_scattered_messages_are_erased_at_once(group: Db) -> None:
    await post(group, 300)
    ranges = [(n, n + 1) for n in range(1, 300, 2)]
    erased = await group.run(messages.erase, GROUP, ranges, del_id=1, younger_than_ms=None)
    assert erased == ranges
    assert await seqs(group) == list(range(300, 100, -2))


@pytest.mark.parametrize("whole", [False, True])
async def test_no_statement_erases_more_than_a_portion(
    group: Db, whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Erasing a huge topic never came to its end: the time for one statement is bounded."""
    monkeypatch.setattr(messages, "PORTION", 7)
    await post(group, 30)
    counts: list[int] = []

    def erase(tx: Tx) -> None:
        def note(_tx: Tx, cursor: Any, statement: str, *_rest: object) -> None:
            if "messages" in statement and not statement.startswith("SELECT"):
                counts.append(cursor.rowcount)

        sa.event.listen(tx, "after_cursor_execute", note)
        if whole:
            messages.forget(tx, GROUP)
        else:
            messages.erase(tx, GROUP, [(1, 31)], del_id=1, younger_than_ms=None)
        sa.event.remove(tx, "after_cursor_execute", note)

    await group.run(erase)
    assert await seqs(group) == []
    assert max(counts) <= 7
    assert sum(counts) == 30


async def test_erased_messages_keep_no_files(group: Db) -> None:
    for fid in ("one", "two"):
        await group.run(files.begin, fid, ALICE, "image/png", NOW)
    await group.run(messages.append, [draft(1, files=("one",)), draft(2, files=("two",))])
    await group.run(messages.erase, GROUP, [(1, 2)], del_id=1, younger_than_ms=None)
    assert [f for f, _ in await group.read(files.unused, NOW + 1, 9)] == ["one"]


# --- the log of deletions -------------------------------------------------------------------


async def test_the_log_tells_everybody_and_oneself(group: Db) -> None:
    await post(group, 9)
    await group.run(messages.hide, GROUP, ALICE, [(1, 2)], del_id=1)
    await group.run(messages.erase, GROUP, [(3, 4)], del_id=2, younger_than_ms=None)
    await group.run(messages.hide, GROUP, BOB, [(5, 6)], del_id=3)
    assert await group.read(messages.deletions, GROUP, ALICE) == Deletion([(1, 2), (3, 4)], 2)
    assert await group.read(messages.deletions, GROUP, BOB) == Deletion([(3, 4), (5, 6)], 3)
    assert await group.read(messages.deletions, GROUP, CAROL) == Deletion([(3, 4)], 2)


async def test_the_log_is_cut_at_the_end_of_a_deletion(group: Db) -> None:
    """D-24: else the client goes past the rest of the deletion."""
    await group.run(messages.hide, GROUP, ALICE, [(1, 2), (3, 4), (5, 6)], del_id=1)
    await group.run(messages.hide, GROUP, ALICE, [(7, 8)], del_id=2)
    assert await group.read(messages.deletions, GROUP, ALICE, limit=1) == Deletion(
        [(1, 2), (3, 4), (5, 6)], 1
    )
    everything = await group.read(messages.deletions, GROUP, ALICE, limit=4)
    assert everything == Deletion([(1, 2), (3, 4), (5, 6), (7, 8)], 2)


@pytest.mark.parametrize(
    ("asked", "clear"),
    [
        ({"since": 2}, 3),
        ({"since": 2, "before": 3}, 2),
        ({"before": 1}, 0),
        ({"since": HUGE}, 0),
        ({"since": -HUGE, "before": HUGE}, 3),
    ],
)
async def test_the_log_has_bounds(group: Db, asked: dict[str, int], clear: int) -> None:
    for del_id in (1, 2, 3):
        await group.run(messages.hide, GROUP, ALICE, [(del_id, del_id + 1)], del_id=del_id)
    assert (await group.read(messages.deletions, GROUP, ALICE, **asked)).clear == clear


async def test_leaving_forgets_what_one_has_hidden(group: Db) -> None:
    await post(group, 3)
    await group.run(messages.hide, GROUP, BOB, [(1, 2)], del_id=1)
    await group.run(subs.remove, GROUP, BOB, NOW)
    assert await seqs(group, BOB) == [3, 2, 1]
