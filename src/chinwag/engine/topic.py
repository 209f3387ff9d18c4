"""The topic actor: one mailbox, served in order; whatever fails, it forgets and loads again.

An actor has no task while its mailbox is empty. It is *awake* from the first attachment until
four seconds after the last one; only then does it exist for other topics.
Source: specification 02, paragraph 4; specification 03, paragraph 1.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chinwag.core.calls import Call
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.presence import Contact, InfoNews, News
from chinwag.core.repeats import Recent, Said, Shown
from chinwag.core.state import Member, TopicState
from chinwag.engine import load, me, ops
from chinwag.engine.request import Client, Request
from chinwag.engine.services import Services
from chinwag.store.db import Conflict, Unavailable
from chinwag.wire import ctrl
from chinwag.wire.messages import Note, Pub

if TYPE_CHECKING:
    from chinwag.engine.hub import Hub

log = logging.getLogger(__name__)

MAILBOX_MAX: Final = 4096  # requests; beyond it the client gets 503
NEWS_MAX: Final = 65536  # news; beyond it they are dropped, clients resynchronise by {get sub}
BATCH_MAX: Final = 256  # consecutive {pub}s that are committed together
IDLE_S: Final = 4.0  # from the last detachment to sleep
RETRY_S: Final = 1.0  # from a failure of the store to the next attempt at what nobody asks for


@dataclass(slots=True)
class Attachment:
    """How a session is attached."""

    uid: str
    reader: bool = False  # by the chn… name of a channel
    counted: bool = True  # in its member's `online`; background sessions are not
    said: Said | None = None  # the last message of this session
    active_ms: int = 0  # of `me`: when the session last did anything
    typed: dict[str, int] = field(default_factory=dict)  # when others were told of which typing


@dataclass(frozen=True, slots=True)
class Lost:
    """A session has ended."""

    client: Client


Work = Callable[["Topic", TopicState | None], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Job:
    """Something else to do in turn: called with the topic and its state."""

    name: str
    run: Work


class Sleep:
    """The idle time may be over."""


Item = Request | News | InfoNews | Lost | Job | Sleep
_UNHEARD: Final = (News, InfoNews)  # what nobody is there to hear keeps no topic awake


class Topic:
    """One topic, alive."""

    __slots__ = (
        "_mailbox",
        "_running",
        "_timer",
        "announced",
        "attached",
        "awake",
        "call",
        "call_timer",
        "contacts",
        "departed_peer",
        "hub",
        "kind",
        "loaded",
        "name",
        "newest",
        "queries",
        "recent",
        "state",
        "told",
        "ua",
        "ua_timer",
        "ua_told",
        "wary",
    )

    def __init__(self, name: str, kind: Kind, hub: "Hub") -> None:
        self.name = name
        self.kind = kind
        self.hub = hub
        self.state: TopicState | None = None
        self.loaded = False
        self.told = -1  # the newest seq that was known before the state was forgotten
        self.attached: dict[Client, Attachment] = {}
        self.awake = False
        self.announced = False  # a group's or user's `on` has been told
        self.contacts: dict[str, Contact] = {}  # of `me`
        self.queries: dict[Client, bytes] = {}  # of `fnd`: the public query of each session
        self.departed_peer: str | None = None  # p2p: who had left when the other one came back
        self.newest: Shown | None = None  # the newest message that was shown to those who attend
        self.recent: Recent | None = None  # what was published lately; None: not known yet
        self.wary = False  # a message came again under its name: they are looked up first now
        self.call: Call | None = None  # p2p: the call that goes on
        self.call_timer: asyncio.TimerHandle | None = None  # while it rings
        self.ua = ""  # of `me`: user agent last active
        self.ua_told = ""  # and last announced
        self.ua_timer: asyncio.TimerHandle | None = None
        self._mailbox: deque[Item] = deque()
        self._running = False
        self._timer: asyncio.TimerHandle | None = None

    @staticmethod
    def attachment(uid: str, *, reader: bool, counted: bool) -> Attachment:
        """How a session of `uid` is to be attached."""
        return Attachment(uid, reader, counted)

    @property
    def services(self) -> Services:
        """The ports of this server."""
        return self.hub.services

    def member(self, client: Client) -> Member | None:
        """The member record behind an attached session."""
        attachment = self.attached.get(client)
        if attachment is None or self.state is None:
            return None
        return self.state.members.get(attachment.uid)

    # --- the mailbox -----------------------------------------------------------------------

    def post(self, item: Item) -> bool:
        """Queue `item`. False: the mailbox is full (only requests and news are refused)."""
        if isinstance(item, Request):
            if len(self._mailbox) >= MAILBOX_MAX:
                return False
        elif isinstance(item, News | InfoNews) and len(self._mailbox) >= NEWS_MAX:
            return False
        self._mailbox.append(item)
        if not self._running:
            self._running = True
            self.services.tasks.spawn(f"topic {self.name}", self._drain())
        return True

    def hear(self, news: News | InfoNews) -> None:
        """Take news: at once if nothing waits and the state is known, otherwise in turn."""
        if self._running or not self.loaded:
            self.post(news)
        else:
            me.hear(self, news)

    @property
    def busy(self) -> bool:
        """Whether something is being served."""
        return self._running

    async def _drain(self) -> None:
        while self._mailbox:
            item = self._mailbox.popleft()
            match item:
                case Request():
                    await self._serve(item)
                case News() | InfoNews():
                    await self._guard(self._hear(item), None)
                case Lost():
                    await self._guard(self._lost(item.client), None)
                case Job():
                    await self._guard(self._job(item), None)
                case Sleep():
                    await self._guard(self._sleep(), None)
        self._running = False
        self._settle()

    def _settle(self) -> None:
        """Nothing waits: forget this actor, or start the idle time, if nobody is attached."""
        if self.attached or self._timer is not None:
            return
        if not self.awake:
            self.hub.forget(self)
            return
        self._timer = self.later(IDLE_S, self.post, Sleep())

    @staticmethod
    def later(delay_s: float, call: Callable[..., object], *args: object) -> asyncio.TimerHandle:
        """Call `call(*args)` after `delay_s` seconds, unless cancelled."""
        return asyncio.get_running_loop().call_later(delay_s, call, *args)

    def do(self, name: str, work: Work) -> None:
        """Let the actor do `work` in turn."""
        self.post(Job(name, work))

    def do_later(self, delay_s: float, name: str, work: Work) -> asyncio.TimerHandle:
        """Let the actor of this topic do `work` after `delay_s` seconds, unless cancelled.

        By then it may be another actor than this one.
        """
        return self.later(delay_s, lambda: self.hub.topic(self.name).do(name, work))

    def do_again(self, name: str, work: Work) -> None:
        """Let the actor of this topic do `work` a little later: the store has failed."""
        self.do_later(RETRY_S, name, work)

    async def _sleep(self) -> None:
        self._timer = None
        if self.attached or any(not isinstance(item, _UNHEARD) for item in self._mailbox):
            return
        if await self.known() is not None:
            await ops.asleep(self)
        self.awake = self.announced = False

    def woken(self) -> None:
        """A session is attached: no sleep now."""
        self.awake = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # --- serving ---------------------------------------------------------------------------

    async def ensure(self) -> TopicState | None:
        """The state, loaded if it is not known; None: there is no such topic."""
        if not self.loaded:
            unsaved = self.hub.marks.of_topic(self.name)
            state = await load.state(self.services.db, self.name, self.kind)
            load.put_in(state, unsaved)
            missed = await ops.missed(self, state) if self.attached or self.told >= 0 else []
            self.state, self.loaded = state, True
            ops.resume(self, missed)
        return self.state

    def adopt(self, state: TopicState) -> None:
        """Take the state of a topic that has just been created."""
        self.state = state
        self.loaded = True

    async def known(self) -> TopicState | None:
        """The state for those who only look at it: while the store is away, what it was before."""
        if self.state is None:
            return await self.ensure()
        if not self.services.db.away:
            with contextlib.suppress(Unavailable):
                return await self.ensure()
        return self.state

    def forget_state(self) -> None:
        """Whatever is known is wrong: load again before the next request."""
        self.doubt_state()
        self.state = None

    def doubt_state(self) -> None:
        """Whatever is known may be wrong: load again before anything is built on it."""
        if self.state is not None:
            self.told = self.state.seq
        self.loaded = False
        self.recent = self.newest = None

    async def _serve(self, request: Request) -> None:
        batch = [request]
        if isinstance(request.packet, Pub):
            batch += self._more_pubs()
        await self._guard(ops.serve(self, batch), batch)

    def _more_pubs(self) -> list[Request]:
        """The {pub}s right behind the first one in the mailbox."""
        more: list[Request] = []
        while self._mailbox and len(more) < BATCH_MAX - 1:
            item = self._mailbox[0]
            if not (isinstance(item, Request) and isinstance(item.packet, Pub)):
                break
            more.append(item)
            self._mailbox.popleft()
        return more

    async def _guard(self, work: Awaitable[None], batch: list[Request] | None) -> None:
        """Run `work`; an actor survives whatever one request does to it."""
        try:
            await work
        except Refused as refused:
            self._answer(batch, refused)
        except (Unavailable, Conflict) as error:
            log.warning("store_unavailable", extra={"topic": self.name})
            if isinstance(error, Unavailable):
                self.doubt_state()
            else:
                self.forget_state()
            self._answer(batch, Refused(ctrl.UNAVAILABLE))
        except Exception:  # boundary: an actor survives whatever one request does to it
            log.exception("topic_failed", extra={"topic": self.name})
            self.forget_state()
            self._answer(batch, Refused(ctrl.INTERNAL))

    @staticmethod
    def _answer(batch: list[Request] | None, refused: Refused) -> None:
        for request in batch or ():
            if not request.answered and not isinstance(request.packet, Note):
                request.reply(refused.reply, refused.params)

    async def _job(self, job: Job) -> None:
        try:
            state = await self.ensure()
        except Unavailable:  # nobody asks for it once more
            self.do_again(job.name, job.run)
            raise
        await job.run(self, state)

    async def _hear(self, news: News | InfoNews) -> None:
        """Take news; what was forgotten because the store failed is loaded again for it."""
        try:
            await self.known()
        finally:  # nobody tells them again, whether the store answers or not
            me.hear(self, news)

    async def _lost(self, client: Client) -> None:
        try:
            await self.known()
        finally:  # it is gone, whether the store answers or not
            await ops.lost(self, self.state, client)
