"""Broken forms are the client's affair; whole ones are read whole."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from chinwag.core.errors import Refused
from chinwag.transports import forms

TYPE = {"Content-Type": "multipart/form-data; boundary=B"}
PART = b'--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'


async def read(body: bytes, headers: dict[str, str] | None = None) -> object:
    """What is read of a form: names with contents, or the code of the refusal."""
    answer: list[object] = []

    async def handler(request: web.Request) -> web.Response:
        try:
            async for part in forms.parts(request):
                name = forms.name_of(part)
                first = await forms.chunk(part, 32)
                rest = [c async for c in forms.chunks(first, part)]
                answer.append((name, b"".join(rest)))
        except Refused as refused:
            answer[:] = [refused.reply.code]
        return web.Response()

    app = web.Application()
    app.router.add_post("/", handler)
    async with TestClient(TestServer(app)) as client:
        await client.post("/", data=body, headers=headers or TYPE)
    return answer


async def test_a_whole_form() -> None:
    body = PART % (b"id", b"7") + PART % (b"file", b"hello world") + b"--B--\r\n"
    assert await read(body) == [("id", b"7"), ("file", b"hello world")]


@pytest.mark.parametrize(
    "body",
    [
        b"no boundary at all",
        PART % (b"file", b"never ended"),
        b"--B\r\nno header\r\n\r\nx\r\n--B--",
        b"--B\r\nContent-Type: multipart/mixed; boundary=C\r\n\r\n--C--\r\n--B--\r\n",
        (PART % (b"x", b"y")) * (forms.PARTS_MAX + 1) + b"--B--\r\n",
        b'--B\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\n'
        + b"c" * 99
        + b"\r\n--B--",
    ],
    ids=["nothing", "cut", "header", "nested", "many", "charset"],
)
async def test_a_broken_form_is_refused(body: bytes) -> None:
    assert await read(body) == [400]


async def test_a_form_without_boundary_is_refused() -> None:
    assert await read(b"x", {"Content-Type": "multipart/form-data"}) == [400]
