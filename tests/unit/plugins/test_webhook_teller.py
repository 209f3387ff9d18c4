"""Programs are told over HTTP."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from chinwag.config_webhooks import Webhooks
from chinwag.core.signing import signature
from chinwag.plugins.webhook_teller import WebhookTeller
from chinwag.ports_webhooks import Fate, Telling, Told
from stage import START_MS, HandClock


class Target:
    """A program that is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answer = web.Response()
        self.hangs = False
        self.port = 0

    async def serve(self, request: web.Request) -> web.Response:
        """Answer as told."""
        self.heard.append((dict(request.headers), await request.read()))
        if self.hangs:
            await asyncio.Event().wait()
        return self.answer

    def telling(self, host: str = "ci.example") -> Telling:
        """Something to be told."""
        return Telling("a.b.1", f"http://{host}:{self.port}/x", "whsec_1", b'{"a":1}')


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    made = Target()
    app = web.Application()
    app.router.add_post("/x", made.serve)
    async with TestServer(app) as server:
        assert server.port is not None
        made.port = server.port
        yield made


async def here(_host: str, _port: int) -> list[tuple[int, str]]:
    """Every name is this machine's."""
    return [(socket.AF_INET, "127.0.0.1")]


@pytest.fixture
async def teller() -> AsyncIterator[WebhookTeller]:
    """One that may reach this machine."""
    made = WebhookTeller(Webhooks(private_targets=True, timeout_s=0.3), HandClock(), here)
    yield made
    await made.close()


async def test_it_is_signed_with_the_time(target: Target, teller: WebhookTeller) -> None:
    assert await teller.tell(target.telling()) == Told(Fate.TOLD)
    ((headers, body),) = target.heard
    assert body == b'{"a":1}'
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Chinwag-Delivery"] == "a.b.1"
    assert headers["X-Chinwag-Signature"] == signature("whsec_1", START_MS // 1000, body)


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (204, Fate.TOLD),
        (302, Fate.LATER),
        (400, Fate.REFUSED),
        (401, Fate.LATER),
        (404, Fate.LATER),
        (410, Fate.GONE),
        (413, Fate.REFUSED),
        (429, Fate.LATER),
        (500, Fate.LATER),
    ],
)
async def test_what_answers_mean(
    target: Target, teller: WebhookTeller, status: int, fate: Fate
) -> None:
    headers = {"Location": "http://127.0.0.1/", "Retry-After": "7200"}
    target.answer = web.Response(status=status, headers=headers)
    found = await teller.tell(target.telling())
    assert found.fate is fate
    assert found.after_s == (3600.0 if fate is Fate.LATER else 0.0)
    assert len(target.heard) == 1  # no redirection is followed
    assert (str(status) in found.why) is (fate is not Fate.TOLD)


async def test_a_target_that_hangs_is_given_up(target: Target, teller: WebhookTeller) -> None:
    target.hangs = True
    assert await teller.tell(target.telling()) == Told(Fate.LATER, "no answer within 0.3 s")


async def test_nobody_is_there(target: Target, teller: WebhookTeller) -> None:
    target.port = unused_port()
    assert (await teller.tell(target.telling())).fate is Fate.LATER


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "ci.example", "localhost", "[::1]", "[::ffff:7f00:1]"]
)
async def test_nothing_private_is_reached_unless_it_is_allowed(target: Target, host: str) -> None:
    """By name or by number."""
    teller = WebhookTeller(Webhooks(timeout_s=0.3), HandClock(), here)
    found = await teller.tell(target.telling(host))
    assert (found.fate, "public" in found.why) == (Fate.LATER, True)
    assert target.heard == []
    await teller.close()


async def test_what_was_never_opened_can_be_closed() -> None:
    await WebhookTeller(Webhooks(), HandClock()).close()
