"""Tokens: made at log-in, good for the next one.

Source: specification 04, paragraphs 3.4 and 4.1; DEFECTs D-33 and DEFECT-10.
"""

import base64
from dataclasses import dataclass

from chinwag.core import token
from chinwag.core.state import Level, User
from chinwag.core.token import NO_LOGIN, VALIDATED, Token
from chinwag.ports import Clock, Identity


@dataclass(frozen=True, slots=True)
class Issued:
    """A token as the client gets it."""

    text: str  # standard base64
    expires_ms: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes and reads tokens."""

    key: bytes
    serial: int
    life_s: int
    clock: Clock

    def issue(
        self, user: User, level: Level, *, validated: bool, no_login: bool, until_ms: int | None
    ) -> Issued:
        """A token for `user`; `until_ms`: it ends with the secret that proved who it is.

        Tokens that end at or before the user's mark are void, so a new one ends later (D-33).
        """
        ends_ms = self.clock.now_ms() + self.life_s * 1000 if until_ms is None else until_ms
        if until_ms is None:
            ends_ms = max(ends_ms, (user.tokens_void_s + 1) * 1000)
        features = (VALIDATED if validated else 0) | (NO_LOGIN if no_login else 0)
        raw = token.mint(
            Token(user.uid, ends_ms // 1000, level, features), key=self.key, serial=self.serial
        )
        return Issued(base64.b64encode(raw).decode(), ends_ms)

    def read(self, raw: bytes) -> Identity:
        """Who a token stands for. Raises Refused."""
        found = token.read(raw, key=self.key, serial=self.serial, now_ms=self.clock.now_ms())
        return Identity(
            uid=found.uid,
            level=found.level,
            validated=bool(found.features & VALIDATED),
            no_login=bool(found.features & NO_LOGIN),
            expires_ms=found.expires_s * 1000,
        )

    def void(self, user: User, *, keep_s: int = 0) -> dict[str, object]:
        """The change of `user` that ends every token issued so far, but one that ends at `keep_s`.

        Tokens issued after an earlier mark end later than it, within the same second too.
        """
        mark_s = max(self.clock.now_ms() // 1000 + self.life_s, user.tokens_void_s + 1)
        return {"tokens_void_s": mark_s, "tokens_kept_s": keep_s}


def is_void(user: User, ends_ms: int) -> bool:
    """Whether a token of `user` that ends at `ends_ms` has been ended before its time."""
    ends_s = ends_ms // 1000
    return ends_s <= user.tokens_void_s and ends_s != user.tokens_kept_s
