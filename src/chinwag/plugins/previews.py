"""Fetches the beginning of a page somewhere in the public network, and nowhere else.

Redirects begin all over again.
Source: specification 04, paragraph 9; DEFECT D-90.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import SplitResult, urljoin, urlsplit

import aiohttp

from chinwag.core import pages
from chinwag.core.addresses import is_literal, is_public
from chinwag.core.errors import Refused
from chinwag.core.pages import Preview
from chinwag.plugins.outward import Checked, Resolve, by_system
from chinwag.ports import Unreachable
from chinwag.wire import ctrl

TOTAL_S: Final = 3.0
SIZE_MAX: Final = 65536  # bytes that are read of a page
REDIRECTS_MAX: Final = 3
FETCHING_MAX: Final = 8  # pages at once
WAITING_MAX: Final = 64  # people who wait for one; beyond it they are told to come later
PORTS: Final = frozenset({80, 443})
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_HTML: Final = ("text/html", "application/xhtml+xml")


class Previewer:
    """Looks at pages for people who want to show them."""

    def __init__(
        self,
        agent: str,
        ports: frozenset[int] = PORTS,
        resolve: Resolve = by_system,
        allowed: Callable[[str], bool] = is_public,
    ) -> None:
        self._agent = agent
        self._ports = ports
        self._resolve = resolve
        self._allowed = allowed
        self._slots = asyncio.Semaphore(FETCHING_MAX)
        self._waiting = 0

    async def preview(self, url: str) -> Preview:
        """What the page at `url` says of itself. Raises Refused, Unreachable."""
        self._check(urlsplit_or_refuse(url))
        if self._waiting >= WAITING_MAX:
            raise Refused(ctrl.UNAVAILABLE)
        self._waiting += 1
        try:
            async with asyncio.timeout(TOTAL_S), self._slots:
                return await self._follow(url)
        except (aiohttp.ClientError, OSError, ValueError, TimeoutError) as error:
            raise Unreachable(type(error).__name__) from None
        finally:
            self._waiting -= 1

    def _check(self, parts: SplitResult) -> None:
        """Let an address pass that may be asked at all; whom it leads to is checked later."""
        scheme, host = parts.scheme, parts.hostname
        if scheme not in ("http", "https") or not host or parts.username or parts.password:
            raise Refused(ctrl.MALFORMED)
        port = parts.port or (443 if scheme == "https" else 80)
        if port not in self._ports or (is_literal(host) and not self._allowed(host)):
            raise Refused(ctrl.MALFORMED)

    async def _follow(self, url: str) -> Preview:
        async with self._session() as session:
            for _ in range(REDIRECTS_MAX + 1):
                found = await _asked(session, url)
                if isinstance(found, Preview):
                    return found
                url = urljoin(url, found)
                self._check(urlsplit_or_refuse(url))
        raise ValueError("too many redirects")

    def _session(self) -> aiohttp.ClientSession:
        """A session of its own: nothing is remembered from one page to the next."""
        connector = aiohttp.TCPConnector(
            resolver=Checked(self._resolve, self._allowed), use_dns_cache=False, force_close=True
        )
        return aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": self._agent, "Accept-Encoding": "identity"},
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            max_line_size=8190,
            max_field_size=8190,
        )


async def _asked(session: aiohttp.ClientSession, url: str) -> Preview | str:
    """What the page at `url` tells, or where it has gone."""
    async with session.get(url, allow_redirects=False) as answer:
        if answer.status in _MOVED:
            return answer.headers.get("Location", "")
        return await _read(answer, url)


def urlsplit_or_refuse(url: str) -> SplitResult:
    """The parts of an address. Raises Refused."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise Refused(ctrl.MALFORMED) from None
    return parts


async def _read(answer: aiohttp.ClientResponse, url: str) -> Preview:
    if answer.status != 200:  # noqa: PLR2004 - nothing else is a page
        raise ValueError("no page")
    kind = answer.content_type
    if kind.startswith("image/"):
        return Preview(image_url=url)
    encoded: Any = answer.headers.get("Content-Encoding", "identity")
    if kind not in _HTML or encoded.lower() != "identity":
        raise Refused(ctrl.MALFORMED)
    page = b""
    async for chunk in answer.content.iter_any():
        page += chunk
        if len(page) >= SIZE_MAX:
            break
    return pages.read(page[:SIZE_MAX], url, answer.charset or "")
