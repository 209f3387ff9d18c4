"""Subscriptions into the store and into the state of their topic."""

from chinwag.core import ids
from chinwag.store import subs
from stage import BOB, Actor, Stage, new_group


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
