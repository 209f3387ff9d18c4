"""What programs are let in with: made, listed, revoked by whoever runs the server."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from chinwag.core import passkey
from chinwag.core.passkey import BOT
from chinwag.core.scope import Scope, Topics
from chinwag.core.state import User
from chinwag.engine.services import Services
from chinwag.store import bots
from chinwag.store.bots import BotToken

if TYPE_CHECKING:
    from chinwag.engine.sessions import Sessions

BADGE: Final = b'{"verified":true,"bot":true}'  # by which clients know a program


def is_bot(user: User) -> bool:
    """Whether people see `user` to be a program."""
    badges = msgspec.json.decode(user.trusted) if user.trusted else None
    return isinstance(badges, dict) and badges.get("bot") is True


@dataclass(frozen=True, slots=True)
class Programs:
    """The tokens of bots on one server."""

    services: Services
    sessions: "Sessions | None" = None  # None: no server is running

    async def new_token(self, uid: str, topics: Topics, rate: int = 0) -> tuple[str, BotToken]:
        """A fresh token of `uid`, and its secret, which is told only now. Raises StoreError."""
        services = self.services
        secret, key = passkey.make(BOT, services.entropy.number)
        scope = Scope(key.id, topics, rate)
        token = BotToken(uid, key.digest, scope, services.clock.now_ms())
        await services.db.run(bots.put, token)
        return secret, token

    async def tokens(self, uid: str | None = None) -> list[BotToken]:
        """The tokens of `uid`, or of everybody, oldest first. Raises StoreError."""
        return await self.services.db.read(bots.listed, uid)

    async def revoke_token(self, id: str) -> bool:
        """End a token and the sessions that have it; whether there was one. Raises StoreError."""
        token = await self.services.db.read(bots.get, id)
        if token is None:
            return False
        try:
            return await self.services.db.run(bots.remove, id)
        finally:  # the store may have done it even if it does not say so
            if self.sessions is not None:
                self.sessions.evict_token(token.uid, id)
