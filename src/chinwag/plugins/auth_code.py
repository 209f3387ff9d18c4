"""One-time codes, as sent for a forgotten password. Source: specification 04, paragraph 4.4.

No validator sends codes yet, so none is ever right.
"""

from dataclasses import dataclass

from chinwag.core.errors import Refused
from chinwag.core.state import AuthRecord
from chinwag.ports import Identity
from chinwag.wire import ctrl

_WHAT = {"what": "auth"}


@dataclass(frozen=True, slots=True)
class CodeAuth:
    """Codes bound to an address."""

    name: str = "code"

    async def authenticate(self, secret: bytes) -> Identity:
        """Who was sent this code."""
        if b":" not in secret:
            raise Refused(ctrl.MALFORMED)
        raise Refused(ctrl.AUTH_FAILED)

    async def check_new(self, secret: bytes) -> None:
        """No account is made with a code."""
        raise Refused(ctrl.NOT_IMPLEMENTED, _WHAT)

    async def prepare(self, uid: str, secret: bytes) -> AuthRecord | None:
        """No account is made with a code."""
        raise Refused(ctrl.NOT_IMPLEMENTED, _WHAT)

    async def change(self, uid: str, secret: bytes) -> list[str] | None:
        """A code cannot be changed."""
        raise Refused(ctrl.NOT_IMPLEMENTED)

    def tags(self, record: AuthRecord) -> list[str]:
        """None."""
        return []
