"""A world: people, their devices, a network, a server that may crash, and a database that stays."""

import asyncio
import gc
import hashlib
import logging
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chinwag.core import ids, modes
from chinwag.core.state import AuthRecord, Level, State, User
from chinwag.engine import session as session_module
from chinwag.engine import topic as topic_module
from chinwag.store import devices, hooks_out, topics, unread, users
from chinwag.testing.clock import START_MS
from chinwag.testing.db import Disk
from chinwag.testing.loop import Deadlock, Endless, SimLoop
from chinwag.testing.network import Network
from sim import innards
from sim.acts import act
from sim.asks import Person
from sim.calm import Calm
from sim.device import Device
from sim.ear import HOOK, Ear
from sim.ledger import Ledger
from sim.office import Office
from sim.phones import Phones
from sim.plan import Bounds, Plan
from sim.server import Server
from sim.witness import Witness

EVENTS_MAX = 60  # of the last events, in a report
SETTLE_S = 40.0  # longer than every delay, stall and patience
MORE_S = 8.0  # and as often as somebody stands in a long queue
LOOK_S = 1.0  # between two looks into the server


class Broken(AssertionError):
    """Something did not hold; the message tells the seed, what, and what happened before."""


class World:
    """Everything that takes part in one run."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._drawn = str(plan)
        self.loop = SimLoop()
        self.disk = Disk()
        self.ledger = Ledger(self.disk)
        self.net = Network(self.loop, plan.random("network"), plan.net)
        self.witness = Witness(self)
        self.phones = Phones(self) if plan.phones else None
        self.ear = Ear(self) if plan.ear else None
        self.office = Office(self)
        self.people: list[Person] = []
        self.devices: list[Device] = []
        self.server: Server | None = None
        self.lives = 0
        self.busy = True  # devices do what they like
        self.calm = False  # whatever was under way is done
        self.over = False  # and they go home
        self.places: list[str] = []  # names of groups that people know of
        self.ended: set[str] = set()  # users whose accounts end, may have ended, or are suspended
        self.deleted = ""  # the one account that was to be deleted
        self.accepted: dict[str, tuple[str, int, int]] = {}  # content: topic, its birth, seq
        self.words = 0  # contents are numbered
        self.marks: dict[tuple[str, int, int], tuple[int, int]] = {}
        self.problems: list[str] = []
        self.events: deque[str] = deque(maxlen=EVENTS_MAX)
        self._digest = hashlib.blake2b(digest_size=8)

    # --- what is known of the run ----------------------------------------------------------

    def now_ms(self) -> int:
        """The server's time."""
        return START_MS + round(self.loop.time() * 1000)

    def note(self, who: str, what: str, way: str = "·") -> None:
        """Remember an event, unless the run is broken already."""
        if self.problems:
            return
        line = f"{self.loop.time():9.4f} {who:5} {way} {what}"
        self.events.append(line)
        self._digest.update(line.encode())

    def broken(self, what: str) -> None:
        """Note that something does not hold; the run ends at the next opportunity."""
        self.note("!", what)
        self.problems.append(what)

    def check(self) -> None:
        """Raise Broken if anything did not hold."""
        self.problems += self.loop.unheard
        if self.problems:
            lines = [f"seed {self.plan.seed}: {self.problems[0]}", self._drawn, *self.events]
            raise Broken("\n".join(lines))

    @property
    def digest(self) -> str:
        """What happened, in 16 characters."""
        return self._digest.hexdigest()

    # --- the run ---------------------------------------------------------------------------

    async def run(self) -> None:
        """Warm up, be busy among faults, calm down, check."""
        self.found()
        await self.begin()
        drivers = [self.loop.create_task(self._drive(d)) for d in self.devices]
        other = [self.loop.create_task(c) for c in (self._cuts(), self._ends(), self._look())]
        for _ in range(int(self.plan.busy_s)):
            await self.loop.pause(self.plan.busy_s / int(self.plan.busy_s))
            self.check()
        self.busy = False
        self.plan.store.quiet()
        self.plan.net.quiet()
        await self._settle()
        await asyncio.gather(*other)
        self.check()
        await self._restore()
        self.calm = True
        await Calm(self).run()
        if self.phones is not None:
            self.phones.check()
        if self.ear is not None:
            self.ear.check()
        await asyncio.gather(*drivers)
        self.check()

    async def _settle(self) -> None:
        """Wait for what is under way: behind a long queue too, as long as it becomes shorter."""
        await self.loop.pause(SETTLE_S)
        before, owed = sys.maxsize, self._owed()
        while 0 < owed < before:
            await self.loop.pause(MORE_S)
            before, owed = owed, self._owed()

    def _owed(self) -> int:
        return sum(device.owed for device in self.devices)

    async def _restore(self) -> None:
        """Whoever is suspended comes back; whoever is deleted does not."""
        assert self.server is not None
        for what in self.office.settled(self.server):
            self.broken(what)
        states = {person.uid: self.ledger.state(person.uid) for person in self.people}
        for uid in (uid for uid, state in states.items() if state is State.SUSPENDED):
            self.office.restores(uid)
            await self.devices[-1].ask("acc", user=uid, status="ok")
        self.ended = {uid for uid, state in states.items() if state is State.DELETED}
        if len(set(states.values())) > 1:
            await self.loop.pause(SETTLE_S)
        self.check()

    def found(self) -> None:
        """Make the accounts and the devices."""
        numbers = self.plan.random("people")
        tx = self.disk.tx
        topics.ensure_sys(tx, START_MS)
        for number in range(self.plan.people):
            person = Person(ids.uid_text(numbers.getrandbits(64) or 1), f"person{number}", number)
            self.people.append(person)
            tags = [f"basic:p{number}", f"basic:{person.login}", "red" if number % 2 else "green"]
            auth = modes.parse("JRWPASD")
            user = User(person.uid, START_MS, START_MS, auth=auth, public=b'{"fn":"x"}', tags=tags)
            record = AuthRecord("basic", person.login, person.uid, Level.AUTH, b"secret")
            users.create(tx, user, private=None, auth=record, now_ms=START_MS)
            if self.phones is not None:
                phone = Phones.of(person.uid)
                devices.put(tx, person.uid, phone, platform="", lang="", now_ms=START_MS)
            for letter in "ab"[: numbers.randint(1, self.plan.devices)]:
                self.devices.append(Device(self, person, f"{number}{letter}"))
        if self.plan.ear:
            hooks_out.put(tx, HOOK)
        if self.plan.office:
            self._found_office()
        tx.commit()

    def _found_office(self) -> None:
        """An administrator with two devices: one is the own one, one acts for somebody else."""
        number = len(self.people)
        uid = ids.uid_text(self.plan.random("root").getrandbits(64) or 1)
        root = Person(uid, "office", number, is_root=True)
        auth = modes.parse("JRWPASD")
        user = User(uid, START_MS, START_MS, auth=auth, public=b'{"fn":"o"}', tags=["basic:office"])
        record = AuthRecord("basic", root.login, uid, Level.ROOT, b"secret")
        users.create(self.disk.tx, user, private=None, auth=record, now_ms=START_MS)
        self.devices.append(Device(self, self.people[0], f"{number}b", root))
        self.devices.append(Device(self, root, f"{number}a"))
        self.people.append(root)

    async def begin(self) -> None:
        """Start the server, as often as needed."""
        while self.server is None:
            self.lives += 1
            server = Server(self.loop, self.plan, self.disk, self.lives, self)
            self.note("", f"server {self.lives} starts")
            if await server.start():
                self.server = server
            else:
                await server.crash()

    async def end(self, how: str) -> None:
        """End the server: `crash` or `stop`."""
        server, self.server = self.server, None
        assert server is not None
        self.note("", f"server {self.lives}: {how}")
        if how == "crash":
            await server.crash()
        elif not await server.stop():
            self.broken("something was not done when the server stopped")
        left = server.life.timers()
        if left or server.tasks.count:
            self.broken(f"a server that has ended goes on: {left}")

    # --- who takes part --------------------------------------------------------------------

    async def _drive(self, device: Device) -> None:
        while not self.over:
            if not device.online:
                if not await device.connect():
                    await self.loop.pause(0.1 + device.random.random())
                elif len(device.wanted) < 1:
                    self._introduce(device)
            elif self.busy:
                for _ in range(device.random.randint(1, self.plan.burst)):
                    act(device)
            pause_s = device.random.expovariate(1 / self.plan.pace_s)
            await self.loop.pause(pause_s if self.busy else 1.0)

    def _introduce(self, device: Device) -> None:
        """A device that comes for the first time goes where the others are."""
        if device is self.devices[0]:
            for number in range(self.plan.groups):
                name = "nch0" if self.plan.channel and not number else f"new{number}"
                device.say("sub", topic=name, set={"desc": {"defacs": {"auth": "JRWPS"}}})
        for person in self.people:
            if person is not device.person:
                device.say("sub", topic=person.uid)
        for name in self.places:
            device.say("sub", topic=name)

    async def _cuts(self) -> None:
        random = self.plan.random("cuts")
        while self.busy and self.plan.cut_s:
            await self.loop.pause(random.expovariate(1 / self.plan.cut_s))
            device = random.choice(self.devices)
            if device.link is not None and self.busy:
                self.note(device.name, "is cut off")
                device.link.cut()

    async def _ends(self) -> None:
        random = self.plan.random("ends")
        for at_s, how in self.plan.ends:
            await self.loop.pause(max(at_s - self.loop.time(), 0.0))
            await self.end(how)
            await self.loop.pause(random.random() * 2)
            await self.begin()

    async def _look(self) -> None:
        while self.busy:
            await self.loop.pause(LOOK_S)
            self.look()

    def look(self) -> None:
        """Look into the server and the tables."""
        if self.server is not None:
            for what in innards.topics(self.server, self.disk, self.witness):
                self.broken(what)
            for what in (*innards.sessions(self.server), *self.office.inside(self.server)):
                self.broken(what)
        self._look_at_totals()
        for who in self.ledger.astray():
            self.broken(f"somebody is subscribed to what is no more: {who}")
        for tag in self.ledger.borne():
            self.broken(f"a tag of who or what is no more: {tag}")
        marks = self.ledger.marks()
        for key, (read, recv) in marks.items():
            before = self.marks.get(key, (0, 0))
            if read < before[0] or recv < before[1]:
                self.broken(f"marks of {key} went back from {before} to {(read, recv)}")
        self.marks = marks

    def _look_at_totals(self) -> None:
        """The unread total of everybody is what counting again finds (D12)."""
        found = unread.totals(self.disk.tx, [person.uid for person in self.people])
        self.disk.tx.rollback()
        for uid, total in found.items():
            if total != (counted := self.ledger.unread(uid)):
                self.broken(f"{uid} has {total} unread, counted again {counted}")


class _Errors(logging.Handler):
    """What the server logs as an error is one."""

    def __init__(self, world: World) -> None:
        super().__init__(logging.ERROR)
        self._world = world
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Note it."""
        self._world.broken(self.format(record))


@contextmanager
def _bounded(bounds: Bounds) -> Iterator[None]:
    """Queues with other bounds than usual."""
    wanted: list[tuple[Any, str, int]] = [
        (topic_module, "MAILBOX_MAX", bounds.mailbox),
        (topic_module, "NEWS_MAX", bounds.news),
        (topic_module, "BATCH_MAX", bounds.batch),
        (session_module, "WAITING_MAX", bounds.waiting),
    ]
    usual = [(module, name, getattr(module, name)) for module, name, _ in wanted]
    try:
        for module, name, value in wanted:
            setattr(module, name, value)
        yield
    finally:
        for module, name, value in usual:
            setattr(module, name, value)


def simulate(plan: Plan) -> str:
    """Run the world of `plan`; its digest. Raises Broken."""
    world = World(plan)
    logger = logging.getLogger("chinwag")
    handler = _Errors(world)
    logger.addHandler(handler)
    propagate, logger.propagate = logger.propagate, False
    try:
        with _bounded(plan.bounds):
            _finish(world)
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate
        world.disk.close()
        world.loop.close()
    return world.digest


def _finish(world: World) -> None:
    main = world.loop.create_task(world.run())
    try:
        world.loop.run_until_complete(main)
        gc.collect(1)  # failures that nobody has read show when they are thrown away
        world.check()
    except (Deadlock, Endless) as stuck:
        world.broken(str(stuck))
        world.check()
    finally:
        _clear(world.loop)


def _clear(loop: SimLoop) -> None:
    """Cancel what a broken run has left."""
    while left := asyncio.all_tasks(loop):  # a session goes on with its next request
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
