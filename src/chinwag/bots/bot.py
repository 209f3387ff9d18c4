"""The bot: its line, its topics, its handlers."""

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from chinwag import loop
from chinwag.bots import events, turn
from chinwag.bots.address import Address
from chinwag.bots.credentials import Credentials
from chinwag.bots.errors import BotError, Lost, Refusal
from chinwag.bots.events import HANDLERS, Event, kind_of_change, kind_of_message
from chinwag.bots.files import Files
from chinwag.bots.inbox import Inbox
from chinwag.bots.invitations import Invitation, Policy, allowed, everybody
from chinwag.bots.jobs import J, Jobs, daily, every
from chinwag.bots.line import Line
from chinwag.bots.messages import Message, Topic, kind_of
from chinwag.bots.packets import Ctrl, Data, Entry, Meta, News, Pres
from chinwag.bots.router import Router
from chinwag.bots.speaker import Speaker
from chinwag.bots.state import State, key_of
from chinwag.bots.storage import KNOWN, MARKS, SELF, STATES, Change, MemoryStorage, Storage
from chinwag.bots.turn import Turn
from chinwag.core.throttle import Throttle

FAILURES_MAX: Final = 16  # that are remembered, for those who test or watch
PACE_S: Final = 0.25  # how often it is looked whether a loop has slowed down
SERVER: Final = "http://127.0.0.1:6060"

log = logging.getLogger("chinwag.bots")


@dataclass(frozen=True, slots=True)
class Options:
    """What is seldom changed."""

    names: frozenset[str] = frozenset()  # what the bot is called in mentions and commands
    answer_bots: bool = False  # whether it serves what programs say
    answers_max: int | None = 60  # at once to one sender in one topic; then one each second
    invitations: Policy = everybody
    owner: str = ""  # user id of whom to tell that a handler has failed
    provide: dict[str, Any] = field(default_factory=dict)  # what handlers may ask for by name


class Bot(Router):
    """A bot; it is the router of everything that happens to it."""

    def __init__(
        self,
        server: str | Address = SERVER,
        *,
        login: str | None = None,
        token: str | None = None,
        storage: Storage | None = None,
        options: Options | None = None,
    ) -> None:
        super().__init__()
        self.options = options or Options()
        self.storage = storage or MemoryStorage()
        self.names = set(self.options.names)
        self.ready = asyncio.Event()
        self.failures: deque[tuple[str, Exception]] = deque(maxlen=FAILURES_MAX)
        self.now_ms: Callable[[], int] = lambda: time.monotonic_ns() // 1_000_000
        self._given = (login, token)
        address = server if isinstance(server, Address) else Address.parse(server)
        self.line = Line(address, None, self)
        self.speaker = Speaker(self.line, self._spoken)
        self.files = Files(self.line)
        self.jobs = Jobs(self, _now)
        self._inboxes: dict[str, Inbox] = {}
        self._group: asyncio.TaskGroup | None = None
        answers = self.options.answers_max
        self._guard = Throttle(answers, 1000) if answers else None

    @property
    def uid(self) -> str:
        """The user id of the bot; empty before the first log-in."""
        return self.line.uid

    def move(self, address: Address, credentials: Credentials) -> None:
        """Serve on another server than the one that was given, before `serve`."""
        self.line.address, self.line.credentials = address, credentials

    def topic(self, name: str) -> Topic:
        """The topic of that name: a group, or a person's user id."""
        return Topic(self, name)

    async def new_group(self, title: str, *members: str) -> Topic:
        """A new group with `members`, which the bot owns. Raises Refusal, Lost."""
        public = {"desc": {"public": {"fn": title}}}
        made = await self.line.ask("sub", topic="new1", set=public)
        group = self.topic(made.topic)
        await self.storage.commit([Change(KNOWN, group.name, b"1")])
        self.speaker.attached(group.name)
        for uid in members:
            await group.invite(uid)
        return group

    # --- jobs -------------------------------------------------------------------------------

    def every(self, **period: float) -> Callable[[J], J]:
        """Do the job below each `seconds=`, `minutes=`, `hours=` or `days=`."""
        return self.jobs.repeat(every(timedelta(**period)))

    def daily(self, at: str, zone: str = "UTC") -> Callable[[J], J]:
        """Do the job below when it is `at`, such as 09:30, in a time zone. Raises CannotRun."""
        return self.jobs.repeat(daily(at, zone))

    def background(self, job: J) -> J:
        """Have a job run all the time; if it fails it is begun again."""
        return self.jobs.keep(job)

    def job(self, name: str) -> Callable[[J], J]:
        """What `later(name, …)` does."""
        return self.jobs.name(name)

    async def later(self, name: str, when: timedelta | datetime, **values: Any) -> str:
        """Do the job `name` after a time or at a time, with `values`; a key for `cancel`.

        It is kept in the storage; the values are JSON. Raises CannotRun.
        """
        at = self.jobs.now() + when if isinstance(when, timedelta) else when
        return await self.jobs.later(name, int(at.timestamp() * 1000), values)

    async def cancel(self, key: str) -> None:
        """Do not do what `later` has planned."""
        await self.jobs.cancel(key)

    def words(self) -> dict[str, Any]:
        """What jobs get, by the names of their parameters."""
        return {**self.options.provide, "bot": self, "log": logging.getLogger(HANDLERS)}

    async def failed(self, handler: str, where: dict[str, str], error: Exception) -> None:
        """Note that a handler or a job has failed, and tell the owner."""
        self.failures.append((handler, error))
        unexpected = not isinstance(error, BotError)
        fields = {"handler": handler, **where, "why": str(error)}
        log.error("bot_handler_failed", extra=fields, exc_info=error if unexpected else None)
        if self.options.owner:
            place = f" in {where['topic']}" if "topic" in where else ""
            text = f"{handler} failed{place}: {type(error).__name__}: {error}"
            try:
                await self.topic(self.options.owner).send(text)
            except Refusal as refusal:
                log.warning("bot_owner_not_told", extra={"why": str(refusal)})

    def run(self) -> None:
        """Serve until Ctrl-C. Raises CannotRun."""
        loop.run(self.serve())

    async def serve(self) -> None:
        """Serve until cancelled. Raises CannotRun."""
        if self.line.credentials is None:
            self.line.credentials = Credentials.choose(*self._given)
        await self.storage.open()
        try:
            kept = await self.storage.load(SELF, self._token_key)
            self.line.token = kept.decode() if kept else ""
            async with asyncio.TaskGroup() as group:
                self._group = group
                group.create_task(self.line.run(), name="line")
                for name, work in self.jobs.works():
                    group.create_task(self._when_ready(work), name=name)
        except* BotError as failed:
            raise failed.exceptions[0] from None
        finally:
            self._group = None
            self._inboxes.clear()
            self.ready.clear()
            await self.storage.close()

    async def _when_ready(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await self.ready.wait()
        await work()

    @property
    def _token_key(self) -> str:
        """Under which the token is kept that the server gave for the bot's credentials."""
        assert self.line.credentials is not None
        return f"token {self.line.credentials.fingerprint}"

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Have `work` done beside everything else; if it fails, the bot ends."""
        if self._group is None:
            work.close()
        else:
            self._group.create_task(work, name=name)

    # --- what the line says -----------------------------------------------------------------

    async def connected(self) -> None:
        """Take up every topic where it was left."""
        self.speaker.detach()
        if self.line.token:
            await self.storage.commit([Change(SELF, self._token_key, self.line.token.encode())])
        await self.speaker.attach("me")
        desc = await self.line.ask("get", topic="me", what="desc")
        if isinstance(desc, Meta) and desc.desc is not None and isinstance(desc.desc.public, dict):
            self.names |= {str(desc.desc.public.get("fn", ""))} - {""}
        listed = await self.line.ask("get", topic="me", what="sub")
        for entry in (listed.sub or []) if isinstance(listed, Meta) else []:
            await self._take_up(entry)
        self.ready.set()

    async def _take_up(self, entry: Entry) -> None:
        if not entry.topic or entry.deleted:
            return
        if not entry.read and await self.storage.load(KNOWN, entry.topic) is None:
            invitation = Invitation(self.topic(entry.topic), "")
            if kind_of(entry.topic) == "p2p":
                invitation = invitation._replace(by=entry.topic)
            self.inbox(entry.topic).tell(lambda: self._judge(invitation))
        elif entry.topic.startswith("grp"):
            try:
                await self.speaker.attach(entry.topic)
            except Refusal as refusal:
                log.warning("bot_topic_closed", extra={"topic": entry.topic, "why": str(refusal)})
                return
        inbox = self.inbox(entry.topic)
        if entry.read or kind_of(entry.topic) == "p2p":
            await inbox.begin(entry.read)
        inbox.announce(entry.seq)

    def inbox(self, topic: str) -> Inbox:
        """What comes in `topic`."""
        if topic not in self._inboxes:
            self._inboxes[topic] = Inbox(topic, self)
        return self._inboxes[topic]

    def hear(self, news: News) -> None:
        """Take news of the server."""
        match news:
            case Data():
                self.inbox(news.topic).hear(news)
            case Pres(topic="me", what="msg"):
                self.speaker.detach(news.src)  # else the message itself would have come
                self.inbox(news.src).announce(news.seq)
            case Pres(topic="me", what="acs"):
                self._invited(news)
            case Pres(what="acs") if news.dacs is not None:
                self._came_or_went(news)
            case Ctrl(code=205) if news.topic:
                self.speaker.detach(news.topic)

    def _came_or_went(self, news: Pres) -> None:
        """Serve somebody who joins or leaves a group."""
        kind = kind_of_change(news.dacs)
        who = news.tgt or news.src
        if kind is not None and who != self.uid:
            self._tell(kind, news.topic, who)

    def _invited(self, news: Pres) -> None:
        """Somebody has added the bot to a group or begins a conversation."""
        if kind_of_change(news.dacs) == events.JOINED:
            invitation = Invitation(self.topic(news.src), news.act or news.src)
            self.inbox(news.src).tell(lambda: self._judge(invitation))

    def _tell(self, kind: str, topic: str, who: str) -> None:
        """Have news of a topic served in turn with its messages."""

        async def work() -> None:
            now = Turn(secrets.token_urlsafe(12))
            await self._serve(now, await self._event(now, kind, self.topic(topic), who))
            await self._keep(now)

        self.inbox(topic).tell(work)

    async def _judge(self, invitation: Invitation) -> None:
        """Accept an invitation or refuse it, as the policy says."""
        topic = invitation.topic
        inbox = self.inbox(topic.name)
        inbox.closed = not await allowed(self.options.invitations, invitation)
        if not inbox.closed:
            await self.speaker.attach(topic.name)
            await self.storage.commit([Change(KNOWN, topic.name, b"1")])
            self._tell(events.INVITED, topic.name, invitation.by)
        else:
            log.info("bot_invitation_refused", extra={"topic": topic.name, "by": invitation.by})
            await topic.leave()

    def _spoken(self, topic: str, seq: int) -> None:
        self.inbox(topic).spoken(seq)

    # --- serving ----------------------------------------------------------------------------

    async def handle(self, data: Data) -> None:
        """Serve a message and keep that it is handled. Raises Lost: it is not."""
        message = Message(Topic(self, data.topic), data)
        if data.sender == self.uid or (message.is_automatic and not self.options.answer_bots):
            return
        await self._pace(message)
        now = Turn(f"{self.uid}:{data.topic}:{data.seq}")
        now.unread = (data.topic, data.seq)
        kind = kind_of_message(message)
        event = await self._event(now, kind, message.topic, message.sender)
        event.message = message
        await self._serve(now, event)
        await self._keep(now, Change(MARKS, data.topic, str(data.seq).encode()))

    async def _pace(self, message: Message) -> None:
        """Slow down where the same one says much: it may be a program that answers our answers."""
        if self._guard is None:
            return
        key = key_of(message.topic.name, message.sender)
        if self._guard.full(key, self.now_ms()):
            log.warning("bot_loop_guard", extra={"topic": message.topic.name, "seq": message.seq})
        while self._guard.full(key, self.now_ms()):
            await self.line.sleep(PACE_S)
        self._guard.note(key, self.now_ms())

    async def _event(self, now: Turn, kind: str, topic: Topic, who: str) -> Event:
        state = await self._state(now, key_of(topic.name, who))
        shared = await self._state(now, key_of(topic.name, ""))
        return Event(kind, self, topic, who, state, shared, provided=self.options.provide)

    async def _state(self, now: Turn, key: str) -> State:
        """What is remembered under `key`, and is kept with the turn when it changes."""
        now.states[key] = State(key, await self.storage.load(STATES, key))
        return now.states[key]

    async def _serve(self, now: Turn, event: Event) -> None:
        """Let the handler of `event` serve it, whatever comes of it. Raises Lost."""
        plan = self.route(event)
        token = turn.current.set(now)
        try:
            if plan is not None:
                await plan.run(event)
            await self.speaker.see()
        except Lost:
            now.revert()
            raise
        except Exception as error:  # noqa: BLE001 - boundary: a bot survives whatever one handler does
            now.revert()
            assert plan is not None
            where = {"topic": event.topic.name, "sender": event.sender}
            await self.failed(plan.route.handler.__name__, where, error)
        finally:
            turn.current.reset(token)

    async def _keep(self, now: Turn, *more: Change) -> None:
        """Keep what a turn has changed."""
        try:
            changes = now.changes()
        except TypeError:
            log.exception("bot_state_is_no_json")
            now.revert()
            changes = []
        await self.storage.commit([*changes, *more])
        now.done()


def _now() -> datetime:
    return datetime.fromtimestamp(time.time_ns() / 1e9, UTC)
