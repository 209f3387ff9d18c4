"""A program that is told of all messages by a webhook: whether it is told of each, and in order."""

import json
from typing import TYPE_CHECKING

from chinwag.core.scope import Topics
from chinwag.ports_webhooks import Fate, Telling, Told
from chinwag.store.hooks_out import HookOut
from chinwag.testing.clock import START_MS
from chinwag.wire import codec

if TYPE_CHECKING:
    from sim.world import World

HOOK = HookOut("ear", "https://ear.example/", Topics(), START_MS)


class Ear:
    """What a webhook tells, in every life of the server."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._random = world.plan.random("ear")
        self.told: set[tuple[str, int, int]] = set()  # topic, its birth, seq

    async def tell(self, telling: Telling) -> Told:
        """Take a message if the world is not too bad; what was told before may come again."""
        world = self._world
        await world.loop.pause(self._random.random() * 0.2)
        fails = world.plan.ear_fails if world.busy else 0.0
        if self._random.random() < fails:
            return Told(Fate.LATER, "away")
        body = json.loads(telling.body)
        name, seq = body["topic"], body["seq"]
        row, born = world.ledger.message(name, seq), world.ledger.born(name)
        if row is None or not born or row.erased:
            return Told(Fate.TOLD)  # it is another conversation by now, or erased on its way
        if codec.stamp(born) > body["ts"]:
            return Told(Fate.TOLD)  # as above
        if row.sender != body["from"] or json.loads(row.content or b"null") != body["content"]:
            world.broken(f"a webhook tells of {seq} in {name} what is not stored: {body}")
        for each in world.ledger.visible(name, ""):
            if each < seq and (name, born, each) not in self.told:
                world.broken(f"a webhook tells of {seq} in {name} before {each}")
        self.told.add((name, born, seq))
        if self._random.random() < fails / 4:
            return Told(Fate.LATER, "the answer was lost")
        return Told(Fate.TOLD)

    async def close(self) -> None:
        """Nothing is open."""

    def check(self) -> None:
        """It has been told of every message that is still there."""
        ledger = self._world.ledger
        for name in ledger.topics():
            born = ledger.born(name)
            for seq in ledger.visible(name, ""):
                if (name, born, seq) not in self.told:
                    self._world.broken(f"no webhook tells of {seq} in {name}")
