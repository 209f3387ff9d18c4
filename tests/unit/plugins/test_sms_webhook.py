"""Text messages over HTTP. Source: specification 04, paragraph 5.3."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from chinwag.config import Tel
from chinwag.plugins.persist import Temporary
from chinwag.plugins.sms_webhook import WebhookSms
from chinwag.ports import Undelivered


class Gateway:
    """A service that takes text messages."""

    def __init__(self) -> None:
        self.status = 200
        self.taken: list[tuple[Any, str]] = []

    async def take(self, request: web.Request) -> web.Response:
        """Answer with `status`."""
        self.taken.append((await request.json(), request.headers.get("Authorization", "")))
        return web.Response(status=self.status, headers={"Location": "/elsewhere"})


@pytest.fixture
async def gateway() -> AsyncIterator[tuple[Gateway, str]]:
    """A gateway, and where it is."""
    made = Gateway()
    app = web.Application()
    app.router.add_post("/sms", made.take)
    async with TestServer(app) as server:
        yield made, str(server.make_url("/sms"))


async def test_what_the_gateway_gets(gateway: tuple[Gateway, str]) -> None:
    made, url = gateway
    sms = WebhookSms(Tel(url=url, secret="s3cret", sender="Chat"))
    await sms.send("+17025550001", "012345")
    await sms.close()
    body = {"to": "+17025550001", "text": "012345", "sender": "Chat"}
    assert made.taken == [(body, "Bearer s3cret")]


@pytest.mark.parametrize(
    ("status", "error"),
    [(503, Temporary), (429, Temporary), (400, Undelivered), (302, Undelivered)],
)
async def test_what_the_gateway_says_against_it(
    gateway: tuple[Gateway, str], status: int, error: type[Undelivered]
) -> None:
    """Redirects are not followed: the secret goes to the gateway alone."""
    made, url = gateway
    made.status = status
    sms = WebhookSms(Tel(url=url))
    with pytest.raises(error) as raised:
        await sms.send("+17025550001", "012345")
    await sms.close()
    assert type(raised.value) is error
    assert [auth for _, auth in made.taken] == [""]


async def test_nobody_listens(unused_tcp_port: int) -> None:
    sms = WebhookSms(Tel(url=f"http://127.0.0.1:{unused_tcp_port}/"))
    with pytest.raises(Temporary):
        await sms.send("+17025550001", "012345")
    await sms.close()
    await WebhookSms(Tel()).close()
