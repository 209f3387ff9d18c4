"""Incoming webhooks over HTTP: POST /v1/hooks/SECRET.

Answers are plain words, those that programs made for Slack know: `ok`, `no_text`, `no_service` …
The secret is all that is asked for; it is never logged.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final, Protocol

from aiohttp import web

from chinwag.core.errors import Refused
from chinwag.core.postings import BadPosting
from chinwag.store.db import StoreError
from chinwag.store.hooks_in import HookIn
from chinwag.transports.listener import client_address

log = logging.getLogger(__name__)

BODY_MAX: Final = 1 << 18  # bytes
BODY_S: Final = 20.0  # until all of it should be there
_WORDS: Final = {403: "action_prohibited", 404: "no_service", 409: "channel_not_found"}
_BUSY: Final = 503
_RETRY_S: Final = {"Retry-After": "1"}


class Posts(Protocol):
    """Takes what other programs post."""

    async def find(self, secret: str, address: str) -> HookIn:
        """The webhook that has this secret. Raises Refused, StoreError."""
        ...

    def may_post(self, hook: HookIn) -> bool:
        """Whether one more message of `hook` is not too much for this minute; it counts."""
        ...

    async def post(self, hook: HookIn, body: bytes, once: str = "") -> None:
        """Post what a program says. Raises BadPosting, Refused."""
        ...


@dataclass(frozen=True, slots=True)
class HookDoor:
    """The endpoint."""

    posts: Posts
    trusted_proxies: frozenset[str] = frozenset()

    async def serve(self, request: web.Request) -> web.Response:
        """Serve one POST."""
        address = client_address(request.remote or "", request.headers, self.trusted_proxies)
        try:
            hook = await self.posts.find(request.match_info["secret"], address)
            if not self.posts.may_post(hook):
                return _said(429, "rate_limited", _RETRY_S)
            once = request.headers.get("Idempotency-Key", "")
            await self.posts.post(hook, await _body(request), once)
        except web.HTTPRequestEntityTooLarge:
            return _said(413, "payload_too_large")
        except BadPosting as why:
            return _said(400, str(why))
        except Refused as refused:
            return _refused(refused.reply.code)
        except StoreError as error:
            log.warning("hook_unavailable", extra={"reason": str(error)})
            return _refused(_BUSY)
        return _said(200, "ok")


async def _body(request: web.Request) -> bytes:
    """What is posted, within bounds. Raises BadPosting, HTTPRequestEntityTooLarge."""
    try:
        async with asyncio.timeout(BODY_S):
            return await _collected(request)
    except TimeoutError:
        raise BadPosting("timeout") from None


async def _collected(request: web.Request) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > BODY_MAX:
            raise web.HTTPRequestEntityTooLarge(BODY_MAX, len(body))
    return bytes(body)


def _refused(code: int) -> web.Response:
    if code >= 500:  # noqa: PLR2004 - the server's fault
        return _said(_BUSY, "service_unavailable", _RETRY_S)
    return _said(404 if code == 409 else code, _WORDS.get(code, "action_prohibited"))  # noqa: PLR2004 - a topic that is not there


def _said(status: int, words: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=words, headers=headers)
