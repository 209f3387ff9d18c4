"""Subscriptions into the store and into the state of their topic."""

from typing import Any

import pytest

from chinwag.core import ids
from chinwag.engine import removal
from chinwag.store import messages, search, subs, users
from chinwag.store.users import Erased
from stage import ALICE, BOB, CAROL, Actor, Stage, new_group


async def test_a_readers_note_is_stored_with_an_unchanged_mode(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """02 §5.8 B8, T22: memory and store hold the same, and the null marker clears it."""
    name = await new_group(alice, topic="nch1")
    channel = ids.chn_of(name)
    for note, kept in ((1, b"1"), ("\u2421", None), ("x", b'"x"')):
        await bob.say(sub={"topic": channel, "set": {"desc": {"private": note}}})
        stored = await stage.db.read(subs.get, channel, BOB)
        assert stored is not None
        assert stored.private == kept
        await bob.say(leave={"topic": channel})


async def test_a_reader_who_returns_is_no_new_one(stage: Stage, alice: Actor, bob: Actor) -> None:
    """T31b: the reply tells the modes, but nobody is counted twice and no device is told."""
    name = await new_group(alice, topic="nch1")
    channel = ids.chn_of(name)
    phone = stage.actor(BOB)
    await phone.say(sub={"topic": "me"})
    for count, told in ((2, 1), (2, 0)):
        code, params = await bob.ask(sub={"topic": channel})
        assert (code, params["acs"]["mode"]) == (200, "JRP")
        assert (await alice.meta("desc", topic=name))["subcnt"] == count
        assert len(phone.news()) == told
        await bob.say(leave={"topic": channel})


async def test_subscribers_are_counted_as_they_come_and_go(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T12: the creator once, invitations and departures at once."""

    async def count() -> int:
        shown: int = (await alice.meta("desc", topic=name))["subcnt"]
        return shown

    name = await new_group(alice)
    assert await count() == 1
    await alice.say(set={"topic": name, "sub": {"user": BOB}})
    assert await count() == 2
    await bob.say(sub={"topic": name})
    assert await count() == 2
    await bob.say(leave={"topic": name, "unsub": True})
    assert await count() == 1


async def tell(stage: Stage, erased: Erased) -> None:
    """Let topics hear that the account of ALICE has ended."""
    removal._tell(stage.hub, ALICE, erased)
    await stage.quiet()


@pytest.mark.parametrize("hard", [False, True])
async def test_nobody_joins_what_has_ended_with_its_owner(
    stage: Stage, alice: Actor, bob: Actor, hard: bool
) -> None:
    """A subscription was stored behind the end of an account, before the topic had heard of it.

    It stayed for ever: nothing that is there led to it any more.
    """
    group, channel = await new_group(alice), ids.chn_of(await new_group(alice, topic="nch1"))
    erased = await stage.db.run(users.delete, ALICE, hard=hard, now_ms=stage.now())
    for topic in (group, channel):
        assert await bob.ask(sub={"topic": topic}) == (404, None)
        assert await stage.db.read(subs.get, topic, BOB) is None
    await tell(stage, erased)


async def test_no_reader_becomes_a_member_of_what_has_ended(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """Nor is he told that he is a reader still."""
    name = await new_group(alice, topic="nch1", desc={"defacs": {"auth": "JRWPS"}})
    await bob.say(sub={"topic": ids.chn_of(name)})
    erased = await stage.db.run(users.delete, ALICE, hard=True, now_ms=stage.now())
    phone = stage.actor(BOB)
    assert await phone.ask(sub={"topic": name}) == (404, None)
    assert await stage.db.read(subs.get, name, BOB) is None
    await tell(stage, erased)


async def test_nobody_is_invited_to_what_has_ended_with_its_owner(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    name = await new_group(alice)
    await bob.say(sub={"topic": name})
    await alice.say(set={"topic": name, "sub": {"user": BOB, "mode": "JRWPS"}})
    erased = await stage.db.run(users.delete, ALICE, hard=True, now_ms=stage.now())
    invited = {"topic": name, "sub": {"user": CAROL}}
    assert await bob.ask(set=invited) == (404, None)
    assert await stage.db.read(subs.get, name, CAROL) is None
    await tell(stage, erased)


@pytest.mark.parametrize("hard", [False, True])
async def test_nobody_joins_or_makes_anything_as_an_account_that_is_no_more(
    stage: Stage, alice: Actor, bob: Actor, hard: bool
) -> None:
    """A root session that acts for it left what nothing led to, and what no deletion ended."""
    group, channel = await new_group(alice), ids.chn_of(await new_group(alice, topic="nch1"))
    await stage.db.run(users.delete, BOB, hard=hard, now_ms=stage.now())
    for topic in (group, channel, "slf", "new2", "nch2", ALICE):
        code, _ = await bob.ask(sub={"topic": topic})
        assert code == 404, topic
    assert await stage.db.read(subs.contacts, BOB) == []


MODE = {"sub": {"mode": "JRW"}}
OFFICE = {"sub": {"mode": "JRWPASDO"}}
GRANT = {"sub": {"user": CAROL, "mode": "JRW"}}
TAGS = {"tags": ["alias:flower"]}


@pytest.mark.parametrize("part", [MODE, OFFICE, GRANT, TAGS])
async def test_nothing_is_changed_in_what_has_ended_with_its_owner(
    stage: Stage, alice: Actor, bob: Actor, part: dict[str, Any]
) -> None:
    """It was answered with 200 and stored behind the end; an alias was never free again."""
    name = await new_group(alice)
    for uid in (BOB, CAROL):
        await stage.actor(uid).say(sub={"topic": name})
        granted = {"user": uid, "mode": "JRWPASDO" if part is OFFICE and uid == BOB else "JRWPAS"}
        await alice.say(set={"topic": name, "sub": granted})
    await bob.say(sub={"topic": name, "set": {"sub": {"mode": "JRWPAS"}}})
    erased = await stage.db.run(users.delete, ALICE, hard=False, now_ms=stage.now())
    author = alice if part is TAGS else bob
    assert await author.ask(set={"topic": name, **part}) == (404, None)
    assert await stage.db.read(search.bearer, "alias:flower") is None
    await tell(stage, erased)


@pytest.mark.parametrize("hard", [False, True])
async def test_nothing_is_deleted_in_what_has_ended_with_its_owner(
    stage: Stage, alice: Actor, bob: Actor, hard: bool
) -> None:
    """It was answered with 200 and noted behind the end, where nothing would ever clear it away."""
    name = await new_group(alice)
    await alice.say(pub={"topic": name, "content": "x"})
    await bob.say(sub={"topic": name})
    erased = await stage.db.run(users.delete, ALICE, hard=hard, now_ms=stage.now())
    wish: Any = {"del": {"topic": name, "what": "msg", "delseq": [{"low": 1}]}}
    said = await bob.say(**wish)
    assert [m["ctrl"]["code"] for m in said] == [205, 404]
    found = await stage.db.read(messages.deletions, name, BOB, since=0, before=0, limit=9)
    assert found.ranges == []
    await tell(stage, erased)


async def test_no_reader_changes_what_has_ended_with_its_owner(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    channel = ids.chn_of(await new_group(alice, topic="nch1"))
    await bob.say(sub={"topic": channel})
    erased = await stage.db.run(users.delete, ALICE, hard=False, now_ms=stage.now())
    assert await bob.ask(set={"topic": channel, "sub": {"mode": "JR"}}) == (404, None)
    await tell(stage, erased)


async def test_nobody_who_is_gone_gets_tags(stage: Stage, alice: Actor) -> None:
    """An alias that was set behind the end of an account was never free again."""
    await alice.say(sub={"topic": "me"})
    erased = await stage.db.run(users.delete, ALICE, hard=False, now_ms=stage.now())
    wanted = ["basic:alice", "alias:flower"]
    assert await alice.ask(set={"topic": "me", "tags": wanted}) == (404, None)
    assert await stage.db.read(search.bearer, "alias:flower") is None
    await tell(stage, erased)
