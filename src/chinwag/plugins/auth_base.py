"""What an authenticator does unless it says otherwise: it makes no accounts and keeps nothing."""

from chinwag.core.errors import Refused
from chinwag.core.state import User
from chinwag.ports import Applicant, Enrolled, Grant, Issued
from chinwag.wire import ctrl

WHAT = {"what": "auth"}


class AuthBase:
    """Answers of an authenticator that only recognises people."""

    __slots__ = ()

    def subject(self, secret: bytes) -> str:
        """The secret cannot be guessed."""
        return ""

    async def check_new(self, secret: bytes, address: str) -> None:
        """No account is made this way."""
        raise Refused(ctrl.NOT_IMPLEMENTED, WHAT)

    async def enrol(self, applicant: Applicant) -> Enrolled:
        """No account is made this way."""
        raise Refused(ctrl.NOT_IMPLEMENTED, WHAT)

    async def generate(self, grant: Grant) -> Issued | None:
        """The server makes its own."""
        return None

    def tag_of(self, term: str) -> str | None:
        """Bare words are bare words (QUIRK)."""
        return None

    async def change(self, user: User, secret: bytes, address: str) -> list[str] | None:
        """There is no secret to change."""
        raise Refused(ctrl.NOT_IMPLEMENTED)

    async def log_in_name(self, uid: str) -> str | None:
        """Nobody has one."""
        return None

    async def forget(self, uid: str) -> None:
        """There is nothing to forget."""

    async def open(self) -> None:
        """There is nothing to get ready."""

    async def close(self) -> None:
        """There is nothing open."""
