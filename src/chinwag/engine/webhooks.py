"""Webhooks: made, listed, revoked by whoever runs the server."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from chinwag.core import ids, passkey
from chinwag.core.errors import Refused
from chinwag.core.passkey import HOOK
from chinwag.core.scope import Topics
from chinwag.core.state import User
from chinwag.engine import errand
from chinwag.engine.feeds import secret_of
from chinwag.engine.programs import BADGE
from chinwag.store import hooks_in, hooks_out, users
from chinwag.store.hooks_in import HookIn
from chinwag.store.hooks_out import HookOut
from chinwag.wire import ctrl
from chinwag.wire.messages import Sub

if TYPE_CHECKING:
    from chinwag.engine.hub import Hub

NOTE: Final = "A webhook."


@dataclass(frozen=True, slots=True)
class Webhooks:
    """The webhooks of one server."""

    hub: "Hub"

    async def new_incoming(self, group: str, name: str) -> tuple[str, HookIn]:
        """An address at which programs post to `group`, and its secret, which is told only now.

        They do so as an account of their own, which people see to be a program, and which may
        write to that group and nothing else. Raises Refused, StoreError.
        """
        if not group.startswith(("grp", "chn")):
            raise Refused(ctrl.TOPIC_NOT_FOUND)
        services = self.hub.services
        secret, key = passkey.make(HOOK, services.entropy.number)
        uid, now_ms = ids.uid_text(services.entropy.number()), services.clock.now_ms()
        public = msgspec.json.encode({"fn": name, "note": NOTE})
        author = User(uid, now_ms, now_ms, public=public, trusted=BADGE)
        hook = HookIn(key.id, key.digest, ids.grp_of(group), uid, name, now_ms)
        await services.db.run(hooks_in.put, hook, author)
        try:
            await errand.run(self.hub, uid, Sub(topic=hook.topic))
        except Refused:
            await services.db.run(hooks_in.remove, hook.id)
            await services.db.run(users.delete, uid, hard=True, now_ms=now_ms)
            raise
        return secret, hook

    async def new_outgoing(self, url: str, topics: Topics) -> tuple[str, HookOut]:
        """Tell the program at `url` from now on; the secret it knows us by. Raises StoreError."""
        services = self.hub.services
        _, key = passkey.make(HOOK, services.entropy.number)
        hook = HookOut(key.id, url, topics, services.clock.now_ms())
        await services.db.run(hooks_out.put, hook)
        await self.hub.feeds.begin(hook)
        return secret_of(services, hook.id), hook

    async def outgoing(self) -> list[HookOut]:
        """All programs that are told, those given up too. Raises StoreError."""
        return await self.hub.services.db.read(hooks_out.listed)

    async def resume(self, id: str) -> bool:
        """Tell a program again that was given up; whether there is one. Raises StoreError."""
        db = self.hub.services.db
        if not await db.run(hooks_out.stop, id, None, ""):
            return False
        self.hub.feeds.end(id)
        for hook in await self.outgoing():
            if hook.id == id:
                await self.hub.feeds.begin(hook)
        return True

    async def incoming(self) -> list[HookIn]:
        """All such addresses, oldest first. Raises StoreError."""
        return await self.hub.services.db.read(hooks_in.listed)

    async def revoke(self, id: str) -> bool:
        """Forget a webhook; whether there was one. Raises StoreError.

        What was posted with it stays, and so does the account that is its author.
        """
        db = self.hub.services.db
        self.hub.feeds.end(id)
        return await db.run(hooks_in.remove, id) or await db.run(hooks_out.remove, id)
