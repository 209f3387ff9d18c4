"""Tokens: made at log-in, good for the next one.

Source: specification 04, paragraphs 3.4 and 4.1; DEFECTs D-33, D-41 and DEFECT-10.
"""

import base64
from dataclasses import dataclass
from typing import Final

from chinwag.core import token
from chinwag.core.state import Level, User
from chinwag.core.token import MAILED, NO_LOGIN, VALIDATED, Token
from chinwag.ports import Clock, Identity, Issued

MAIL_LIFE_S: Final = 86400  # of a token in a mail that asks for confirmation


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes and reads tokens."""

    key: bytes
    serial: int
    life_s: int
    clock: Clock
    short_life_s: int = 900  # of those that are no log-in: as long as a code for a new password

    def issue(
        self, user: User, level: Level, features: int = VALIDATED, until_ms: int | None = None
    ) -> Issued:
        """A token for `user`; `until_ms`: it ends then, and not later.

        Tokens that end at or before the user's mark are void, so a new one ends later (D-33).
        """
        ends_ms = self.clock.now_ms() + self.life_s * 1000 if until_ms is None else until_ms
        if until_ms is None:
            ends_ms = max(ends_ms, (user.tokens_void_s + 1) * 1000)
        found = Token(user.uid, ends_ms // 1000, level, features)
        raw = token.mint(found, key=self.key, serial=self.serial)
        return Issued(base64.b64encode(raw).decode(), ends_ms)

    def mailed(self, user: User, level: Level) -> str:
        """A token for the link in a mail: with the code beside it, it confirms an address."""
        until_ms = self.clock.now_ms() + MAIL_LIFE_S * 1000
        return self.issue(user, level, MAILED, until_ms).text

    def read(self, raw: bytes) -> Identity:
        """Who a token stands for. Raises Refused."""
        found = token.read(raw, key=self.key, serial=self.serial, now_ms=self.clock.now_ms())
        return Identity(
            uid=found.uid,
            level=found.level,
            validated=bool(found.features & VALIDATED),
            no_login=bool(found.features & NO_LOGIN),
            mailed=bool(found.features & MAILED),
            expires_ms=found.expires_s * 1000,
            renews=not found.features & NO_LOGIN,
            ended=lambda user: self._is_void(user, found),
        )

    def _is_void(self, user: User, found: Token) -> bool:
        """Whether a token of `user` has been ended before its time."""
        if found.features & (MAILED | NO_LOGIN):
            life_s = MAIL_LIFE_S if found.features & MAILED else self.short_life_s
            return found.expires_s - life_s <= user.secret_changed_s
        return found.expires_s <= user.tokens_void_s and found.expires_s != user.tokens_kept_s

    def void(self, user: User, *, keep_s: int = 0) -> dict[str, int]:
        """The change of `user` that ends every token issued so far, but one that ends at `keep_s`.

        Tokens issued after an earlier mark end later than it, within the same second too. Those
        with a shorter life have a mark of their own.
        """
        now_s = self.clock.now_ms() // 1000
        return {
            "tokens_void_s": max(now_s + self.life_s, user.tokens_void_s + 1),
            "tokens_kept_s": keep_s,
            "secret_changed_s": now_s,
        }
