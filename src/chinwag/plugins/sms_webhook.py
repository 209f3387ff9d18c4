"""Text messages by way of a gateway that takes them over HTTP.

It gets `{"to": "+4930123456", "text": "…", "sender": "Chinwag"}` and answers with any 2xx.
Source: specification 04, paragraph 5.3.
"""

from typing import Final

import aiohttp

from chinwag.config import Tel
from chinwag.plugins.persist import Temporary
from chinwag.ports import Undelivered

TIMEOUT_S: Final = 10.0
_LATER: Final = frozenset({408, 425, 429})


class WebhookSms:
    """Posts text messages as JSON."""

    def __init__(self, tel: Tel) -> None:
        self._tel = tel
        self._session: aiohttp.ClientSession | None = None

    async def send(self, to: str, text: str) -> None:
        """Hand over one text message. Raises Undelivered, Temporary where it may work later."""
        headers = {"Authorization": f"Bearer {self._tel.secret}"} if self._tel.secret else {}
        body = {"to": to, "text": text, "sender": self._tel.sender}
        try:
            async with self._opened().post(
                self._tel.url, json=body, headers=headers, allow_redirects=False
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Temporary(type(error).__name__) from None
        if not 200 <= status < 300:  # noqa: PLR2004 - success in HTTP
            later = status >= 500 or status in _LATER  # noqa: PLR2004 - their fault in HTTP
            raise (Temporary if later else Undelivered)(f"the gateway answers {status}")

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
            self._session = aiohttp.ClientSession(timeout=timeout)
        return self._session

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
