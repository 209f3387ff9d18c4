"""Topics and subscriptions that come over. Source: specification 05, paragraphs 5.7 and 5.8."""

from chinwag.core import modes
from chinwag.core.state import State
from chinwag.store import listing, subs, topics
from oddities import (
    ALICE,
    BOB,
    CAROL,
    CHANNEL,
    ENDED,
    EVE,
    FRANK,
    GROUP,
    NOTES,
    PAIR,
    READER,
    ROOTY,
    WIDOWED,
    XENA,
)
from removal import Imported
from tinode import pair, text_of, uid


async def test_numbers_of_a_topic_are_not_below_those_of_its_messages(imported: Imported) -> None:
    """DEFECT in 5.7: the topic said 3, and no deletions."""
    group = await imported.db.read(topics.describe, GROUP)
    assert group is not None
    assert (group.seq, group.clear, group.clear_hard) == (5, 2, 2)
    conversation = await imported.db.read(topics.describe, PAIR)
    assert conversation is not None
    assert (conversation.seq, conversation.clear, conversation.clear_hard) == (12, 4, 2)
    assert conversation.touched_ms == conversation.updated_ms


async def test_the_owner_is_who_has_the_right(imported: Imported) -> None:
    """The topic has a copy only, and here a wrong one."""
    group = await imported.db.read(topics.load, GROUP)
    assert group is not None
    assert group.owner == uid(ALICE)
    assert group.aux == b'{"pins":[1]}'
    assert group.tags == ["food"]
    assert sorted(group.members) == sorted([uid(ALICE), uid(BOB)])
    notes = await imported.db.read(topics.describe, NOTES)
    assert notes is not None
    assert notes.owner == uid(ALICE)


async def test_the_topic_for_reports_is_not_suspended(imported: Imported) -> None:
    system = await imported.db.read(topics.load, "sys")
    assert system is not None
    assert (system.state, system.seq, list(system.members)) == (State.OK, 1, [uid(ROOTY)])


async def test_a_deleted_topic_stays_deleted(imported: Imported) -> None:
    assert await imported.db.read(topics.describe, ENDED) is None


async def test_readers_of_a_channel_stand_under_its_other_name(imported: Imported) -> None:
    """A member who reads it as well is a member."""
    channel = await imported.db.read(topics.load, CHANNEL)
    assert channel is not None
    assert channel.is_channel
    assert channel.readers_count == 1
    assert sorted(channel.members) == sorted([uid(ALICE), uid(BOB)])
    assert await imported.db.read(subs.get, READER, uid(ALICE)) is None
    assert await imported.db.read(subs.get, READER, uid(FRANK)) is not None


async def test_counters_that_cannot_be_are_brought_into_bounds(imported: Imported) -> None:
    """DEFECT in 5.8: read 9, received 2, of 5 messages."""
    bob = await imported.db.read(subs.get, GROUP, uid(BOB))
    assert bob is not None
    assert (bob.read, bob.recv) == (5, 5)
    alice = await imported.db.read(subs.get, PAIR, uid(ALICE))
    assert alice is not None
    assert (alice.read, alice.recv) == (8, 11)


async def test_a_mode_that_is_not_set_is_none(imported: Imported) -> None:
    bob = await imported.db.read(subs.get, PAIR, uid(BOB))
    assert bob is not None
    assert (bob.want, bob.given, bob.private) == (modes.NONE, modes.NONE, b'{"comment":"him"}')


async def test_who_has_left_is_known(imported: Imported) -> None:
    """Clients that ask what has changed since are told so."""
    found = await imported.db.read(subs.record, GROUP, uid(CAROL))
    assert found is not None
    assert found[1] is not None


async def test_subscriptions_to_nothing_stay_behind(imported: Imported) -> None:
    for name, number in (
        ("grp" + text_of(ALICE + 77), ALICE),
        (pair(BOB, CAROL), ALICE),
        (GROUP, XENA),
        (GROUP, EVE),
    ):
        assert await imported.db.read(subs.record, name, uid(number)) is None


async def test_what_alice_sees_in_her_list(imported: Imported) -> None:
    """The conversation with somebody who is gone too."""
    contacts = await imported.db.read(
        listing.of_user, uid(ALICE), ims_ms=None, name=None, limit=100
    )
    assert {c.name for c in contacts} == {GROUP, CHANNEL, PAIR, WIDOWED, NOTES}
    assert {c.name: c.seq - c.read for c in contacts if c.read} == {GROUP: 3, PAIR: 4}
