"""Incoming webhooks: other programs post to a group without being connected.

A message takes the way of every other one: into the mailbox of the topic's actor, through its
rules, into the store. Who posts may write and nothing else.
"""

import asyncio
import hashlib
from typing import TYPE_CHECKING, Final

from msgspec import Raw

from chinwag.core import passkey, postings
from chinwag.core.documents import MIME, Document
from chinwag.core.errors import Refused
from chinwag.core.passkey import HOOK
from chinwag.core.postings import BadPosting
from chinwag.core.repeats import ONCE
from chinwag.engine import errand
from chinwag.store import hooks_in
from chinwag.store.hooks_in import HookIn
from chinwag.wire import codec, ctrl
from chinwag.wire.messages import Pub

if TYPE_CHECKING:
    from chinwag.engine.hub import Hub

READING_MAX: Final = 2  # postings whose Markdown is read at the same time
KEY_MAX: Final = 255  # characters of an idempotency key


class Incoming:
    """Takes what other programs post."""

    def __init__(self, hub: "Hub", per_minute: int) -> None:
        self._hub = hub
        self._per_minute = per_minute
        self._reading = asyncio.Semaphore(READING_MAX)

    async def find(self, secret: str, address: str) -> HookIn:
        """The webhook that has this secret. Raises Refused, StoreError."""
        services = self._hub.services
        key = passkey.read(HOOK, secret)
        if key is None:
            raise Refused(ctrl.NOT_FOUND)
        services.guard.check_stranger(address, services.clock.now_ms())
        hook = await services.db.read(hooks_in.get, key.id)
        if hook is None or not passkey.same(hook.digest, key.digest):
            raise Refused(ctrl.NOT_FOUND)
        services.guard.known(address)
        return hook

    def may_post(self, hook: HookIn) -> bool:
        """Whether one more message of `hook` is not too much for this minute; it counts."""
        services = self._hub.services
        try:
            services.guard.check_rate(f"hook {hook.id}", self._per_minute, services.clock.now_ms())
        except Refused:
            return False
        return True

    async def post(self, hook: HookIn, body: bytes, once: str = "") -> None:
        """Post what a program says; what bears the same `once` is posted once within a day.

        Raises BadPosting, Refused.
        """
        if len(once) > KEY_MAX:
            raise BadPosting("invalid_idempotency_key")
        async with self._reading:
            content = await asyncio.to_thread(_read, body)
        if len(content) > self._hub.services.limits.max_message_size:
            raise BadPosting("msg_too_long")
        pub = Pub(topic=hook.topic, head=_head(content, once), content=Raw(content))
        await errand.run(self._hub, hook.uid, pub)


def _read(body: bytes) -> bytes:
    """The content that `body` becomes. Raises BadPosting."""
    text = postings.read(body)
    try:
        document = postings.shown(text)
    except RecursionError:  # nobody nests texts like that who wants to be understood
        document = Document(text)
    return codec.encode_value(document.wire)


def _head(content: bytes, once: str) -> dict[str, Raw]:
    """What clients learn of the content: rich text or not, and that no person wrote it."""
    head: dict[str, object] = {"auto": True}
    if content.startswith(b"{"):
        head["mime"] = MIME
    if once:
        head[ONCE] = hashlib.sha256(once.encode()).hexdigest()
    return {name: Raw(codec.encode_value(value)) for name, value in head.items()}
