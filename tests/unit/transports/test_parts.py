"""Whole files and parts of them over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from chinwag.transports.parts import FileResponse, is_part

Client = TestClient[web.Request, web.Application]
CONTENT = bytes(range(100))


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)

    async def serve(_request: web.Request) -> web.StreamResponse:
        return FileResponse(path)

    app = web.Application()
    app.router.add_get("/", serve)
    async with TestClient(TestServer(app)) as made:
        yield made


@pytest.mark.parametrize("wanted", ["bytes=0-0", "BYTES=5-", "bytes=-3", "bytes=100-200"])
def test_one_part(wanted: str) -> None:
    assert is_part(wanted)


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=0-1,3-4",
        "bytes=0-1, -1",
        "bytes=5-1",
        "bytes=-",
        "bytes=",
        "bytes=a-b",
        "bytes=٣-٤",
        "bytes=0-" + "9" * 5000,
        "bytes 0-1",
        "pages=1-2",
        "",
    ],
)
async def test_what_is_no_part_is_answered_with_the_whole(client: Client, wanted: str) -> None:
    """RFC 9110, 14.2: a server may ignore what it does not understand; once it was 416."""
    async with client.get("/", headers={"Range": wanted}) as answer:
        assert (answer.status, await answer.read()) == (200, CONTENT)
        assert "Content-Range" not in answer.headers
    async with client.get("/", headers={"Range": "bytes=1-2"}) as answer:  # the same connection
        assert (answer.status, await answer.read()) == (206, CONTENT[1:3])


async def test_a_part_that_is_not_there(client: Client) -> None:
    async with client.get("/", headers={"Range": "bytes=100-"}) as answer:
        assert (answer.status, answer.headers["Content-Range"]) == (416, "bytes */100")


async def test_nothing_is_sent_for_a_head(client: Client) -> None:
    async with client.head("/", headers={"Range": "bytes=0-1,3-4"}) as answer:
        assert (answer.status, answer.headers["Content-Length"]) == (200, "100")
