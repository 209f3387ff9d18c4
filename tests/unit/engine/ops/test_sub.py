"""{sub}: attach, subscribe, create."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec, TypeVar

from chinwag.core import ids
from chinwag.store.db import Db, Tx
from stage import ALICE, BOB, Actor, Stage, new_group

P = ParamSpec("P")
R = TypeVar("R")


async def ctrl(actor: Actor, **sub: Any) -> dict[str, Any]:
    """The {ctrl} that answers a {sub}."""
    answer = await actor.say(sub=sub)
    return next(m["ctrl"] for m in answer if "ctrl" in m)


async def test_alias_of_somebody_else_cannot_be_taken_by_a_new_group(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T25: aliases are unique over people and groups, at creation too; nothing is stored."""
    await alice.say(sub={"topic": "me"})
    await alice.say(set={"topic": "me", "tags": ["basic:alice", "alias:first"]})
    await new_group(bob, "new1", tags=["alias:second"])
    for taken in ("alias:first", "alias:second"):
        assert (await ctrl(bob, topic="new2", set={"tags": [taken]}))["code"] == 400
    assert (await ctrl(bob, topic="new2", set={"tags": ["alias:third"]}))["code"] == 200


async def test_own_notes_show_what_their_owner_was_granted_until_they_are_loaded_again(
    stage: Stage, alice: Actor
) -> None:
    """02 §3.2, QUIRK: default access and grant differ after a reload; nobody gains anything."""
    await alice.say(sub={"topic": "slf"})
    desc = await alice.meta("desc", topic="slf")
    assert desc["defacs"] == {"auth": "JRWDO", "anon": "N"}
    assert desc["acs"]["given"] == "JRWDO"
    stage.hub.topics[ids.slf_name(ALICE)].forget_state()
    desc = await alice.meta("desc", topic="slf")
    assert desc["defacs"] == {"auth": "N", "anon": "N"}
    assert desc["acs"] == {"want": "JRWDO", "given": "JRWPASDO", "mode": "JRWDO"}


async def test_who_has_left_and_is_banned_is_refused(alice: Actor, bob: Actor) -> None:
    """02 §5.9: found by simulation, the reply to {sub} was 200 though nobody was attached."""
    await alice.say(sub={"topic": BOB})
    await bob.say(sub={"topic": ALICE})
    await bob.say(set={"topic": ALICE, "sub": {"mode": "RWP"}})
    await alice.say(set={"topic": BOB, "sub": {"user": BOB, "mode": "RWP"}})
    assert (await ctrl(bob, topic=ALICE))["code"] == 403


# --- clients that leave meanwhile ---


class Leaving:
    """A database during whose work `leaver` closes its connection."""

    def __init__(self, db: Db) -> None:
        self._db = db
        self.leaver: Actor | None = None

    async def run(
        self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Let `leaver` go, then do the work."""
        if self.leaver is not None:
            self.leaver.closed = True
        return await self._db.run(fn, *args, **kwargs)

    async def read(
        self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Only read."""
        return await self._db.read(fn, *args, **kwargs)

    async def ping(self) -> bool:
        """Whether it answers."""
        return await self._db.ping()

    async def close(self) -> None:
        """Close it."""
        await self._db.close()


async def test_a_client_that_leaves_meanwhile_is_not_attached(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """It would have stayed attached for ever: its end was announced before its beginning."""
    group = await new_group(alice)
    leaving = Leaving(stage.db)
    stage.hub.services = replace(stage.services, db=leaving)
    leaving.leaver = bob
    await bob.say(sub={"topic": group})
    assert bob.closed
    assert bob not in stage.hub.topics[group].attached
    assert bob.attached == set()
    again = stage.actor(BOB)  # the subscription itself was stored
    assert (await again.meta("sub", topic=group))[0]["user"] == BOB
