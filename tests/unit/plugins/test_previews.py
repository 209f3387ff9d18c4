"""Pages that are looked at, and those that never are. Source: specification 04, paragraph 9."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from chinwag.core.errors import Refused
from chinwag.core.pages import Preview
from chinwag.plugins import previews
from chinwag.plugins.previews import Previewer
from chinwag.ports import Unreachable
from chinwag.wire import ctrl

PAGE = b"<title>Hello</title>"
LOCAL = (socket.AF_INET, "127.0.0.1")


class Web:
    """A server that remembers who came."""

    def __init__(self) -> None:
        self.port = 0
        self.visits: list[tuple[str, str, dict[str, str]]] = []
        self.answers: dict[str, web.Response] = {}

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer as told."""
        self.visits.append((request.host, request.path, dict(request.headers)))
        if request.path == "/endless":
            return await self._endless(request)
        answer = self.answers.get(request.path)
        return answer or web.Response(body=PAGE, content_type="text/html")

    @staticmethod
    async def _endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/html"})
        await response.prepare(request)
        await response.write(PAGE)
        try:
            while True:
                await response.write(b"x" * 65536)
        except ConnectionError:
            return response

    def url(self, path: str = "/", host: str = "page.example") -> str:
        """Where a page is."""
        return f"http://{host}:{self.port}{path}"


@pytest.fixture
async def there() -> AsyncIterator[Web]:
    made = Web()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.serve)
    async with TestServer(app) as server:
        assert server.port is not None
        made.port = server.port
        yield made


def previewer(there: Web, names: dict[str, list[str]] | None = None, **how: Any) -> Previewer:
    """One that takes this machine for the public network, unless told otherwise."""
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> list[tuple[int, str]]:
        asked.append(host)
        if names is None:
            return [LOCAL]
        found = names[host]
        address = found.pop(0) if len(found) > 1 else found[0]
        return [(socket.AF_INET, address)]

    how.setdefault("allowed", lambda _address: True)
    made = Previewer("Chinwag test", frozenset({there.port}), resolve, **how)
    made.asked = asked  # type: ignore[attr-defined]
    return made


async def refused(work: Any) -> ctrl.Reply:
    """How it is refused."""
    with pytest.raises(Refused) as error:
        await work
    return error.value.reply


async def test_a_page(there: Web) -> None:
    assert await previewer(there).preview(there.url("/a")) == Preview("Hello")
    ((host, path, headers),) = there.visits
    assert (host, path) == (f"page.example:{there.port}", "/a")
    assert headers["User-Agent"] == "Chinwag test"
    assert headers["Accept-Encoding"] == "identity"
    assert "Cookie" not in headers


async def test_a_picture(there: Web) -> None:
    there.answers["/p"] = web.Response(body=b"\x89PNG", content_type="image/png")
    url = there.url("/p")
    assert await previewer(there).preview(url) == Preview(image_url=url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "ftp://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http://user@example.com/",
        "http://user:secret@example.com/",
        "http://example.com:22/",
        "http://example.com:99999/",
        "http://[::1",
        "//example.com/",
    ],
)
async def test_what_is_no_address_of_a_page(there: Web, url: str) -> None:
    usual = Previewer("Chinwag test")
    assert await refused(usual.preview(url)) == ctrl.MALFORMED


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "10.0.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "127.1",
        "[fe80::1%25eth0]",
    ],
)
async def test_addresses_of_this_machine_and_its_neighbours(there: Web, host: str) -> None:
    """Nothing is sent to them, not even a first packet."""
    usual = Previewer("Chinwag test", frozenset({there.port}))
    assert await refused(usual.preview(there.url(host=host))) == ctrl.MALFORMED
    assert there.visits == []


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "0x7f.1", "0x7f000001", "0177.0.0.1"])
async def test_names_of_this_machine(there: Web, host: str) -> None:
    usual = Previewer("Chinwag test", frozenset({there.port}))
    with pytest.raises((Unreachable, Refused)):
        await usual.preview(there.url(host=host))
    assert there.visits == []


async def test_a_name_with_one_private_address_among_others(there: Web) -> None:
    async def resolve(_host: str, _port: int) -> list[tuple[int, str]]:
        return [(socket.AF_INET, "93.184.216.34"), LOCAL]

    usual = Previewer("Chinwag test", frozenset({there.port}), resolve)
    with pytest.raises(Unreachable):
        await usual.preview(there.url())
    assert there.visits == []


async def test_a_name_that_changes_its_mind(there: Web) -> None:
    """DNS rebinding: a second look would have found this machine; there is no second look."""
    addresses = {"page.example": ["127.0.0.2", "127.0.0.1"]}
    made = previewer(there, addresses, allowed=lambda address: address == "127.0.0.2")
    with pytest.raises(Unreachable):  # nobody listens at the address that was checked
        await made.preview(there.url())
    assert (there.visits, made.asked) == ([], ["page.example"])  # type: ignore[attr-defined]
    with pytest.raises(Unreachable):  # the next request looks again, and finds it
        await made.preview(there.url())
    assert there.visits == []


async def test_redirects_are_followed_a_few_times(there: Web) -> None:
    there.answers |= {
        f"/{n}": web.Response(status=302, headers={"Location": f"/{n + 1}"}) for n in range(4)
    }
    assert await previewer(there).preview(there.url("/1")) == Preview("Hello")
    with pytest.raises(Unreachable):
        await previewer(there).preview(there.url("/0"))


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{port}/secret",
        "http://inside.example:{port}/secret",
        "http://[::1]:{port}/secret",
        "//127.0.0.1:{port}/secret",
        "http://page.example:22/secret",
        "file:///etc/passwd",
        "http://user@page.example:{port}/secret",
        "",
    ],
)
async def test_redirects_lead_nowhere_else(there: Web, target: str) -> None:
    """Each begins all over again, with every check."""
    location = target.format(port=there.port)
    there.answers["/a"] = web.Response(status=301, headers={"Location": location})
    names = {"page.example": ["127.0.0.1"], "inside.example": ["10.0.0.1"]}

    async def resolve(host: str, _port: int) -> list[tuple[int, str]]:
        return [(socket.AF_INET, names[host][0])]

    calls: list[str] = []

    def allowed(address: str) -> bool:
        calls.append(address)
        return address == "127.0.0.1" and len(calls) == 1  # the first page is "outside"

    made = Previewer("Chinwag test", frozenset({there.port}), resolve, allowed)
    with pytest.raises((Refused, Unreachable)):
        await made.preview(there.url("/a"))
    assert [path for _, path, _ in there.visits] in (["/a"], ["/a"])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (web.Response(status=404), Unreachable),
        (web.Response(status=500), Unreachable),
        (web.Response(body=b"x", content_type="application/pdf"), Refused),
        (web.Response(body=b"{}", content_type="application/json"), Refused),
        (
            web.Response(
                body=b"\x1f\x8b", content_type="text/html", headers={"Content-Encoding": "gzip"}
            ),
            Refused,
        ),
    ],
)
async def test_what_is_no_page(there: Web, answer: web.Response, error: type[Exception]) -> None:
    there.answers["/a"] = answer
    with pytest.raises(error):
        await previewer(there).preview(there.url("/a"))


async def test_only_the_beginning_is_read(there: Web) -> None:
    """64 KiB of a page without end."""
    assert await previewer(there).preview(there.url("/endless")) == Preview("Hello")


async def test_three_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "TOTAL_S", 0.1)
    over = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        over.set()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        there = Web()
        there.port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unreachable, match="Timeout"):
            await previewer(there).preview(there.url())
        await over.wait()


async def test_too_many_at_once(there: Web) -> None:
    busy = previewer(there)
    busy._waiting = previews.WAITING_MAX
    assert await refused(busy.preview(there.url())) == ctrl.UNAVAILABLE
