"""Codes that are sent to people, to confirm an address or to get a new password.

Source: specification 04, paragraphs 3.7 and 4.4; DEFECTs D-32, DEFECT-07.
"""

from dataclasses import dataclass
from typing import Final

from chinwag.core import codes as rules
from chinwag.core.errors import Refused
from chinwag.core.state import Level
from chinwag.ports import Clock, Entropy, Identity
from chinwag.store import codes
from chinwag.store.db import Db
from chinwag.wire import ctrl

SUBJECT_MAX: Final = 300  # characters of method:value


@dataclass(frozen=True, slots=True)
class Codes:
    """Makes codes and recognises them."""

    db: Db
    clock: Clock
    entropy: Entropy
    key: bytes
    length: int = 6
    life_s: int = 900
    tries_max: int = 3

    def fresh(self, subject: str) -> tuple[str, bytes]:
        """A new code for `subject`, and the digest that is stored of it."""
        code = rules.draw(self.entropy.number(), self.length)
        return code, self.digest(subject, code)

    def digest(self, subject: str, code: str) -> bytes:
        """What is stored of the `code` for `subject`."""
        return rules.digest(self.key, subject, code)

    async def issue(self, uid: str, subject: str) -> str | None:
        """A fresh code for `uid`, to be sent to `subject`, a method:value.

        None: the last one is too fresh, or too many wrong ones have been tried today.
        """
        code, digest = self.fresh(subject)
        issued = await self.db.run(
            codes.issue,
            uid,
            subject,
            digest,
            now_ms=self.clock.now_ms(),
            life_s=self.life_s,
        )
        return code if issued else None

    async def check(self, subject: str, code: str) -> Identity:
        """Whom `code` was made for; it is spent only when it has done its work (DEFECT-07).

        Raises Refused.
        """
        found = await self.db.run(
            codes.check,
            subject[:SUBJECT_MAX],
            self.digest(subject, code),
            now_ms=self.clock.now_ms(),
            tries_max=self.tries_max,
        )
        if found is None:
            raise Refused(ctrl.AUTH_FAILED)

        async def spend(_uid: str) -> None:
            await self.db.run(codes.spend, subject)

        made_s = found.until_ms // 1000 - self.life_s
        return Identity(
            found.uid,
            Level.NONE,
            no_login=True,
            expires_ms=found.until_ms,
            ended=lambda user: made_s <= user.secret_changed_s,
            settle=spend,
        )
