"""Log-in with the token of an earlier one, or with that of a bot, which is good until revoked.

Source: specification 04, paragraph 4.1.
"""

from collections.abc import Callable
from dataclasses import dataclass

from chinwag.core import passkey
from chinwag.core.errors import Refused
from chinwag.core.passkey import Passkey
from chinwag.core.state import Level
from chinwag.plugins.auth_base import AuthBase
from chinwag.ports import Identity
from chinwag.store import bots
from chinwag.store.db import Db
from chinwag.wire import ctrl


@dataclass(frozen=True, slots=True)
class TokenAuth(AuthBase):
    """Tokens stand for somebody, they make nobody."""

    read_token: Callable[[bytes], Identity]
    db: Db
    name: str = "token"

    async def authenticate(self, secret: bytes, address: str) -> Identity:
        """Who the token was made for."""
        found = passkey.bot_secret(secret)
        return self.read_token(secret) if found is None else await self._bot(*found)

    async def _bot(self, text: str, key: Passkey) -> Identity:
        """The bot that has this token, and what it may do with it."""
        token = await self.db.read(bots.get, key.id)
        if token is None or not passkey.same(token.digest, key.digest):
            raise Refused(ctrl.AUTH_FAILED)
        return Identity(token.uid, Level.AUTH, validated=True, scope=token.scope, again=text)
