"""Slows down who guesses secrets and who makes accounts without end (DEFECT-07 in part).

Refused with 503: clients take any 4xx for a wrong secret and forget the one they have kept.
Source: specification 01, DEFECT-07; specification 04, DEFECT D-34.
"""

import ipaddress
from dataclasses import dataclass, field
from typing import Final

from chinwag.core.errors import Refused
from chinwag.core.throttle import Throttle
from chinwag.ports import Authenticator, Identity
from chinwag.wire import ctrl

GUESSES_MAX: Final = 10  # to one account
PER_ADDRESS: Final = 10  # times as many guesses from one address
GUESS_MS: Final = 30_000
ACCOUNTS_MAX: Final = 100
ACCOUNT_MS: Final = 60_000
_SUBNET: Final = 64  # bits of an IPv6 address that one customer has
SUBJECT_MAX: Final = 128  # characters of an account or address that are remembered
NOTICES_MAX: Final = 5  # codes to one address or person in a row
NOTICE_MS: Final = 60_000
UPLOADS_MAX: Final = 200  # of one user in a row
UPLOAD_MS: Final = 2_000
PREVIEWS_MAX: Final = 30  # pages looked at for one user in a row
PREVIEW_MS: Final = 2_000
GUESTS_MAX: Final = 100  # uploads by people without an account, from one address
GUEST_MS: Final = 60_000
RESETS_MAX: Final = 30  # from one address
RESET_MS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Guard:
    """What is remembered of guesses and of new accounts."""

    guesses: Throttle = field(default_factory=lambda: Throttle(GUESSES_MAX, GUESS_MS))
    addresses: Throttle = field(
        default_factory=lambda: Throttle(GUESSES_MAX * PER_ADDRESS, GUESS_MS // PER_ADDRESS)
    )
    newcomers: Throttle = field(default_factory=lambda: Throttle(ACCOUNTS_MAX, ACCOUNT_MS))
    notices: Throttle = field(default_factory=lambda: Throttle(NOTICES_MAX, NOTICE_MS))
    uploads: Throttle = field(default_factory=lambda: Throttle(UPLOADS_MAX, UPLOAD_MS))
    previews: Throttle = field(default_factory=lambda: Throttle(PREVIEWS_MAX, PREVIEW_MS))
    guest_uploads: Throttle = field(default_factory=lambda: Throttle(GUESTS_MAX, GUEST_MS))
    resets: Throttle = field(default_factory=lambda: Throttle(RESETS_MAX, RESET_MS))

    async def authenticate(
        self, scheme: Authenticator, secret: bytes, address: str, now_ms: int
    ) -> Identity:
        """Who `secret` belongs to; every failure counts. Raises Refused."""
        subject = scheme.subject(secret)
        if not subject:
            return await scheme.authenticate(secret, address)
        account = f"{scheme.name}:{subject[:SUBJECT_MAX]}"
        origin = origin_of(address)
        if self.guesses.full(account, now_ms) or (origin and self.addresses.full(origin, now_ms)):
            raise Refused(ctrl.UNAVAILABLE)
        self.guesses.note(account, now_ms)
        self.addresses.note(origin, now_ms)
        identity = await scheme.authenticate(secret, address)
        self.guesses.forget(account)
        self.addresses.take_back(origin)
        return identity

    def check_newcomer(self, address: str, now_ms: int) -> None:
        """Let one more account be made from `address`. Raises Refused."""
        origin = origin_of(address)
        if origin and self.newcomers.full(origin, now_ms):
            raise Refused(ctrl.UNAVAILABLE)

    def note_newcomer(self, address: str, now_ms: int) -> None:
        """An account has been made from `address`."""
        self.newcomers.note(origin_of(address), now_ms)

    def check_notice(self, uid: str, to: str, now_ms: int) -> None:
        """Let one more code be sent to the address `to` at the wish of `uid`. Raises Refused."""
        keys = (f"from {uid}", f"to {to}")
        if any(self.notices.full(key, now_ms) for key in keys):
            raise Refused(ctrl.UNAVAILABLE)
        for key in keys:
            self.notices.note(key, now_ms)

    def check_upload(self, uid: str | None, address: str, now_ms: int) -> None:
        """Let one more file be uploaded; it counts. Raises Refused."""
        key, throttle = (uid, self.uploads) if uid else (origin_of(address), self.guest_uploads)
        if key and throttle.full(key, now_ms):
            raise Refused(ctrl.UNAVAILABLE)
        throttle.note(key, now_ms)

    def check_preview(self, uid: str, now_ms: int) -> None:
        """Let one more page be looked at for `uid`; it counts. Raises Refused."""
        if self.previews.full(uid, now_ms):
            raise Refused(ctrl.UNAVAILABLE)
        self.previews.note(uid, now_ms)

    def may_reset(self, address: str, now_ms: int) -> bool:
        """Whether one more new password may be asked for from `address`; it counts."""
        origin = origin_of(address)
        if origin and self.resets.full(origin, now_ms):
            return False
        self.resets.note(origin, now_ms)
        return True


def make(guesses_max: int, new_accounts_max: int) -> Guard:
    """A guard with other bounds than the usual ones."""
    return Guard(
        Throttle(guesses_max, GUESS_MS),
        Throttle(guesses_max * PER_ADDRESS, GUESS_MS // PER_ADDRESS),
        Throttle(new_accounts_max, ACCOUNT_MS),
    )


def origin_of(address: str) -> str:
    """What stands for one customer; empty: nobody can tell.

    From the machine itself come those whom a reverse proxy hides.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if ip.is_loopback:
        return ""
    if ip.version == 6:  # noqa: PLR2004 - IPv6
        return str(ipaddress.ip_network((ip, _SUBNET), strict=False))
    return str(ip)
