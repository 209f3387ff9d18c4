"""Outgoing webhooks: programs are told of messages, in the order of each topic, at least once.

The messages in the store are the queue: a feed remembers which topics have something to tell, and
the store up to where it has been told. Nothing is lost by a crash, no topic waits for a program,
and one program does not wait for another. What fails is tried again, later each time.
"""

import asyncio
import hmac
import logging
from collections.abc import Iterable
from typing import Final

from msgspec import Raw

from chinwag.core import drafty
from chinwag.core.backoff import pause_s
from chinwag.core.drafty import BadDrafty
from chinwag.core.state import Message
from chinwag.engine.services import Services
from chinwag.ports_webhooks import Fate, Telling, Told
from chinwag.store import hooks_out
from chinwag.store.db import StoreError
from chinwag.store.hooks_out import HookOut
from chinwag.wire import codec

log = logging.getLogger(__name__)

FLYING_MAX: Final = 4  # topics of which one program is told at the same time
TOPICS_MAX: Final = 10_000  # topics that are remembered; others are looked up when these are told
STORE_S: Final = 1.0  # while the store does not answer
LONG: Final = 4096  # bytes of a message that is not looked into on the loop
WORDS_MAX: Final = 16_000  # code points of a message in plain words
_HOUR_MS: Final = 3_600_000


def secret_of(services: Services, id: str) -> str:
    """With which what goes to the webhook `id` is signed. It is nowhere kept."""
    key = hmac.digest(services.tokens.key, f"hook {id}".encode(), "sha256")
    return "whsec_" + key.hex()


def event(hook: str, topic: str, message: Message) -> bytes:
    """What a program is told of a message."""
    said: dict[str, object] = {
        "id": f"{hook}.{topic}.{message.seq}",
        "event": "message",
        "topic": topic,
        "seq": message.seq,
        "from": message.sender,
        "ts": codec.stamp(message.ts_ms),
        "text": _words(message.content),
        "content": Raw(message.content or b"null"),
    }
    if message.head is not None:
        said["head"] = Raw(message.head)
    return codec.encode_value(said)


def _words(content: bytes | None) -> str:
    try:
        return drafty.words(drafty.parse(content), WORDS_MAX)
    except BadDrafty:
        return ""


class Feed:
    """What one program is told."""

    def __init__(self, services: Services, hook: HookOut, give_up_h: int) -> None:
        self._services = services
        self._give_up_ms = give_up_h * _HOUR_MS
        self.hook = hook
        self.stopped = False
        self._waiting: dict[str, None] = {}  # topics with something to tell, in their order
        self._flying: dict[str, bool] = {}  # topics that are told; whether there is more by now
        self._pausing: dict[str, asyncio.TimerHandle] = {}
        self._tries: dict[str, int] = {}  # failures of a topic in a row
        self._more = False  # topics that were too many to remember
        self._failing_ms: int | None = None  # since when nothing has been told

    def stop(self) -> None:
        """Begin nothing new."""
        self.stopped = True
        for timer in self._pausing.values():
            timer.cancel()
        self._pausing.clear()
        self._waiting.clear()

    def note(self, topics: Iterable[str]) -> None:
        """There may be something to tell of these topics; never waits."""
        for topic in topics:
            if topic in self._flying:
                self._flying[topic] = True
            elif len(self._waiting) + len(self._pausing) >= TOPICS_MAX:
                self._more = True
            elif topic not in self._pausing:
                self._waiting[topic] = None
        self._go()

    def _go(self) -> None:
        tasks = self._services.tasks
        while self._waiting and len(self._flying) < FLYING_MAX and not self.stopped:
            topic = next(iter(self._waiting))
            del self._waiting[topic]
            self._flying[topic] = False
            tasks.spawn(f"hook {self.hook.id}", self._fly(topic))
        if self._more and not (self._waiting or self._pausing or self._flying or self.stopped):
            self._more = False
            tasks.spawn(f"hook {self.hook.id}", self.look())

    async def look(self) -> None:
        """Ask the store of which topics there is something to tell."""
        try:
            found = await self._services.db.read(hooks_out.behind, self.hook, TOPICS_MAX)
        except StoreError:
            log.warning("hook_late", extra={"hook": self.hook.id})
            if not self.stopped:
                asyncio.get_running_loop().call_later(STORE_S, self._look_again)
            return
        self._more = len(found) >= TOPICS_MAX
        self.note(found)

    def _look_again(self) -> None:
        self._more = True
        self._go()

    # --- one topic -------------------------------------------------------------------------

    async def _fly(self, topic: str) -> None:
        """Tell the next messages of `topic`, then see what comes after that."""
        more, pause = False, STORE_S
        try:
            more, pause = await self._portion(topic)
        except StoreError:
            log.warning("hook_late", extra={"hook": self.hook.id})
        except BaseException:
            self._flying.pop(topic, None)
            raise
        more = self._flying.pop(topic) or more
        if pause:
            self._pause(topic, pause)
        elif more and not self.stopped:
            self._waiting[topic] = None
        self._go()

    def _pause(self, topic: str, seconds: float) -> None:
        if not self.stopped:
            loop = asyncio.get_running_loop()
            self._pausing[topic] = loop.call_later(seconds, self._resume, topic)

    def _resume(self, topic: str) -> None:
        self._pausing.pop(topic, None)
        self.note([topic])

    async def _portion(self, topic: str) -> tuple[bool, float]:
        """Tell some messages; whether there are more, and after how many seconds to try again.

        What has been told is noted before anything else is. Raises StoreError.
        """
        db, hook = self._services.db, self.hook
        found = await db.read(hooks_out.portion, hook, topic)
        reached, told = 0, Told(Fate.TOLD)
        for message in found.messages:
            told = await self._tell(topic, message)
            if self.stopped or told.fate in (Fate.LATER, Fate.GONE):
                break
            reached = message.seq
            await self._went(topic, message.seq, told)
        if not found.messages:
            reached = found.newest
        if reached:
            await db.run(hooks_out.mark, hook.id, topic, reached, found.born_ms)
        if told.fate in (Fate.LATER, Fate.GONE):
            return False, await self._failed(topic, told)
        return bool(found.messages), 0.0

    async def _tell(self, topic: str, message: Message) -> Told:
        services, hook = self._services, self.hook
        assert services.teller is not None
        body = await self._body(topic, message)
        name = f"{hook.id}.{topic}.{message.seq}"
        telling = Telling(name, hook.url, secret_of(services, hook.id), body)
        return await services.teller.tell(telling)

    async def _body(self, topic: str, message: Message) -> bytes:
        """What is told; long messages are looked into elsewhere, so that others need not wait."""
        if len(message.content or b"") > LONG:
            return await asyncio.to_thread(event, self.hook.id, topic, message)
        return event(self.hook.id, topic, message)

    async def _went(self, topic: str, seq: int, told: Told) -> None:
        """The program has answered: it is there, whether it took the message or not."""
        self._tries.pop(topic, None)
        was_failing, self._failing_ms = self._failing_ms is not None, None
        if told.fate is Fate.REFUSED:
            log.error("hook_refused", extra={"hook": self.hook.id, "topic": topic, "seq": seq})
            await self._services.db.run(hooks_out.trouble, self.hook.id, told.why, 1)
        elif was_failing or self.hook.why:
            self.hook = self.hook._replace(why="")
            await self._services.db.run(hooks_out.trouble, self.hook.id, "")

    async def _failed(self, topic: str, told: Told) -> float:
        """Seconds until the topic is tried again; 0: never, the program is given up."""
        services, now_ms = self._services, self._services.clock.now_ms()
        begins = self._failing_ms is None
        since_ms = now_ms if self._failing_ms is None else self._failing_ms
        self._failing_ms = since_ms
        if told.fate is Fate.GONE or now_ms - since_ms >= self._give_up_ms:
            await services.db.run(hooks_out.stop, self.hook.id, now_ms, told.why)
            log.error("hook_given_up", extra={"hook": self.hook.id, "why": told.why})
            self.stop()
            return 0.0
        if begins:
            log.warning("hook_failing", extra={"hook": self.hook.id, "why": told.why})
            await services.db.run(hooks_out.trouble, self.hook.id, told.why)
        tries = self._tries[topic] = self._tries.get(topic, -1) + 1
        return pause_s(tries, services.entropy.number(), told.after_s)


class Feeds:
    """The programs of one server that are told of messages."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._feeds: dict[str, Feed] = {}
        self._give_up_h = services.limits.hooks_give_up_h

    async def open(self) -> None:
        """Go on where an earlier run has ended. Raises StoreError."""
        if self._services.teller is None:
            return
        for hook in await self._services.db.read(hooks_out.listed):
            if hook.stopped_ms is None:
                await self.begin(hook)

    async def begin(self, hook: HookOut) -> None:
        """Tell a program from now on, and what it has not been told yet."""
        if self._services.teller is None:
            return
        feed = self._feeds[hook.id] = Feed(self._services, hook, self._give_up_h)
        await feed.look()

    def end(self, id: str) -> None:
        """Tell a program no more."""
        feed = self._feeds.pop(id, None)
        if feed is not None:
            feed.stop()

    def stop(self) -> None:
        """Begin nothing new."""
        for feed in self._feeds.values():
            feed.stop()

    def note(self, topic: str) -> None:
        """There are new messages in `topic`; never waits."""
        for feed in self._feeds.values():
            if not feed.stopped and feed.hook.topics.cover(topic):
                feed.note([topic])
