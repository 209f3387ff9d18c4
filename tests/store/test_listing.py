"""Subscriptions in lists: specification 04, paragraph 2.4."""

from typing import Any

from chinwag.core import ids, modes
from chinwag.core.state import Contact, Member
from chinwag.store import listing, messages, subs, topics, users
from chinwag.store.db import Db
from rows import ALICE, BOB, CAROL, CHANNEL, GROUP, NOW, PAIR, account, draft, post, topic

ALL: dict[str, Any] = {"ims_ms": None, "name": None, "limit": 100}
MEMBERS: dict[str, Any] = {"ims_ms": None, "uid": None, "limit": 100}


async def _world(db: Db) -> None:
    for uid in (ALICE, BOB, CAROL):
        await account(db, uid)
    await topic(db, GROUP, ALICE, BOB, owner=ALICE)
    await topic(db, PAIR, ALICE, BOB)
    await topic(db, CHANNEL, BOB, owner=BOB, channel=True)
    await db.run(subs.put, ids.chn_of(CHANNEL), Member(ALICE, 11, 11), NOW)


async def _contacts(db: Db, **asked: Any) -> list[Contact]:
    return await db.read(listing.of_user, ALICE, **{**ALL, **asked})


async def test_own_topics_are_not_among_the_contacts(db: Db) -> None:
    await _world(db)
    assert {c.name for c in await _contacts(db)} == {GROUP, PAIR, ids.chn_of(CHANNEL)}


async def test_a_group_is_described_with_ones_own_marks(db: Db) -> None:
    """D-10: private data were lost here."""
    await _world(db)
    await post(db, 4)
    await db.run(messages.hide, GROUP, ALICE, [(1, 2)], del_id=1)
    await db.run(messages.erase, GROUP, [(2, 3)], del_id=2, younger_than_ms=None)
    (found,) = await _contacts(db, name=GROUP)
    assert found == Contact(
        name=GROUP,
        want=modes.FULL,
        given=modes.PUBLIC,
        read=4,
        recv=4,
        clear=2,
        private=b'"p"',
        updated_ms=NOW,
        deleted_ms=None,
        touched_ms=NOW + 4,
        seq=4,
        subcnt=2,
        is_channel=False,
        public=b'{"fn":"G"}',
        trusted=None,
        seen_ms=None,
        ua="",
    )


async def test_a_conversation_shows_the_other_party(db: Db) -> None:
    await _world(db)
    await db.run(users.seen, BOB, NOW + 7, "Web/1.0")
    await db.run(users.update, BOB, {"public": b'{"fn":"Bob"}', "updated_ms": NOW + 3})
    (found,) = await _contacts(db, name=PAIR)
    assert (found.public, found.seen_ms, found.ua) == (b'{"fn":"Bob"}', NOW + 7, "Web/1.0")
    assert (found.updated_ms, found.subcnt) == (NOW + 3, 0)


async def test_a_reader_sees_the_channel_with_all_its_subscribers(db: Db) -> None:
    await _world(db)
    await db.run(messages.append, [draft(1, CHANNEL, BOB)])
    (found,) = await _contacts(db, name=ids.chn_of(CHANNEL))
    assert (found.name, found.is_channel, found.subcnt, found.seq) == (
        ids.chn_of(CHANNEL),
        True,
        2,
        1,
    )


async def test_without_a_time_the_list_is_cut_after_the_most_recent(db: Db) -> None:
    """T24, D-19."""
    await _world(db)
    for number in range(20):
        name = ids.grp_name(100 + number)
        await topic(db, name, ALICE)
        await db.run(topics.update, name, {"touched_ms": NOW + 100 + number})
    found = await _contacts(db, limit=3)
    assert [c.touched_ms for c in found] == [NOW + 119, NOW + 118, NOW + 117]


async def test_with_a_time_changes_come_oldest_first_with_what_was_given_up(db: Db) -> None:
    await _world(db)
    await db.run(topics.update, GROUP, {"touched_ms": NOW + 30})
    await db.run(subs.remove, PAIR, ALICE, NOW + 20)
    found = await _contacts(db, ims_ms=NOW)
    assert [(c.name, c.deleted_ms) for c in found] == [(PAIR, NOW + 20), (GROUP, None)]
    assert [c.name for c in await _contacts(db, ims_ms=NOW, limit=1)] == [PAIR]
    assert await _contacts(db, ims_ms=NOW + 30) == []
    assert PAIR not in {c.name for c in await _contacts(db)}


async def test_what_was_deleted_by_its_owner_is_not_a_live_contact(db: Db) -> None:
    await _world(db)
    await db.run(topics.delete, GROUP, hard=False, now_ms=NOW + 5)
    assert GROUP not in {c.name for c in await _contacts(db)}
    (gone,) = await _contacts(db, ims_ms=NOW)
    assert (gone.name, gone.deleted_ms, gone.subcnt) == (GROUP, NOW + 5, 0)


# --- of one topic ---------------------------------------------------------------------------


async def test_members_are_listed_with_their_profiles_and_readers_are_not(db: Db) -> None:
    await _world(db)
    await db.run(users.update, BOB, {"trusted": b"{}", "updated_ms": NOW + 3})
    found = await db.read(listing.of_topic, GROUP, **MEMBERS)
    assert {s.uid: (s.public, s.trusted, s.profile_ms) for s in found} == {
        ALICE: (b'{"fn":"A"}', None, NOW),
        BOB: (b'{"fn":"A"}', b"{}", NOW + 3),
    }
    assert [s.uid for s in await db.read(listing.of_topic, CHANNEL, **MEMBERS)] == [BOB]


async def test_one_member_can_be_asked_for_and_the_list_be_cut(db: Db) -> None:
    await _world(db)
    one = await db.read(listing.of_topic, GROUP, **{**MEMBERS, "uid": BOB})
    assert [s.uid for s in one] == [BOB]
    assert len(await db.read(listing.of_topic, GROUP, **{**MEMBERS, "limit": 1})) == 1


async def test_those_who_left_are_listed_to_whoever_gives_a_time(db: Db) -> None:
    await _world(db)
    await db.run(subs.remove, GROUP, BOB, NOW + 5)
    assert [s.uid for s in await db.read(listing.of_topic, GROUP, **MEMBERS)] == [ALICE]
    since = await db.read(listing.of_topic, GROUP, **{**MEMBERS, "ims_ms": NOW})
    assert {s.uid: s.deleted_ms for s in since} == {ALICE: None, BOB: NOW + 5}
    later = await db.read(listing.of_topic, GROUP, **{**MEMBERS, "ims_ms": NOW + 5})
    assert [s.uid for s in later] == [ALICE]


async def test_deleted_accounts_are_not_listed(db: Db) -> None:
    await _world(db)
    await db.run(users.update, BOB, {"state": 20})
    assert [s.uid for s in await db.read(listing.of_topic, GROUP, **MEMBERS)] == [ALICE]
