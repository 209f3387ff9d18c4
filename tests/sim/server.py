"""One life of the server: the production engine between a simulated store and network."""

import asyncio
import contextlib
from typing import Protocol

from chinwag.engine.codes import Codes
from chinwag.engine.guard import Guard
from chinwag.engine.hub import Hub
from chinwag.engine.ops import call, push
from chinwag.engine.services import Services
from chinwag.engine.session import Session
from chinwag.engine.sessions import Sessions
from chinwag.engine.tasks import Tasks
from chinwag.engine.tokens import Tokens
from chinwag.plugins.auth_basic import BasicAuth
from chinwag.plugins.auth_token import TokenAuth
from chinwag.ports import Peer, PushSink
from chinwag.ports_webhooks import Teller
from chinwag.store.db import StoreError
from chinwag.testing.clock import PlainPasswords, SimClock, SimEntropy
from chinwag.testing.db import Disk, SimDb
from chinwag.testing.loop import Life, SimLoop
from chinwag.testing.network import Link
from chinwag.testing.outbox import MemoryOutbox
from sim.plan import Plan

KEY = b"sim-sim-sim-sim-sim-sim-sim-sim-"
GOODBYE_S = 0.1  # for the last frames
GUESSES_MAX = 1000  # who does not know whether a new password was stored tries one after the other
DRAIN_S = 60.0  # virtual seconds cost nothing; what is not done by then will never be


class Outside(Protocol):
    """Who is told by the server, in all its lives."""

    @property
    def phones(self) -> PushSink | None:
        """What carries pushes."""
        ...

    @property
    def ear(self) -> Teller | None:
        """What tells programs."""
        ...


class Server:
    """One life of the server."""

    def __init__(
        self, loop: SimLoop, plan: Plan, disk: Disk, number: int, outside: Outside
    ) -> None:
        self._loop = loop
        self.life = Life(loop)
        self.tasks = Tasks()
        clock = SimClock(loop)
        self.db = SimDb(loop, disk, plan.random(f"store {number}"), plan.store)
        self.db.queue_max = plan.bounds.writes
        self.tokens = Tokens(KEY, 1, plan.limits.token_life_s, clock)
        entropy = SimEntropy(f"{plan.seed}/entropy {number}")
        self.services = Services(
            db=self.db,
            clock=clock,
            entropy=entropy,
            codes=Codes(self.db, clock, entropy, KEY),
            tasks=self.tasks,
            limits=plan.limits,
            tokens=self.tokens,
            authenticators={
                "basic": BasicAuth(self.db, PlainPasswords(), clock),
                "token": TokenAuth(self.tokens.read, self.db),
            },
            sinks={} if outside.phones is None else {"phones": outside.phones},
            teller=outside.ear,
            guard=Guard(guesses_max=GUESSES_MAX),
        )
        self.hub = Hub(self.services)
        self.sessions = Sessions(plan.rates)
        self.links: list[Link] = []
        self.draining = False

    async def start(self) -> bool:
        """Do what a server does before it listens; False: the store did not let it."""
        started: list[bool] = []

        async def work() -> None:
            with contextlib.suppress(StoreError):
                await call.settle_all(self.hub)
                await push.make_up(self.hub)
                await self.hub.feeds.open()
                started.append(True)

        await asyncio.wait([self.life.run(self.tasks.spawn, "start", work())])
        return bool(started)

    def accept(self, outbox: MemoryOutbox) -> Session | None:
        """The session of a new connection; None: the server goes down."""
        if self.draining:
            return None
        session = Session(outbox, Peer("127.0.0.1", "websocket"), self.hub, self.sessions)
        self.sessions.open(session)
        return session

    async def crash(self) -> None:
        """Lose whatever is not stored, without another word."""
        self.draining = True
        await self._end()

    async def stop(self) -> bool:
        """Go down in order; False: something was not done in time."""
        self.draining = True
        self.hub.stopping = True
        self.hub.pushes.stop()
        self.hub.feeds.stop()
        drained = await self.tasks.drain(DRAIN_S)
        self.life.run(self.sessions.shut_down)
        await self._loop.pause(GOODBYE_S)
        drained = await self.tasks.drain(DRAIN_S) and drained
        await self._end()
        await self.db.close()
        return drained

    async def _end(self) -> None:
        for link in self.links:
            link.crash()
        for session in list(self.sessions._all):
            session.closed = True
        while self.tasks.count:
            await self.tasks.cancel()
        self.life.end()
