"""Log-in with the token of an earlier one. Source: specification 04, paragraph 4.1."""

from collections.abc import Callable
from dataclasses import dataclass

from chinwag.plugins.auth_base import AuthBase
from chinwag.ports import Identity


@dataclass(frozen=True, slots=True)
class TokenAuth(AuthBase):
    """Tokens stand for somebody, they make nobody."""

    read_token: Callable[[bytes], Identity]
    name: str = "token"

    async def authenticate(self, secret: bytes, address: str) -> Identity:
        """Who the token was made for."""
        return self.read_token(secret)
