"""Outgoing webhooks in the store: what is still to be told."""

import pytest

from chinwag.core import ids
from chinwag.core.scope import topics as topics_of
from chinwag.core.state import TopicState
from chinwag.store import hooks_out, messages, topics
from chinwag.store.db import Db, Duplicate
from chinwag.store.hooks_out import PORTION, HookOut
from rows import ALICE, BOB, CHANNEL, GROUP, NOW, PAIR, account, draft, post, topic

HOOK = HookOut("abc", "https://ci.example/é", topics_of([]), NOW)


async def told(db: Db, hook: HookOut = HOOK, name: str = GROUP) -> list[int]:
    """The numbers of the messages that are to be told next."""
    return [m.seq for m in (await db.read(hooks_out.portion, hook, name)).messages]


async def test_what_is_put_is_there_until_it_is_removed(db: Db) -> None:
    other = HOOK._replace(id="ABC", topics=topics_of([GROUP, "p2p"]), created_ms=NOW + 1)
    for each in (other, HOOK):
        await db.run(hooks_out.put, each)
    assert await db.read(hooks_out.listed) == [HOOK, other]
    with pytest.raises(Duplicate):
        await db.run(hooks_out.put, HOOK)
    await topic(db, GROUP, ALICE)
    await db.run(hooks_out.mark, "abc", GROUP, 3, NOW)
    assert await db.run(hooks_out.remove, "abc") is True
    assert await db.run(hooks_out.remove, "abc") is False
    assert await db.read(hooks_out.listed) == [other]


async def test_trouble_is_noted(db: Db) -> None:
    await db.run(hooks_out.put, HOOK)
    await db.run(hooks_out.trouble, "abc", "no answer", 1)
    await db.run(hooks_out.trouble, "abc", "the answer was 500", 2)
    assert await db.run(hooks_out.stop, "abc", NOW + 9, "too long" * 99) is True
    (found,) = await db.read(hooks_out.listed)
    assert (found.stopped_ms, found.refused) == (NOW + 9, 3)
    assert len(found.why) == 200
    assert await db.run(hooks_out.stop, "abc", None, "") is True
    (found,) = await db.read(hooks_out.listed)
    assert (found.stopped_ms, found.why) == (None, "")
    assert await db.run(hooks_out.stop, "none", None, "") is False


async def test_what_lies_beyond_the_mark_is_to_be_told(db: Db) -> None:
    await db.run(hooks_out.put, HOOK)
    for name in (GROUP, CHANNEL):
        await topic(db, name, ALICE)
        await post(db, PORTION + 2, name)
    assert await told(db) == list(range(1, PORTION + 1))
    assert await db.read(hooks_out.behind, HOOK, 9) == [GROUP, CHANNEL]
    assert await db.read(hooks_out.behind, HOOK, 1) == [GROUP]
    for seq in (PORTION, 3):  # it does not go back
        await db.run(hooks_out.mark, "abc", GROUP, seq, NOW)
    assert await told(db) == [PORTION + 1, PORTION + 2]
    await db.run(hooks_out.mark, "abc", GROUP, PORTION + 2, NOW)
    assert await told(db) == []
    assert await db.read(hooks_out.behind, HOOK, 9) == [CHANNEL]
    other = HOOK._replace(id="other")
    assert await db.read(hooks_out.behind, other, 9) == [GROUP, CHANNEL]  # each has its own marks


async def test_what_was_said_before_or_is_erased_is_not_told(db: Db) -> None:
    await topic(db, GROUP, ALICE)
    await post(db, 6)
    hook = HOOK._replace(created_ms=NOW + 3)
    assert await told(db, hook) == [3, 4, 5, 6]
    await db.run(messages.erase, GROUP, [(4, 6)], del_id=1, younger_than_ms=None)
    assert await told(db, hook) == [3, 6]
    late = HOOK._replace(created_ms=NOW + 7)
    assert await db.read(hooks_out.portion, late, GROUP) == ([], 6, NOW)
    assert await db.read(hooks_out.behind, late, 9) == []


async def test_only_topics_that_are_asked_for_and_live(db: Db) -> None:
    for uid in (ALICE, BOB):
        await account(db, uid)
    for name in (GROUP, CHANNEL, PAIR):
        await topic(db, name, ALICE, BOB)
        await db.run(messages.append, [draft(1, name)])

    async def behind(*words: str) -> set[str]:
        return set(await db.read(hooks_out.behind, HOOK._replace(topics=topics_of([*words])), 9))

    assert await behind() == {GROUP, CHANNEL, PAIR}
    assert await behind("p2p") == await behind(ALICE) == {PAIR}
    assert await behind("grp") == {GROUP, CHANNEL}
    assert await behind(ids.chn_of(GROUP)) == {GROUP}
    await db.run(topics.delete, GROUP, hard=False, now_ms=NOW + 9)
    assert await behind("grp") == {CHANNEL}
    assert await db.read(hooks_out.portion, HOOK, GROUP) == ([], 0, 0)


async def test_a_conversation_made_anew_is_told_from_its_beginning(db: Db) -> None:
    """What was on its way into the store when the old one was erased does not count."""
    for uid in (ALICE, BOB):
        await account(db, uid)
    await topic(db, PAIR, ALICE, BOB)
    await post(db, 3, PAIR)
    await db.run(hooks_out.mark, "abc", PAIR, 2, NOW)
    await db.run(topics.delete, PAIR, hard=True, now_ms=NOW)
    anew = TopicState(PAIR, NOW + 1, NOW + 1, NOW + 1)
    await db.run(topics.create, anew)
    await post(db, 3, PAIR)
    assert await told(db, name=PAIR) == [1, 2, 3]
    await db.run(hooks_out.mark, "abc", PAIR, 2, NOW)
    assert await told(db, name=PAIR) == [1, 2, 3]
    await db.run(hooks_out.mark, "abc", PAIR, 2, NOW + 1)
    assert await told(db, name=PAIR) == [3]
