"""Guests: an account without any secret but its token. Source: specification 04, paragraph 4.3."""

from dataclasses import dataclass

from chinwag.core.errors import Refused
from chinwag.core.state import Level, User
from chinwag.plugins.auth_base import AuthBase
from chinwag.ports import Applicant, Enrolled, Identity
from chinwag.wire import ctrl


@dataclass(frozen=True, slots=True)
class AnonymousAuth(AuthBase):
    """Anybody may be a guest; only the token leads back in."""

    name: str = "anonymous"

    async def authenticate(self, secret: bytes, address: str) -> Identity:
        """Nobody logs in as anybody."""
        raise Refused(ctrl.NOT_IMPLEMENTED)

    async def check_new(self, secret: bytes, address: str) -> None:
        """Any secret will do."""

    async def enrol(self, applicant: Applicant) -> Enrolled:
        """There is nothing to store."""
        return Enrolled(Level.ANON)

    async def change(self, user: User, secret: bytes, address: str) -> list[str] | None:
        """There is nothing to change."""
        return None
