"""Everything over HTTP but files. Source: specification 01, paragraphs 1.2 to 1.4."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from chinwag.store.db import Unavailable
from chinwag.transports import http
from chinwag.transports.http import Site

Client = TestClient[Any, Any]


class State:
    """Whether the database answers."""

    ready = True

    async def answers(self) -> bool:
        """Whether it does."""
        return self.ready


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
async def client(state: State, tmp_path: Path) -> AsyncIterator[Client]:
    """A client of a server with a web client."""
    folder = tmp_path / "web"
    (folder / "css").mkdir(parents=True)
    for name, text in (("index.html", "<p>hi"), ("service-worker.js", "1"), ("css/a.css", "b")):
        (folder / name).write_text(text)
    (tmp_path / "secret.txt").write_text("secret")
    site = Site(web=folder, ready=state.answers, files=None, now_ms=lambda: 0)
    async with TestClient(TestServer(http.make_app(site))) as client:
        yield client


async def test_health(client: Client, state: State) -> None:
    assert (await client.get("/healthz")).status == 200
    assert (await client.get("/readyz")).status == 200
    state.ready = False
    assert (await client.get("/healthz")).status == 200
    assert (await client.get("/readyz")).status == 503


@pytest.mark.parametrize(
    ("path", "mime", "cache"),
    [
        ("/", "text/html", "no-cache"),
        ("/index.html", "text/html", "no-cache"),
        ("/service-worker.js", "text/javascript", "no-cache"),
        ("/css/a.css", "text/css", "must-revalidate, public, max-age=39600"),
    ],
)
async def test_the_web_client(client: Client, path: str, mime: str, cache: str) -> None:
    """07 §18.2: types matter; the service worker must not be old."""
    answer = await client.get(path)
    assert (answer.status, answer.content_type) == (200, mime)
    assert answer.headers["Cache-Control"] == cache
    assert answer.headers["Referrer-Policy"] == "origin"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("path", ["/nothere", "/css", "/..%2fsecret.txt", "/%2e%2e/secret.txt"])
async def test_what_is_not_there(client: Client, path: str) -> None:
    """01 §12.6 (47): the phrase of HTTP beside a web client."""
    answer = await client.get(path)
    assert (answer.status, answer.content_type) == (404, "application/json")
    assert (await answer.json())["ctrl"]["text"] == "Not Found"


async def test_without_a_web_client(state: State) -> None:
    site = Site(web=None, ready=state.answers, files=None, now_ms=lambda: 0)
    async with TestClient(TestServer(http.make_app(site))) as client:
        for path in ("/", "/v0/file/u/", "/v0/file/s/x"):
            answer = await client.get(path)
            assert (answer.status, (await answer.json())["ctrl"]["text"]) == (404, "not found")
            assert await answer.text() == (await answer.text()).rstrip("\n") + "\n"


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("//healthz", "/healthz"),
        ("/css//a.css?x=//y", "/css/a.css?x=//y"),
        ("/css/./a.css", "/css/a.css"),
        ("/css/../healthz", "/healthz"),
        ("/../../healthz", "/healthz"),
        ("//evil.example/css/..", "/evil.example/"),
        ("/css//", "/css/"),
        ("//", "/"),
    ],
)
async def test_an_untidy_path_leads_to_the_tidy_one(client: Client, path: str, clean: str) -> None:
    """01 §1.2: with a code under which a POST stays one, and never to another server."""
    url = URL(str(client.make_url("")).rstrip("/") + path, encoded=True)
    answer = await client.session.post(url, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (308, clean)


@pytest.mark.parametrize(
    ("error", "status"), [(Unavailable("no"), 503), (OSError("no"), 503), (KeyError("no"), 500)]
)
async def test_what_fails_inside(
    state: State, error: Exception, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that is away is no bug: it was logged with a traceback for every upload."""

    async def fails(_request: web.Request) -> web.Response:
        raise error

    site = Site(web=None, ready=state.answers, files=None, now_ms=lambda: 0)
    app = http.make_app(site)
    app.router.add_get("/fails", fails)
    async with TestClient(TestServer(app)) as client:
        assert (await client.get("/fails")).status == status
    assert [bool(record.exc_info) for record in caplog.records] == [status == 500]
