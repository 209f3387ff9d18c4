"""Subscriptions: specification 04, paragraph 2.4."""

import pytest

from chinwag.core import ids, modes
from chinwag.core.state import Member
from chinwag.store import messages, subs, topics, users
from chinwag.store.db import Db
from rows import ALICE, BOB, CAROL, CHANNEL, GROUP, NOW, account, post, seqs, topic

MODE = modes.PUBLIC


async def _put(db: Db, uid: str, name: str = GROUP, private: bytes | None = None) -> Member:
    member = Member(uid, modes.FULL, MODE, private=private)
    await db.run(subs.put, name, member, NOW)
    return member


async def test_a_subscription_comes_back_as_it_was_stored(db: Db) -> None:
    await db.run(
        subs.put, GROUP, Member(CAROL, modes.FULL, MODE, 3, 4, 5, b'{"comment":"\xc3\xa9"}'), NOW
    )
    found = await db.read(subs.get, GROUP, CAROL)
    assert found == Member(CAROL, 255, MODE, 3, 4, 5, b'{"comment":"\xc3\xa9"}', NOW, NOW)
    assert await db.read(subs.get, GROUP, ALICE) is None
    assert await db.read(subs.get, GROUP.lower(), CAROL) is None


async def test_a_given_up_subscription_is_still_on_record(db: Db) -> None:
    await _put(db, ALICE)
    assert await db.run(subs.remove, GROUP, ALICE, NOW + 5)
    assert await db.read(subs.get, GROUP, ALICE) is None
    found = await db.read(subs.record, GROUP, ALICE)
    assert found is not None
    assert found[1] == NOW + 5
    assert not await db.run(subs.remove, GROUP, ALICE, NOW + 6)
    assert not await db.run(subs.remove, GROUP, BOB, NOW)


async def test_a_revived_subscription_counts_from_zero_and_keeps_its_private_data(db: Db) -> None:
    """D-20: private data that are supplied are taken, otherwise the old ones stay."""
    await _put(db, ALICE, private=b'"old"')
    await db.run(subs.mark, GROUP, ALICE, 7, 8)
    await db.run(subs.remove, GROUP, ALICE, NOW)
    again = Member(ALICE, modes.J, modes.R)
    await db.run(subs.put, GROUP, again, NOW + 9)
    assert again.private == b'"old"'
    found = await db.read(subs.get, GROUP, ALICE)
    assert found == Member(ALICE, modes.J, modes.R, 0, 0, 0, b'"old"', NOW + 9, NOW + 9)
    await db.run(subs.remove, GROUP, ALICE, NOW)
    await _put(db, ALICE, private=b'"new"')
    found = await db.read(subs.get, GROUP, ALICE)
    assert found is not None
    assert found.private == b'"new"'
    await db.run(subs.remove, GROUP, ALICE, NOW)
    await _put(db, ALICE, private=b"")
    found = await db.read(subs.get, GROUP, ALICE)
    assert found is not None
    assert found.private is None


async def test_marks_never_go_back(db: Db) -> None:
    await _put(db, ALICE)
    for read, recv in ((3, 5), (2, 9), (4, 0)):
        await db.run(subs.mark, GROUP, ALICE, read, recv)
    found = await db.read(subs.get, GROUP, ALICE)
    assert found is not None
    assert (found.read, found.recv, found.updated_ms) == (4, 9, NOW)


async def test_marks_of_several_senders_are_set_at_once(db: Db) -> None:
    for uid in (ALICE, BOB, CAROL):
        await _put(db, uid)
    await db.run(subs.mark, GROUP, BOB, 3, 4)
    await db.run(subs.mark_own, {(GROUP, ALICE): 4, (GROUP, BOB): 5})
    await db.run(subs.mark_own, {})
    found = {m.uid: (m.read, m.recv) for m in await db.read(subs.live, GROUP)}
    assert found == {ALICE: (4, 4), BOB: (5, 5), CAROL: (0, 0)}


async def test_receipts_of_many_are_stored_at_once(db: Db) -> None:
    """03 §5.3: not those from before somebody joined."""
    for uid in (ALICE, BOB, CAROL):
        await _put(db, uid)
    await db.run(subs.mark, GROUP, BOB, 2, 9)
    said = [(ALICE, 4, 0, NOW), (BOB, 3, 3, NOW + 1), (CAROL, 5, 5, NOW - 1)]
    await db.run(subs.mark_all, [(GROUP, *row) for row in said])
    found = {m.uid: (m.read, m.recv) for m in await db.read(subs.live, GROUP)}
    assert found == {ALICE: (4, 0), BOB: (3, 9), CAROL: (0, 0)}


async def test_modes_and_private_data_change_apart(db: Db) -> None:
    await _put(db, ALICE, private=b"1")
    await db.run(subs.set_modes, GROUP, ALICE, modes.J, modes.R, NOW + 1)
    await db.run(subs.set_private, GROUP, ALICE, None, NOW + 2)
    found = await db.read(subs.get, GROUP, ALICE)
    assert found == Member(ALICE, modes.J, modes.R, created_ms=NOW, updated_ms=NOW + 2)


async def test_leaving_can_keep_a_grant(db: Db) -> None:
    """T14."""
    await _put(db, ALICE)
    await db.run(subs.remove, GROUP, ALICE, NOW, given=modes.NONE)
    found = await db.read(subs.record, GROUP, ALICE)
    assert found is not None
    assert found[0].given == modes.NONE


async def test_leaving_as_a_reader_forgets_nothing_that_was_hidden(db: Db) -> None:
    await topic(db, CHANNEL, ALICE, channel=True)
    await _put(db, ALICE, ids.chn_of(CHANNEL))
    await post(db, 2, CHANNEL)
    await db.run(messages.hide, CHANNEL, ALICE, [(1, 2)], del_id=1)
    await db.run(subs.remove, ids.chn_of(CHANNEL), ALICE, NOW)
    assert await seqs(db, ALICE, CHANNEL) == [2]


async def test_ownership_moves_with_the_modes_of_all_concerned(db: Db) -> None:
    """T13."""
    await account(db, ALICE)
    await account(db, BOB)
    await topic(db, GROUP, ALICE, BOB, owner=ALICE)
    old, new = Member(ALICE, modes.PUBLIC, modes.PUBLIC), Member(BOB, modes.FULL, modes.FULL)
    await db.run(subs.transfer, GROUP, new, [old], NOW + 1)
    state = await db.read(topics.load, GROUP)
    assert state is not None
    assert state.owner == BOB
    assert {m.uid: m.given for m in state.members.values()} == {ALICE: MODE, BOB: modes.FULL}


async def test_counts_are_those_of_live_subscriptions(db: Db) -> None:
    """D-21: a stored counter drifts."""
    for uid in (ALICE, BOB, CAROL):
        await _put(db, uid)
    await _put(db, ALICE, CHANNEL)
    await _put(db, BOB, ids.chn_of(CHANNEL))
    await _put(db, CAROL, ids.chn_of(CHANNEL))
    await db.run(subs.remove, GROUP, CAROL, NOW)
    assert await db.read(subs.count, GROUP) == 2
    assert await db.read(subs.count, "grpNone") == 0
    sizes = await db.read(subs.group_sizes, {GROUP: False, CHANNEL: True, "grpNone": True})
    assert sizes == {GROUP: 2, CHANNEL: 3, "grpNone": 0}
    assert await db.read(subs.group_sizes, {CHANNEL: False}) == {CHANNEL: 1}
    assert await db.read(subs.counts, [f"grp{n}" for n in range(40_000)]) == {}


async def test_contacts_are_live_subscriptions(db: Db) -> None:
    await _put(db, ALICE)
    await _put(db, ALICE, CHANNEL)
    await _put(db, BOB)
    await db.run(subs.remove, CHANNEL, ALICE, NOW)
    assert await db.read(subs.contacts, ALICE) == [(GROUP, modes.FULL, MODE)]


@pytest.mark.parametrize("number", [1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
async def test_every_user_id_can_be_stored(db: Db, number: int) -> None:
    uid = ids.uid_text(number)
    await _put(db, uid)
    assert [m.uid for m in await db.read(subs.live, GROUP)] == [uid]


@pytest.mark.parametrize("hard", [False, True])
async def test_nobody_joins_a_topic_that_is_no_more(db: Db, hard: bool) -> None:
    """The row stayed for ever where the topic was erased for good, and nothing led to it."""
    await topic(db, GROUP, ALICE)
    channel = ids.chn_of(GROUP)
    for uid in (BOB, CAROL):
        await account(db, uid)
    await _put(db, BOB, channel)
    assert await db.run(subs.join, channel, Member(CAROL, MODE, MODE), NOW) is False
    assert await db.run(subs.join, GROUP, Member(BOB, MODE, MODE), NOW) is True
    await db.run(topics.delete, GROUP, hard=hard, now_ms=NOW)
    for name in (GROUP, channel):
        for uid in (BOB, CAROL):
            assert await db.run(subs.join, name, Member(uid, MODE, MODE), NOW) is None
            assert await db.read(subs.get, name, uid) is None


@pytest.mark.parametrize("hard", [False, True])
async def test_what_has_ended_is_not_revised(db: Db, hard: bool) -> None:
    await topic(db, GROUP, ALICE, BOB, owner=ALICE)
    await db.run(topics.delete, GROUP, hard=hard, now_ms=NOW)
    changed = Member(BOB, modes.READER, MODE, private=b"1")
    for modes_too in (False, True):
        done = await db.run(subs.revise, GROUP, changed, NOW, modes=modes_too, private=True)
        assert not done
    assert await db.run(subs.transfer, GROUP, changed, [Member(ALICE, 0, 0)], NOW + 1) is False
    found = await db.read(subs.record, GROUP, BOB)
    assert found is None or (found[0].want, found[0].private) == (modes.FULL, b'"p"')


@pytest.mark.parametrize("hard", [False, True])
async def test_nobody_joins_whose_account_is_no_more(db: Db, hard: bool) -> None:
    await topic(db, GROUP, ALICE)
    await account(db, BOB)
    await db.run(users.delete, BOB, hard=hard, now_ms=NOW)
    for name in (GROUP, ids.chn_of(GROUP), BOB):
        assert await db.run(subs.join, name, Member(BOB, MODE, MODE), NOW) is None
        found = await db.read(subs.record, name, BOB)
        assert found is None or found[1] is not None


async def test_me_is_joined_without_a_topic(db: Db) -> None:
    """It is made of the account."""
    await account(db, ALICE)
    assert await db.run(subs.join, ALICE, Member(ALICE, MODE, MODE), NOW) is False
    assert await db.read(subs.get, ALICE, ALICE) is not None
