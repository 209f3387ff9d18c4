"""Tells programs of messages over HTTP, signed, and none on this machine or beside it."""

import logging
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from chinwag import __version__
from chinwag.config_webhooks import Webhooks
from chinwag.core.addresses import is_literal, is_public
from chinwag.core.signing import signature
from chinwag.plugins.outward import Checked, Resolve, by_system
from chinwag.ports import Clock
from chinwag.ports_webhooks import Fate, Telling, Told

log = logging.getLogger(__name__)

AFTER_MAX_S: Final = 3600.0
_HOPELESS: Final = frozenset({400, 413, 414, 415, 422})  # the same would be refused again
_GONE: Final = 410


class WebhookTeller:
    """Posts messages as JSON."""

    def __init__(self, webhooks: Webhooks, clock: Clock, resolve: Resolve = by_system) -> None:
        self._settings = webhooks
        self._clock = clock
        self._resolve = resolve
        self._session: aiohttp.ClientSession | None = None

    async def tell(self, telling: Telling) -> Told:
        """Post one message. An answer is not read, and a redirection is not followed."""
        host = urlsplit(telling.url).hostname or ""
        if is_literal(host) and not self._allowed(host):
            return Told(Fate.LATER, "not in the public network")
        at_s = self._clock.now_ms() // 1000
        headers = {
            "Content-Type": "application/json",
            "X-Chinwag-Delivery": telling.id,
            "X-Chinwag-Signature": signature(telling.secret, at_s, telling.body),
        }
        try:
            async with self._opened().post(
                telling.url, data=telling.body, headers=headers, allow_redirects=False
            ) as answer:
                return _told(answer.status, answer.headers.get("Retry-After", ""))
        except TimeoutError:
            return Told(Fate.LATER, f"no answer within {self._settings.timeout_s:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            cause = getattr(error, "os_error", error)  # which says it without the address
            return Told(Fate.LATER, str(cause) or type(error).__name__)

    def _allowed(self, address: str) -> bool:
        return self._settings.private_targets or is_public(address)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                resolver=Checked(self._resolve, self._allowed), use_dns_cache=False
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=self._settings.timeout_s),
                headers={"User-Agent": f"Chinwag/{__version__} (webhook)"},
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()


def _told(status: int, retry_after: str) -> Told:
    """What an answer means."""
    if 200 <= status < 300:  # noqa: PLR2004 - success in HTTP
        return Told(Fate.TOLD)
    why = f"the answer was {status}"
    if status == _GONE:
        return Told(Fate.GONE, why)
    if status in _HOPELESS:
        return Told(Fate.REFUSED, why)
    wait_s = float(retry_after) if retry_after.isdecimal() else 0.0
    return Told(Fate.LATER, why, min(wait_s, AFTER_MAX_S))
