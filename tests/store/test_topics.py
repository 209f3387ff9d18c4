"""Topics: specification 04, paragraph 2.4; specification 02, paragraph 4.2."""

from dataclasses import replace

import pytest

from chinwag.core import ids, modes
from chinwag.core.state import Member, State, TopicState
from chinwag.store import files, messages, search, subs, topics, users
from chinwag.store.db import Db, Duplicate
from rows import ALICE, BOB, CAROL, CHANNEL, GROUP, NOW, PAIR, account, draft, post, seqs, topic


async def test_a_topic_comes_back_as_it_was_stored(db: Db) -> None:
    await account(db, ALICE)
    state = TopicState(
        GROUP,
        NOW,
        NOW + 1,
        NOW + 2,
        seq=5,
        clear=3,
        clear_hard=2,
        owner=ALICE,
        auth=modes.PUBLIC,
        anon=modes.R,
        public=b"{}",
        trusted=b'{"verified":true}',
        aux=b"[]",
        tags=["red", "élan"],
        members={ALICE: Member(ALICE, 255, 255, private=b"1", created_ms=NOW, updated_ms=NOW)},
    )
    await db.run(topics.create, state)
    assert await db.read(topics.load, GROUP) == state
    assert await db.read(topics.describe, GROUP) == replace(state, members={})
    assert await db.read(search.bearer, "élan") == GROUP


async def test_there_is_no_topic_of_another_spelling(db: Db) -> None:
    """D-15: a second live copy of the topic would give its numbers out twice."""
    await topic(db, "grpAbc", ALICE)
    assert await db.read(topics.load, "grpabc") is None
    await topic(db, "grpabc", BOB)
    found = await db.read(topics.load, "grpabc")
    assert found is not None
    assert list(found.members) == [BOB]


async def test_a_topic_is_made_once(db: Db) -> None:
    await topic(db, GROUP, ALICE)
    with pytest.raises(Duplicate):
        await topic(db, GROUP, BOB)
    state = await db.read(topics.load, GROUP)
    assert state is not None
    assert list(state.members) == [ALICE]


async def test_a_taken_alias_leaves_no_topic_behind(db: Db) -> None:
    """T25."""
    await account(db, ALICE, "alias:ann")
    state = TopicState(GROUP, NOW, NOW, NOW, tags=["alias:ann"])
    with pytest.raises(Duplicate):
        await db.run(topics.create, state, alias_ns="alias")
    assert await db.read(topics.load, GROUP) is None


async def test_a_conversation_remembers_who_left_and_a_group_does_not(db: Db) -> None:
    for name in (PAIR, GROUP):
        await topic(db, name, ALICE, BOB)
        await db.run(subs.mark, name, BOB, 3, 3)
        await db.run(subs.remove, name, BOB, NOW)
    pair, group = await db.read(topics.load, PAIR), await db.read(topics.load, GROUP)
    assert pair is not None
    assert group is not None
    assert list(group.members) == [ALICE]
    assert (pair.members[BOB].gone, pair.members[BOB].eff, pair.members[BOB].read) == (True, 0, 0)
    assert pair.members[BOB].given == modes.PUBLIC


async def test_a_suspended_party_silences_a_conversation_and_an_owner_a_group(db: Db) -> None:
    """T16."""
    for uid in (ALICE, BOB, CAROL):
        await account(db, uid)
    await topic(db, PAIR, ALICE, BOB)
    await topic(db, GROUP, ALICE, BOB, owner=ALICE)
    await topic(db, CHANNEL, BOB, CAROL, owner=CAROL)

    async def silent() -> list[bool]:
        found = [await db.read(topics.load, name) for name in (PAIR, GROUP, CHANNEL)]
        return [bool(state and state.read_only) for state in found]

    assert await silent() == [False, False, False]
    await db.run(users.update, BOB, {"state": int(State.SUSPENDED)})
    assert await silent() == [True, False, False]
    await db.run(users.set_state, ALICE, State.SUSPENDED, NOW)
    assert await silent() == [True, True, False]


async def test_readers_of_a_channel_are_counted_and_no_members(db: Db) -> None:
    await topic(db, CHANNEL, ALICE, channel=True)
    reader = Member(BOB, modes.READER, modes.READER)
    await db.run(subs.put, ids.chn_of(CHANNEL), reader, NOW)
    state = await db.read(topics.load, CHANNEL)
    assert state is not None
    assert (list(state.members), state.readers_count) == ([ALICE], 1)


async def test_some_of_a_description_can_be_changed(db: Db) -> None:
    await topic(db, GROUP, ALICE)
    await db.run(topics.update, GROUP, {"public": None, "anon": modes.R, "updated_ms": NOW + 1})
    state = await db.read(topics.load, GROUP)
    assert state is not None
    assert (state.public, state.anon, state.updated_ms, state.touched_ms) == (None, 2, NOW + 1, NOW)


async def test_tags_change_with_the_index(db: Db) -> None:
    await topic(db, GROUP, ALICE)
    await db.run(topics.set_tags, GROUP, ["blue"], NOW + 1)
    state = await db.read(topics.load, GROUP)
    assert state is not None
    assert (state.tags, state.updated_ms, state.touched_ms) == (["blue"], NOW + 1, NOW + 1)
    assert await db.read(search.bearer, "blue") == GROUP


@pytest.mark.parametrize("hard", [False, True])
async def test_what_has_ended_gets_no_tags(db: Db, hard: bool) -> None:
    """An alias that was set behind the end could never be had by anybody else."""
    await topic(db, GROUP, ALICE)
    await db.run(topics.delete, GROUP, hard=hard, now_ms=NOW)
    assert await db.run(topics.set_tags, GROUP, ["alias:a"], NOW, "alias") is False
    assert await db.read(search.bearer, "alias:a") is None
    await topic(db, CHANNEL, ALICE)
    assert await db.run(topics.set_tags, CHANNEL, ["alias:a"], NOW, "alias") is True


# --- the end of a topic ---------------------------------------------------------------------


async def _channel(db: Db) -> None:
    await topic(db, CHANNEL, ALICE, BOB, owner=ALICE, channel=True)
    await db.run(topics.set_tags, CHANNEL, ["news"], NOW)
    await db.run(subs.put, ids.chn_of(CHANNEL), Member(CAROL, modes.READER, modes.READER), NOW)
    await db.run(files.begin, "one", ALICE, "image/png", NOW)
    await db.run(messages.append, [draft(1, CHANNEL, files=("one",)), draft(2, CHANNEL)])
    await db.run(messages.hide, CHANNEL, BOB, [(1, 2)], del_id=1)


@pytest.mark.parametrize("hard", [False, True])
async def test_a_deleted_topic_is_gone_for_members_and_readers(db: Db, hard: bool) -> None:
    """D-08: readers were left subscribed."""
    await _channel(db)
    told = await db.run(topics.delete, CHANNEL, hard=hard, now_ms=NOW + 1)
    assert sorted(told) == sorted([(ALICE, False), (BOB, False), (CAROL, True)])
    assert await db.read(topics.load, CHANNEL) is None
    assert await db.read(subs.counts, [CHANNEL, ids.chn_of(CHANNEL)]) == {}
    assert await db.read(search.bearer, "news") is None


async def test_softly_deleted_content_stays_and_hard_deletion_erases_it(db: Db) -> None:
    await _channel(db)
    await db.run(topics.delete, CHANNEL, hard=False, now_ms=NOW + 1)
    assert await seqs(db, BOB, CHANNEL) == [2]
    assert await db.read(files.unused, NOW + 9, 9) == []
    await db.run(topics.delete, CHANNEL, hard=True, now_ms=NOW + 1)
    assert await seqs(db, BOB, CHANNEL) == []
    assert await db.read(files.unused, NOW + 9, 9) == [("one", "")]
    assert (await db.read(messages.deletions, CHANNEL, BOB)).ranges == []
    assert await db.read(subs.record, CHANNEL, BOB) is None


async def test_deleting_one_topic_leaves_its_neighbours(db: Db) -> None:
    await topic(db, GROUP, ALICE)
    await post(db, 2)
    await topic(db, "grpOther", ALICE)
    await post(db, 1, "grpOther")
    await db.run(topics.delete, "grpOther", hard=True, now_ms=NOW)
    assert await seqs(db) == [2, 1]
    assert await db.read(subs.count, GROUP) == 1


async def test_a_topic_that_is_made_again_starts_from_nothing(db: Db) -> None:
    """Messages of the earlier one would be in the way of the new one's first number."""
    await topic(db, PAIR, ALICE, BOB)
    await post(db, 3, PAIR)
    await db.run(topics.delete, PAIR, hard=False, now_ms=NOW)
    await topic(db, PAIR, ALICE, BOB)
    assert await seqs(db, ALICE, PAIR) == []
    await post(db, 1, PAIR)
    assert await seqs(db, ALICE, PAIR) == [1]


async def test_the_reports_topic_is_made_once(db: Db) -> None:
    await db.run(topics.ensure_sys, NOW)
    await db.run(topics.ensure_sys, NOW + 1)
    state = await db.read(topics.load, "sys")
    assert state is not None
    assert (state.created_ms, state.owner, state.members) == (NOW, None, {})


async def test_no_conversation_is_made_with_somebody_who_is_no_more(db: Db) -> None:
    """Found by simulation: the account ended between the question and the making."""
    await account(db, ALICE)
    members = {uid: Member(uid, modes.FULL, modes.PUBLIC) for uid in (ALICE, BOB)}
    state = TopicState(PAIR, NOW, NOW, NOW, members=members)
    assert not await db.run(topics.begin, state)
    assert await db.read(topics.load, PAIR) is None
    await account(db, BOB)
    assert await db.run(topics.begin, state)
    found = await db.read(topics.load, PAIR)
    assert found is not None
    assert set(found.members) == {ALICE, BOB}
