"""Pushes by way of a service that takes them over HTTP and knows the makers of devices.

It gets `{"id", "ttl", "data": {…}, "to": [{"device", "user", "platform", "lang", "silent",
"unread"?}, …]}`, signed, and answers with any 2xx. What it could not do it may name in the answer:
`{"gone": [device, …], "later": [device, …]}`.
Source: specification 03, paragraph 8.1 and DEFECT D13.
"""

import logging
from typing import Final

import aiohttp
import msgspec

from chinwag.config_push import PushWebhook
from chinwag.core.signing import signature
from chinwag.plugins.push_log import shown
from chinwag.ports import Carried, Clock, Letter

log = logging.getLogger(__name__)

ANSWER_MAX: Final = 1 << 20  # bytes
_HOPELESS: Final = frozenset({400, 413, 422})  # it would be refused again


class _Answer(msgspec.Struct):
    gone: list[str] = []
    later: list[str] = []


class WebhookSink:
    """Posts pushes as JSON."""

    def __init__(self, push_webhook: PushWebhook, clock: Clock) -> None:
        self._settings = push_webhook
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def send(self, letter: Letter) -> Carried:
        """Post one push."""
        body = msgspec.json.encode(shown(letter))
        headers = {
            "Content-Type": "application/json",
            "X-Chinwag-Signature": signature(
                self._settings.secret, self._clock.now_ms() // 1000, body
            ),
        }
        everybody = frozenset(target.device for target in letter.push.to)
        try:
            async with self._opened().post(
                self._settings.url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                text = await answer.content.read(ANSWER_MAX)
                return _carried(
                    answer.status, answer.headers.get("Retry-After", ""), text, everybody
                )
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("push_webhook_failed", extra={"why": type(error).__name__})
            return Carried(later=everybody)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=self._settings.timeout_s)
            self._session = aiohttp.ClientSession(timeout=timeout)
        return self._session

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()


def _carried(status: int, retry_after: str, text: bytes, everybody: frozenset[str]) -> Carried:
    """What an answer means; whatever it names besides our devices does not count."""
    if 200 <= status < 300:  # noqa: PLR2004 - success in HTTP
        try:
            told = msgspec.json.decode(text, type=_Answer)
        except msgspec.DecodeError:  # it need not say anything
            return Carried()
        return Carried(everybody.intersection(told.later), everybody.intersection(told.gone))
    log.warning("push_webhook_failed", extra={"why": f"the service answers {status}"})
    if status in _HOPELESS:
        return Carried()
    wait_s = float(retry_after) if retry_after.isdecimal() else 0.0
    return Carried(later=everybody, after_s=min(wait_s, 3600.0))
