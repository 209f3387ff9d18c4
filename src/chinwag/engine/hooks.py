"""Plug-ins outside: asked about packets and searches, told of what has happened.

A packet waits for a plug-in no longer than its timeout, and nobody else waits with it. Events are
queued for each plug-in and told in their order, so that a slow one delays nothing (DEFECT 17).
Source: specification 06, paragraphs 6.3 to 6.5.
"""

import logging
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from chinwag.core.membership import Change
from chinwag.core.state import Draft, Member, Message, TopicState, User
from chinwag.engine.tasks import Tasks
from chinwag.ports_hooks import (
    AccountEvent,
    Action,
    Asked,
    Event,
    Hook,
    HookFailed,
    MessageEvent,
    Ruling,
    SearchRuling,
    SubscriptionEvent,
    TopicEvent,
    Verdict,
)
from chinwag.wire.ctrl import Reply
from chinwag.wire.messages import Packet

log = logging.getLogger(__name__)

QUEUE_MAX: Final = 10_000  # events that wait for one plug-in; beyond it they are dropped


class FailedTo(Exception):
    """A plug-in that must be asked has failed: the client gets `reply`."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


class Line:
    """The events that wait for one plug-in."""

    __slots__ = ("_hook", "_running", "_tasks", "dropped", "failed", "waiting")

    def __init__(self, hook: Hook, tasks: Tasks) -> None:
        self._hook = hook
        self._tasks = tasks
        self._running = False
        self.waiting: deque[Event] = deque()
        self.dropped = 0  # in a row
        self.failed = 0

    def put(self, event: Event) -> None:
        """Queue `event`."""
        if len(self.waiting) >= QUEUE_MAX:
            if not self.dropped:
                log.warning("plugin_too_slow", extra={"plugin": self._hook.name})
            self.dropped += 1
            return
        self.dropped = 0
        self.waiting.append(event)
        if not self._running:
            self._running = True
            self._tasks.spawn(f"plug-in {self._hook.name}", self._drain())

    async def _drain(self) -> None:
        while self.waiting:
            event = self.waiting.popleft()
            try:
                await self._hook.tell(event)
            except HookFailed as error:
                self.failed += 1
                _complain(self._hook, error)
        self._running = False


def _complain(hook: Hook, error: HookFailed) -> None:
    log.warning("plugin_failed", extra={"plugin": hook.name, "why": str(error)})


class Hooks:
    """All plug-ins, in the order in which they are asked."""

    def __init__(self, hooks: Iterable[Hook] = (), tasks: Tasks | None = None) -> None:
        self._hooks = tuple(hooks)
        self._lines = {hook.name: Line(hook, tasks or Tasks()) for hook in self._hooks}

    def __bool__(self) -> bool:
        return bool(self._hooks)

    # --- asking ----------------------------------------------------------------------------

    def watch(self, packet: Packet) -> bool:
        """Whether anybody has to be asked about `packet`."""
        return any(hook.watches(packet) for hook in self._hooks)

    async def judge(self, asked: Asked) -> Ruling:
        """What is to become of a packet. Raises FailedTo."""
        packet = asked.decoded.packet
        for hook in self._hooks:
            if packet is None or not hook.watches(packet):
                continue
            try:
                ruling = await hook.judge(asked)
            except HookFailed as error:
                _complain(hook, error)
                if hook.failure is not None:
                    raise FailedTo(hook.failure) from None
                continue
            if ruling.verdict is not Verdict.CONTINUE:
                return ruling
        return Ruling(Verdict.CONTINUE)

    async def find(self, uid: str, query: str) -> SearchRuling:
        """What is to become of a search. Raises HookFailed."""
        for hook in self._hooks:
            if not (query and hook.finds):
                continue
            try:
                ruling = await hook.find(uid, query)
            except HookFailed as error:
                _complain(hook, error)
                raise
            if ruling.verdict is not Verdict.CONTINUE:
                return ruling
        return SearchRuling(Verdict.CONTINUE)

    # --- telling ---------------------------------------------------------------------------

    def account(self, action: Action, user: User) -> None:
        """Something has become of an account."""
        if self._hooks:
            self._tell(AccountEvent(action, replace(user)))

    def topic(self, action: Action, name: str, state: TopicState | None = None) -> None:
        """Something has become of a topic."""
        if self._hooks:
            known = None if state is None else replace(state, members={})
            self._tell(TopicEvent(action, name, known))

    def member(self, action: Action, topic: str, member: Member) -> None:
        """A subscription was made or has ended."""
        if self._hooks:
            self._tell(SubscriptionEvent(action, topic, replace(member)))

    def change(self, topic: str, change: Change) -> None:
        """The modes of a subscription were changed."""
        member = change.member
        want, given = change.old_want != member.want, change.old_given != member.given
        if self._hooks:
            event = SubscriptionEvent(Action.UPDATE, topic, replace(member), want, given)
            self._tell(event)

    def message(self, draft: Draft) -> None:
        """A message is stored."""
        if self._hooks:
            stored = Message(draft.seq, draft.sender, draft.ts_ms, draft.head, draft.content)
            self._tell(MessageEvent(draft.topic, stored))

    def _tell(self, event: Event) -> None:
        for hook in self._hooks:
            if hook.wants(event):
                self._lines[hook.name].put(event)

    # --- life ------------------------------------------------------------------------------

    async def open(self) -> None:
        """Let plug-ins get ready."""
        for hook in self._hooks:
            await hook.open()

    async def close(self) -> None:
        """Let go of what plug-ins hold open."""
        for hook in self._hooks:
            await hook.close()
