"""Log-in with the token of an earlier one. Source: specification 04, paragraph 4.1."""

from collections.abc import Callable
from dataclasses import dataclass

from chinwag.core.errors import Refused
from chinwag.core.state import AuthRecord
from chinwag.ports import Identity
from chinwag.wire import ctrl

_WHAT = {"what": "auth"}


@dataclass(frozen=True, slots=True)
class TokenAuth:
    """Tokens stand for somebody, they make nobody."""

    read_token: Callable[[bytes], Identity]
    name: str = "token"

    async def authenticate(self, secret: bytes) -> Identity:
        """Who the token was made for."""
        return self.read_token(secret)

    async def check_new(self, secret: bytes) -> None:
        """No account is made with a token."""
        raise Refused(ctrl.NOT_IMPLEMENTED, _WHAT)

    async def prepare(self, uid: str, secret: bytes) -> AuthRecord | None:
        """No account is made with a token."""
        raise Refused(ctrl.NOT_IMPLEMENTED, _WHAT)

    async def change(self, uid: str, secret: bytes) -> list[str] | None:
        """A token cannot be changed."""
        raise Refused(ctrl.NOT_IMPLEMENTED)

    def tags(self, record: AuthRecord) -> list[str]:
        """None."""
        return []
