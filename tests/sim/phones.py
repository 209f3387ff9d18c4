"""Phones of simulated people: which pushes come, and whether they are true."""

from typing import TYPE_CHECKING

import msgspec

from chinwag.core import ids
from chinwag.core.modes import P, R
from chinwag.ports import Carried, Letter
from chinwag.wire import codec
from sim.ledger import Row

if TYPE_CHECKING:
    from sim.world import World


class Phones:
    """What carries pushes, in every life of the server."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._random = world.plan.random("phones")
        self.told: set[tuple[str, str, int]] = set()  # user, topic as stored, seq

    @staticmethod
    def of(uid: str) -> str:
        """The phone of `uid`."""
        return f"phone of {uid}"

    async def send(self, letter: Letter) -> Carried:
        """Take a push if it is true, and if the world is not too bad."""
        await self._world.loop.pause(self._random.random() * 0.2)
        if self._world.busy and self._random.random() < self._world.plan.push_fails:
            return Carried(later=frozenset(target.device for target in letter.push.to))
        for target in letter.push.to:
            if problem := self._untrue(letter.push.data, target.uid, target.silent):
                self._world.broken(f"{problem}: pushed to {target.uid} {letter.push.data}")
            if target.device != self.of(target.uid):
                self._world.broken(f"{target.uid} is told on {target.device}")
        return Carried()

    async def close(self) -> None:
        """Nothing is open."""

    def _untrue(self, data: dict[str, str], uid: str, silent: bool) -> str:
        """What is wrong with a push; what is told must be stored."""
        view = data["topic"]
        name, seq = ids.route(view, uid), int(data.get("seq", 0))
        if data["what"] != "msg" or not self._world.ledger.exists(name):
            return ""
        reader = view[:3] == "chn"
        if ("xfrom" in data) == reader or view != ids.view(name, uid, reader):
            return "the wrong view"
        row = self._world.ledger.message(name, seq)
        if row is None or codec.stamp(row.ts_ms) != data["ts"]:
            return self._unknown(data, name, seq)
        self.told.add((uid, ids.chn_of(name) if reader else name, seq))
        return self._unlike(data, row, uid, silent)

    def _unknown(self, data: dict[str, str], name: str, seq: int) -> str:
        """It may have been stored in a conversation that has ended and begun anew since."""
        said = self._world.ledger.said(name, seq)
        once = {message.sender for message in said if codec.stamp(message.ts_ms) == data["ts"]}
        if not once:
            return "there is no such message"
        return "" if data.get("xfrom") in {None, *once} else "the wrong author"

    @staticmethod
    def _unlike(data: dict[str, str], row: Row, uid: str, silent: bool) -> str:
        if row.sender != data.get("xfrom", row.sender):
            return "the wrong author"
        if row.sender == uid and not silent:
            return "a sound for the author"
        said = msgspec.json.decode(row.content) if row.content else ""
        return "the wrong words" if said and data["content"] != said else ""

    def check(self) -> None:
        """Everybody's phone knows of every message that it had to know of (D13).

        After a crash it need not know of what has been read by now.
        """
        world = self._world
        for name, seq, sender, ts_ms in world.ledger.sent():
            if name[:3] not in ("grp", "p2p") or not world.ledger.exists(name):
                continue
            for person in world.people:
                uid = person.uid
                if uid in world.ended or not self._due(name, uid, ts_ms, seq):
                    continue
                if (uid, name, seq) not in self.told:
                    world.broken(f"the phone of {uid} does not know of {seq} in {name} by {sender}")

    def _due(self, name: str, uid: str, ts_ms: int, seq: int) -> bool:
        sub = self._world.ledger.sub(name, uid)
        if sub is None or sub.eff & (P | R) != P | R or sub.updated_ms >= ts_ms:
            return False
        return self._world.lives == 1 or sub.read < seq
