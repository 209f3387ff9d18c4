"""Slows down who guesses secrets, and who asks for things without end (DEFECT-07).

Refused with 503: clients take any 4xx for a wrong secret and forget the one they have kept.
Source: specification 01, DEFECT-07; specification 04, DEFECT D-34.
"""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final

from chinwag.core.errors import Refused
from chinwag.core.rates import Rates
from chinwag.core.throttle import Throttle
from chinwag.ports import Authenticator, Identity
from chinwag.wire import ctrl

GUESSES_MAX: Final = 10
ACCOUNTS_MAX: Final = 100
PER_ADDRESS: Final = 10  # times as many guesses as to one account
LOGINS_PER_ADDRESS: Final = 5  # times as many log-ins
SUBJECT_MAX: Final = 128  # characters of an account or address that are remembered
ORIGINS_MAX: Final = 4096  # that are remembered
_SUBNET: Final = 64  # bits of an IPv6 address that one customer has

# After how long one more is forgiven.
GUESS_MS: Final = 30_000
LOGIN_MS: Final = 1000
ACCOUNT_MS: Final = 3000  # an office where everybody registers on one day
NOTICE_MS: Final = 60_000
RESET_MS: Final = 20_000
SEARCH_MS: Final = 1000
TYPING_MS: Final = 500
UPLOAD_MS: Final = 2000
GUEST_MS: Final = 60_000
PREVIEW_MS: Final = 2000
SECRETS_MAX: Final = 100
SECRET_MS: Final = 1000


class Guard:
    """What is remembered of who has asked for what."""

    def __init__(
        self,
        rates: Rates | None = None,
        *,
        guesses_max: int = GUESSES_MAX,
        new_accounts_max: int = ACCOUNTS_MAX,
    ) -> None:
        rates = rates or Rates()
        self._guesses = Throttle(guesses_max, GUESS_MS)
        self._guesses_from = Throttle(guesses_max * PER_ADDRESS, GUESS_MS // PER_ADDRESS)
        self._logins = Throttle(rates.logins_max, LOGIN_MS)
        self._logins_from = Throttle(
            rates.logins_max * LOGINS_PER_ADDRESS, LOGIN_MS // LOGINS_PER_ADDRESS
        )
        self._newcomers = Throttle(new_accounts_max, ACCOUNT_MS)
        self._notices = Throttle(rates.notices_max, NOTICE_MS)
        self._resets = Throttle(rates.resets_max, RESET_MS)
        self._searches = Throttle(rates.searches_max, SEARCH_MS)
        self._typing = Throttle(rates.typing_max, TYPING_MS)
        self._uploads = Throttle(rates.uploads_max, UPLOAD_MS)
        self._guest_uploads = Throttle(rates.guest_uploads_max, GUEST_MS)
        self._previews = Throttle(rates.previews_max, PREVIEW_MS)
        self._secrets = Throttle(SECRETS_MAX, SECRET_MS)
        self._programs: dict[int, Throttle] = {}  # by messages a minute

    # --- log-ins and accounts --------------------------------------------------------------

    async def authenticate(
        self, scheme: Authenticator, secret: bytes, address: str, now_ms: int
    ) -> Identity:
        """Who `secret` belongs to; it counts, and more so where it is wrong. Raises Refused."""
        subject = scheme.subject(secret)
        if not subject:
            return await scheme.authenticate(secret, address)
        account = f"{scheme.name}:{subject[:SUBJECT_MAX]}"
        origin = origin_of(address)
        counted = [
            (self._guesses, account),
            (self._logins, account),
            (self._guesses_from, origin),
            (self._logins_from, origin),
        ]
        if any(key and throttle.full(key, now_ms) for throttle, key in counted):
            raise Refused(ctrl.UNAVAILABLE)
        for throttle, key in counted:
            throttle.note(key, now_ms)
        try:
            identity = await scheme.authenticate(secret, address)
        except Refused as refused:
            if refused.reply.code >= ctrl.INTERNAL.code:  # nobody looked at the secret
                self._guesses.take_back(account)
                self._guesses_from.take_back(origin)
            raise
        self._guesses.forget(account)
        self._guesses_from.take_back(origin)
        return identity

    def check_change(self, uid: str, now_ms: int) -> None:
        """Let `uid` have one more new password; it costs as much as a log-in. Raises Refused."""
        _count(self._logins, uid, now_ms)

    @contextmanager
    def newcomer(self, address: str, now_ms: int) -> Iterator[None]:
        """Let one more account be made from `address`; it counts unless it fails. Raises Refused.

        It counts from the beginning, so that many at once are no way around, and failures cost
        as much as a log-in.
        """
        origin = origin_of(address)
        _count(self._logins_from, origin, now_ms)
        _count(self._newcomers, origin, now_ms)
        try:
            yield
        except BaseException:
            self._newcomers.take_back(origin)
            raise

    def check_notice(self, uid: str, to: str, now_ms: int) -> None:
        """Let one more code be sent to the address `to` at the wish of `uid`. Raises Refused."""
        keys = (f"from {uid}", f"to {to}")
        if any(self._notices.full(key, now_ms) for key in keys):
            raise Refused(ctrl.UNAVAILABLE)
        for key in keys:
            self._notices.note(key, now_ms)

    def may_reset(self, address: str, now_ms: int) -> bool:
        """Whether one more new password may be asked for from `address`; it counts."""
        return _counted(self._resets, origin_of(address), now_ms)

    # --- what people do --------------------------------------------------------------------

    def check_search(self, uid: str, now_ms: int) -> None:
        """Let `uid` look for somebody once more; it counts. Raises Refused."""
        _count(self._searches, uid, now_ms)

    def may_type(self, uid: str, now_ms: int) -> bool:
        """Whether others may hear once more that `uid` types; it counts."""
        return _counted(self._typing, uid, now_ms)

    def check_rate(self, key: str, per_minute: int, now_ms: int) -> None:
        """Let one more message of a program pass, of so many a minute. Raises Refused."""
        fresh = Throttle(per_minute, 60_000 // per_minute)
        _count(self._programs.setdefault(per_minute, fresh), key, now_ms)

    def check_stranger(self, address: str, now_ms: int) -> None:
        """Let `address` show one more secret of a webhook; it counts unless known. Raises Refused.

        Nobody guesses one: this is for those who would keep the store busy by trying.
        """
        _count(self._secrets, origin_of(address), now_ms)

    def known(self, address: str) -> None:
        """The secret was right."""
        self._secrets.take_back(origin_of(address))

    def check_upload(self, uid: str | None, address: str, now_ms: int) -> None:
        """Let one more file be uploaded; it counts. Raises Refused."""
        if uid:
            _count(self._uploads, uid, now_ms)
        else:
            _count(self._guest_uploads, origin_of(address), now_ms)

    def check_preview(self, uid: str, now_ms: int) -> None:
        """Let one more page be looked at for `uid`; it counts. Raises Refused."""
        _count(self._previews, uid, now_ms)


def _counted(throttle: Throttle, key: str, now_ms: int) -> bool:
    """Whether one more event of `key` is not too much; if so it counts. Nobody: it never is."""
    if not key:
        return True
    if throttle.full(key, now_ms):
        return False
    throttle.note(key, now_ms)
    return True


def _count(throttle: Throttle, key: str, now_ms: int) -> None:
    """Like `_counted`, but raises Refused."""
    if not _counted(throttle, key, now_ms):
        raise Refused(ctrl.UNAVAILABLE)


@lru_cache(ORIGINS_MAX)
def origin_of(address: str) -> str:
    """What stands for one customer; empty: nobody can tell.

    From the machine itself come those whom a reverse proxy hides.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return origin_of(str(ip.ipv4_mapped))
        return "" if ip.is_loopback else str(ipaddress.ip_network((ip, _SUBNET), strict=False))
    return "" if ip.is_loopback else str(ip)
