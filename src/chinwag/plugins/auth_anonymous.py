"""Guests: an account without any secret but its token. Source: specification 04, paragraph 4.3."""

from dataclasses import dataclass

from chinwag.core.errors import Refused
from chinwag.core.state import AuthRecord
from chinwag.ports import Identity
from chinwag.wire import ctrl


@dataclass(frozen=True, slots=True)
class AnonymousAuth:
    """Anybody may be a guest; only the token leads back in."""

    name: str = "anonymous"

    async def authenticate(self, secret: bytes) -> Identity:
        """Nobody logs in as anybody."""
        raise Refused(ctrl.NOT_IMPLEMENTED)

    async def check_new(self, secret: bytes) -> None:
        """Any secret will do."""

    async def prepare(self, uid: str, secret: bytes) -> AuthRecord | None:
        """There is nothing to store."""
        return None

    async def change(self, uid: str, secret: bytes) -> list[str] | None:
        """There is nothing to change."""
        return None

    def tags(self, record: AuthRecord) -> list[str]:
        """None."""
        return []
