"""/v0/urlpreview. Source: specification 04, paragraph 9, DEFECT D-90."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from chinwag.core.errors import Refused
from chinwag.core.pages import Preview as Found
from chinwag.ports import Unreachable
from chinwag.transports import http
from chinwag.transports.credentials import Gate
from chinwag.transports.http import Site
from chinwag.transports.preview import Preview
from chinwag.wire import ctrl
from shop import KEY, SALT, Shop

URL = "https://example.com/"


class Pages:
    """Pages by address."""

    def __init__(self) -> None:
        self.found: dict[str, Found | Exception] = {}

    async def preview(self, url: str) -> Found:
        """What was put there."""
        found = self.found.get(url, Refused(ctrl.MALFORMED))
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
async def viewer(shop: Shop, pages: Pages) -> AsyncIterator[Shop]:
    """A shop that shows previews, too."""
    guard, now_ms = shop.stage.services.guard, shop.stage.clock.now_ms

    def admit(uid: str) -> None:
        guard.check_preview(uid, now_ms())

    preview = Preview(pages, Gate(shop.desk, SALT), admit)
    site = Site(web=None, ready=shop.stage.db.ping, files=None, now_ms=now_ms, preview=preview)
    async with TestClient(TestServer(http.make_app(site))) as client:
        shop._client = client
        yield shop


async def ask(viewer: Shop, url: str = URL, **more: Any) -> Any:
    """What comes back."""
    return await viewer.get("/v0/urlpreview", params={"url": url} if url else {}, **more)


async def test_what_is_known_of_a_page(viewer: Shop, pages: Pages) -> None:
    """D-90: there was no such thing."""
    pages.found[URL] = Found("Hello", "", "https://example.com/p.png")
    status, headers, body = await ask(viewer)
    assert status == 200
    assert body == b'{"title":"Hello","image_url":"https://example.com/p.png"}'
    assert headers["Cache-Control"] == "private, max-age=600"
    assert (await ask(viewer, method="HEAD"))[0] == 200


async def test_a_page_that_says_nothing(viewer: Shop, pages: Pages) -> None:
    pages.found[URL] = Found()
    assert (await ask(viewer))[::2] == (204, b"")


async def test_a_page_that_cannot_be_reached(viewer: Shop, pages: Pages) -> None:
    """What the other side said is not passed on."""
    pages.found[URL] = Unreachable("secret of the intranet")
    status, _, body = await ask(viewer)
    assert (status, b"page unreachable" in body, b"secret" in body) == (502, True, False)


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 403), (KEY, 401), ({**KEY, "X-Tinode-Auth": "Token x"}, 400)]
)
async def test_who_may_not_ask(viewer: Shop, headers: dict[str, str], status: int) -> None:
    assert (await ask(viewer, headers=headers))[0] == status


async def test_what_may_not_be_asked(viewer: Shop) -> None:
    assert (await ask(viewer, url=""))[0] == 400
    assert (await ask(viewer, url="ftp://example.com/"))[0] == 400
    assert (await ask(viewer, method="POST"))[0] == 405


async def test_not_without_end(viewer: Shop, pages: Pages) -> None:
    pages.found[URL] = Found("Hello")
    codes = {(await ask(viewer))[0] for _ in range(30)}
    assert codes == {200}
    assert (await ask(viewer))[0] == 503


async def test_it_is_off_unless_asked_for(shop: Shop) -> None:
    """D-90."""
    assert (await ask(shop))[0] == 404
