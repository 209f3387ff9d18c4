"""Messages that come again, drawn at random and compared with a list of what was said.

DEFECT D01: clients give up after some seconds or lose the connection, and send the message again.
A seed that fails is repeated by its number.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from chinwag.core.repeats import ANEW_MS, ONCE_MS
from chinwag.store import messages
from stage import ALICE, BOB, Actor, Stage, new_group

SEEDS = 12
STEPS = 150
Key = tuple[object, ...]
MOODS = (["lost", "lost"], ["unsure"], ["unsure", "lost"], ["conflict"], ["lost"])


@dataclass
class Model:
    """What is stored, and what each session knows."""

    window_ms: int
    stored: list[tuple[Key, int, str]] = field(default_factory=list)  # key, time, author
    said: dict[Actor, tuple[Key, int]] = field(default_factory=dict)  # last, and answered
    newest: tuple[str, int] | None = None  # what everybody was shown last: author, time
    unseen: str = ""  # the author of a message that is there, and has not been shown yet

    def expected(self, actor: Actor, key: Key, now_ms: int) -> int:
        """The number that the message gets; one more than there are if it is a new one."""
        life_ms = ONCE_MS if key[0] == "once" else self.window_ms
        alive = (
            n for n, (k, at, _) in enumerate(self.stored, 1) if k == key and at + life_ms > now_ms
        )
        known = max(alive, default=0)
        if not known or self._anew(actor, key, now_ms):
            return len(self.stored) + 1
        return known

    def _anew(self, actor: Actor, key: Key, now_ms: int) -> bool:
        """A program with one id for everything answers what somebody else has just said."""
        last, at_ms = self.said.get(actor, ((), 0))
        if key[0] == "once" or last != key or self.newest is None or now_ms >= at_ms + ANEW_MS:
            return False
        return self.newest[0] != actor.uid

    def show(self, now_ms: int) -> None:
        """The topic is loaded again; what was stored unseen is shown."""
        if self.unseen:
            self.newest, self.unseen = (self.unseen, now_ms), ""

    def take(self, actor: Actor, key: Key, now_ms: int, seq: int, *, answered: bool) -> None:
        """`actor` has said it; whether it was told so."""
        if seq > len(self.stored):
            self.stored.append((key, now_ms, actor.uid))
            if answered:
                self.said[actor] = (key, now_ms)
                self.newest = (actor.uid, now_ms)
            else:
                self.unseen = actor.uid


class Play:
    """Two people with two sessions each, in one group."""

    def __init__(self, stage: Stage, random: Random) -> None:
        self.stage, self.random = stage, random
        self.model = Model(stage.services.limits.resend_window_s * 1000)
        self.group = ""
        self.actors: list[Actor] = []
        self.sent: list[tuple[str, dict[str, Any]]] = []  # by whom, and the packet
        self.serial = 0

    async def enter(self) -> None:
        """Everybody attends, on new connections."""
        self.actors = [self.stage.actor(uid) for uid in (ALICE, ALICE, BOB, BOB)]
        self.model.show(self.stage.clock.ms + 1)
        for actor in self.actors:
            assert (await actor.ask(sub={"id": "1", "topic": self.group}))[0] == 200
        self.model.said.clear()

    async def restart(self) -> None:
        """Another server on the same database."""
        now_ms = self.stage.clock.ms
        for topic in self.stage.hub.topics.values():
            topic.forget_state()  # this one is no more
        self.stage = Stage(self.stage.db, self.stage.services.limits)
        self.stage.clock.ms = now_ms
        self.model.newest, self.model.unseen = None, ""
        await self.enter()

    def fresh(self) -> dict[str, Any]:
        """Something new to say, in words that are not."""
        self.serial += 1
        packet: dict[str, Any] = {
            "id": str(self.serial),
            "content": self.random.choice(["ok", "no"]),
        }
        if self.random.random() < 0.3:
            packet["head"] = {"x-once": f"once {self.random.randrange(self.serial)}"}
        return packet

    async def step(self) -> None:
        """Somebody says something, new or once more."""
        actor = self.random.choice(self.actors)
        mine = [packet for uid, packet in self.sent[-6:] if uid == actor.uid]
        packet = self.random.choice(mine) if mine and self.random.random() < 0.6 else self.fresh()
        if "head" in packet and self.random.random() < 0.5:  # an attempt with an id of its own
            packet = {**packet, "id": f"again {self.serial}", "content": "other words"}
        self.sent.append((actor.uid, packet))
        await self.say(actor, packet)

    async def say(self, actor: Actor, packet: dict[str, Any]) -> None:
        """The answer is what the model says, whatever the store does."""
        once = (packet.get("head") or {}).get("x-once")
        key: Key = (
            ("once", actor.uid, once) if once else (actor.uid, packet["id"], packet["content"])
        )
        if self.random.random() < 0.15:
            self.stage.db.moods = list(self.random.choice(MOODS))
        moods = list(self.stage.db.moods)
        self.model.show(self.stage.clock.ms + 1)
        expected = self.model.expected(actor, key, self.stage.clock.ms + 1)
        if moods[:1] == ["conflict"] and expected > len(self.model.stored):
            self.model.newest = None  # it looks again, and does not know what was shown
            expected = self.model.expected(actor, key, self.stage.clock.ms + 1)
        new = expected > len(self.model.stored)
        code, params = await actor.ask(pub={"topic": self.group, "noecho": True, **packet})
        self.stage.db.moods = []
        now_ms = self.stage.clock.ms
        if code == 202:
            assert params == {"seq": expected}
            self.model.take(actor, key, now_ms, expected, answered=True)
            return
        assert code == 503, (code, packet)
        assert new or once, "only a name is given to the store to be known again"
        self.model.newest = None
        there = await self.stage.db.read(messages.at, self.group, expected) is not None
        assert there == (moods[0] == "unsure") or once, "a name of long ago is freed before"
        if there:  # and the client does not know
            self.model.take(actor, key, now_ms, expected, answered=False)

    async def history(self) -> list[str]:
        """The authors of all messages, oldest first."""
        found: dict[int, str] = {}
        while 1 not in found:
            query = {"limit": 100, "before": min(found, default=0)}
            heard = await self.actors[0].say(
                get={"topic": self.group, "what": "data", "data": query}
            )
            found |= {m["data"]["seq"]: m["data"]["from"] for m in heard if "data" in m}
        return [found[seq] for seq in sorted(found)]


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_nothing_is_stored_twice_and_nothing_is_swallowed(
    stage: Stage, alice: Actor, bob: Actor, seed: int
) -> None:
    random = Random(seed)
    play = Play(stage, random)
    play.group = await new_group(alice)
    await play.enter()
    for _ in range(STEPS):
        match random.random():
            case luck if luck < 0.03:
                await play.restart()
            case luck if luck < 0.06:
                await play.enter()  # connections are lost
            case luck if luck < 0.16:
                play.stage.clock.ms += random.choice([ANEW_MS, 600_000, 1_800_000, 30_000_000])
            case _:
                await play.step()
    assert await play.history() == [author for _, _, author in play.model.stored]
