"""Pushes over HTTP: specification 03, paragraph 8.1 and DEFECT D13."""

import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from chinwag.config_push import PushWebhook
from chinwag.core.notify import Push, Target
from chinwag.plugins.push_webhook import WebhookSink
from chinwag.ports import Carried, Letter
from stage import ALICE, BOB, START_MS, HandClock

SECRET = "0123456789abcdef"
TO = [Target("phone", ALICE, "ios", "en"), Target("pad", BOB, "web", "de", silent=True)]
LETTER = Letter("00ff", Push({"what": "msg", "topic": "grpX", "content": "é"}, TO), {ALICE: 0}, 77)
ALL = frozenset({"phone", "pad"})


class Service:
    """A service that knows the makers of devices."""

    def __init__(self) -> None:
        self.status, self.answer = 200, b""
        self.headers = {"Location": "/elsewhere"}
        self.taken: list[tuple[dict[str, str], bytes]] = []

    async def take(self, request: web.Request) -> web.Response:
        """Answer as it is told to."""
        self.taken.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status, body=self.answer, headers=self.headers)


@pytest.fixture
async def service() -> AsyncIterator[tuple[Service, WebhookSink]]:
    """The service, and what posts to it."""
    made = Service()
    app = web.Application()
    app.router.add_post("/push", made.take)
    async with TestServer(app) as server:
        settings = PushWebhook(url=str(server.make_url("/push")), secret=SECRET)
        sink = WebhookSink(settings, HandClock())
        yield made, sink
        await sink.close()


async def test_what_the_service_gets(service: tuple[Service, WebhookSink]) -> None:
    """D14b: nothing to read is a number too; what is not known is not there."""
    made, sink = service
    assert await sink.send(LETTER) == Carried()
    headers, body = made.taken[0]
    assert json.loads(body) == {
        "id": "00ff",
        "ttl": 77,
        "data": {"what": "msg", "topic": "grpX", "content": "é"},
        "to": [
            {
                "device": "phone",
                "user": ALICE,
                "platform": "ios",
                "lang": "en",
                "silent": False,
                "unread": 0,
            },
            {"device": "pad", "user": BOB, "platform": "web", "lang": "de", "silent": True},
        ],
    }
    assert headers["Content-Type"] == "application/json"
    at, _, mac = headers["X-Chinwag-Signature"].partition(",v1=")
    assert at == f"t={START_MS // 1000}"
    signed = at[2:].encode() + b"." + body
    assert mac == hmac.new(SECRET.encode(), signed, "sha256").hexdigest()


@pytest.mark.parametrize(
    ("status", "answer", "carried"),
    [
        (204, b"", Carried()),
        (200, b"thanks", Carried()),
        (
            200,
            b'{"gone":["phone","other"],"later":["pad"]}',
            Carried(frozenset({"pad"}), frozenset({"phone"})),
        ),
        (200, b'{"gone":"all"}', Carried()),
        (400, b"", Carried()),
        (413, b"", Carried()),
        (302, b"", Carried(later=ALL)),
        (401, b"", Carried(later=ALL)),
        (429, b"", Carried(later=ALL)),
        (503, b"", Carried(later=ALL)),
    ],
)
async def test_what_the_service_answers(
    service: tuple[Service, WebhookSink], status: int, answer: bytes, carried: Carried
) -> None:
    """D13: redirects are not followed, and what may work later is tried later."""
    made, sink = service
    made.status, made.answer = status, answer
    assert await sink.send(LETTER) == carried
    assert len(made.taken) == 1


@pytest.mark.parametrize(("asked", "wait_s"), [("30", 30.0), ("99999", 3600.0), ("soon", 0.0)])
async def test_when_to_come_again(
    service: tuple[Service, WebhookSink], asked: str, wait_s: float
) -> None:
    made, sink = service
    made.status, made.headers = 429, {"Retry-After": asked}
    assert (await sink.send(LETTER)).after_s == wait_s


async def test_nobody_is_there() -> None:
    sink = WebhookSink(PushWebhook(url="http://127.0.0.1:1/", secret=SECRET), HandClock())
    assert await sink.send(LETTER) == Carried(later=ALL)
    await sink.close()


async def test_closing_what_was_never_used() -> None:
    await WebhookSink(PushWebhook(), HandClock()).close()


def test_secrets_are_not_shown() -> None:
    sink: Any = WebhookSink(PushWebhook(secret=SECRET), HandClock())
    assert SECRET not in repr(sink)
