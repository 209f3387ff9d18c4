"""After the faults: everybody is served, catches up, and leaves; then nothing is left."""

from typing import TYPE_CHECKING

from chinwag.core import ids
from chinwag.core.modes import J, P, R, W
from sim.device import Device
from sim.server import Server

if TYPE_CHECKING:
    from sim.world import World

QUIET_S = 2.0  # for everything under way to arrive
ASLEEP_S = 30.0  # after it the last topic sleeps
PAGE = 20


class Calm:
    """The checks of a world without faults."""

    def __init__(self, world: "World") -> None:
        self.world = world
        assert world.server is not None
        self.server: Server = world.server

    async def run(self) -> None:
        """Check everything; what does not hold is noted in the world."""
        world = self.world
        for device in world.devices:
            if device.person.uid in world.ended:
                continue  # it tries to log in for ever
            if not device.online:
                world.broken(f"{device.name} cannot connect")
            device.check_answers()
        world.look()
        world.check()
        for device in world.devices:
            if device.person.uid not in world.ended:
                await self._catch_up(device)
        await self._talk()
        world.look()
        world.check()
        await self._part()
        self._stored()

    # --- everybody knows what there is -----------------------------------------------------

    async def _catch_up(self, device: Device) -> None:
        """Attach to everything and fetch everything."""
        uid = device.person.uid
        for name in self._topics(uid):
            view = ids.view(ids.grp_of(name) if name[:3] == "chn" else name, uid, name[:3] == "chn")
            await device.ask("sub", topic=view)
            sub = self.world.ledger.sub(name, uid)
            if sub is not None and sub.eff & R and sub.eff & J:
                await self._fetch(device, view, ids.grp_of(name) if name[:3] == "chn" else name)
        self.world.check()

    def _topics(self, uid: str) -> list[str]:
        """Names, as stored, of subscriptions with which `uid` may attach and talk."""
        ledger = self.world.ledger
        own = [ids.slf_name(uid)]
        names = [n for n in ledger.topics() if n[:3] in ("grp", "p2p") or n in own]
        names += [ids.chn_of(n) for n in names if n[:3] == "grp"]
        return [n for n in names if (sub := ledger.sub(n, uid)) and sub.eff & J]

    async def _fetch(self, device: Device, view: str, name: str) -> None:
        """Fetch history page by page: it is all that is stored and visible, and nothing else."""
        stay = device.stays.get(view)
        if stay is None or not stay.attached:
            self.world.broken(f"{device.name} cannot attach to {view}")
            return
        stay.pages.clear()
        before = 0
        while True:
            had = len(stay.pages)
            await device.ask("get", topic=view, what="data", data={"before": before, "limit": PAGE})
            if len(stay.pages) == had:
                break
            before = min(stay.pages)
            if before == 1:
                break
        visible = self.world.ledger.visible(name, device.person.uid)
        if sorted(stay.pages) != visible:
            self.world.broken(f"{device.name} sees {sorted(stay.pages)} of {view}, not {visible}")

    # --- everybody is heard ----------------------------------------------------------------

    async def _talk(self) -> None:
        """One message in every topic by everybody who may write: who may read hears it."""
        for device in self.world.devices:
            for view, stay in list(device.stays.items()):
                if stay.attached and view[:3] in ("usr", "grp", "slf"):
                    await self._say(device, view)
        self.world.check()

    async def _say(self, device: Device, view: str) -> None:
        world, uid = self.world, device.person.uid
        name = ids.route(view, uid)
        sub = world.ledger.sub(name, uid)
        if sub is None or not sub.eff & W or not world.ledger.exists(name):
            return
        world.words += 1
        answer = await device.ask("pub", topic=view, content=f"{device.name} at last {world.words}")
        if answer is None or answer["ctrl"]["code"] != 202:
            world.broken(f"{device.name} cannot write to {view}: {answer}")
            return
        await self.world.loop.pause(QUIET_S)
        seq = answer["ctrl"]["params"]["seq"]
        for other in world.devices:
            self._hears(other, name, seq)
            self._learns(other, name, seq)

    def _hears(self, other: Device, name: str, seq: int) -> None:
        uid = other.person.uid
        for view, stay in other.stays.items():
            if not stay.attached or view in ("me", "fnd") or ids.route(view, uid) != name:
                continue
            sub = self.world.ledger.sub(ids.chn_of(name) if view[:3] == "chn" else name, uid)
            if sub is not None and sub.eff & R and stay.newest != seq:
                self.world.broken(f"{other.name} did not hear {seq} of {view}")

    def _learns(self, other: Device, name: str, seq: int) -> None:
        """Who is not attached learns on `me` that there is a message."""
        uid, me = other.person.uid, other.stays.get("me")
        view = self._view(name, uid)
        sub, own = self.world.ledger.sub(name, uid), self.world.ledger.sub(uid, uid)
        if view in other.stays or me is None or not me.attached or sub is None or own is None:
            return
        if sub.eff & (P | R) == P | R and own.eff & P and other.news.get(view) != seq:
            self.world.broken(f"{other.name} did not learn of {seq} in {view}")

    @staticmethod
    def _view(name: str, uid: str) -> str:
        pair = ids.p2p_pair(name)
        return name if pair is not None and uid not in pair else ids.view(name, uid)

    # --- everybody leaves ------------------------------------------------------------------

    async def _part(self) -> None:
        world, server = self.world, self.server
        world.over = True  # nobody comes back
        for device in world.devices:
            if device.person.uid not in world.ended:
                device.check_answers()
            device.close()
        await self.world.loop.pause(ASLEEP_S)
        if server.hub.marks._waiting:
            world.broken(f"receipts that are not stored: {server.hub.marks._waiting}")
        if server.hub.topics:
            world.broken(f"topics that do not sleep: {list(server.hub.topics)}")
        if len(server.sessions):
            world.broken("sessions are left")
        if server.tasks.count or server.life.timers():
            world.broken(f"something is left: {server.life.timers()}")
        await world.end("stop")

    # --- what is stored --------------------------------------------------------------------

    def _stored(self) -> None:
        world, ledger = self.world, self.world.ledger
        newest, stored = ledger.all_numbers(), ledger.seqs()
        for name, seq in newest.items():
            if stored.get(name, []) != list(range(1, seq + 1)):
                world.broken(f"{name} ends at {seq} but holds {stored.get(name)}")
        texts = [content for _, content in ledger.contents()]
        if len(texts) != len(set(texts)):
            world.broken(f"stored twice: {sorted(t for t in texts if texts.count(t) > 1)}")
        for content, (name, born, seq) in world.accepted.items():
            if ledger.born(name) == born and ledger.message(name, seq) is None:
                world.broken(f"{content!r} was accepted and is lost")
        if ledger.calls():
            world.broken(f"calls without end: {ledger.calls()}")
        if ledger.busy:
            world.broken("a transaction is open")
