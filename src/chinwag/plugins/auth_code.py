"""One-time codes, as sent for a forgotten password. Source: specification 04, paragraph 4.4."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chinwag.core.errors import Refused
from chinwag.plugins.auth_base import AuthBase
from chinwag.ports import Identity
from chinwag.wire import ctrl


@dataclass(frozen=True, slots=True)
class CodeAuth(AuthBase):
    """Codes bound to an address: the secret is code:method:value."""

    check_code: Callable[[str, str], Awaitable[Identity]]  # of method:value and code
    normalise: Callable[[str], str]  # the one form of a method:value
    name: str = "code"

    def subject(self, secret: bytes) -> str:
        """The address is what somebody tries codes for."""
        return self.normalise(secret.decode("utf-8", "replace").partition(":")[2]).lower()

    async def authenticate(self, secret: bytes, address: str) -> Identity:
        """Who was sent this code."""
        code, colon, subject = secret.decode("utf-8", "replace").partition(":")
        if not colon:
            raise Refused(ctrl.MALFORMED)
        return await self.check_code(self.normalise(subject), code)
