"""Incoming webhooks over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp.test_utils import TestClient, TestServer

from chinwag.engine.incoming import Incoming
from chinwag.engine.webhooks import Webhooks
from chinwag.store.hooks_in import HookIn
from chinwag.transports import hooks, http
from chinwag.transports.hooks import BODY_MAX, HookDoor
from chinwag.transports.http import Site
from stage import Actor, Stage, new_group

Client = TestClient[Any, Any]


@pytest.fixture
async def client(stage: Stage) -> AsyncIterator[Client]:
    """A client of a server that serves webhooks."""
    door = HookDoor(Incoming(stage.hub, 3))
    site = Site(web=None, ready=stage.db.ping, files=None, now_ms=stage.clock.now_ms, hooks=door)
    async with TestClient(TestServer(http.make_app(site))) as client:
        yield client


@pytest.fixture
async def hook(stage: Stage, alice: Actor) -> tuple[str, HookIn]:
    """The path of a webhook, and what is kept of it."""
    secret, hook = await Webhooks(stage.hub).new_incoming(await new_group(alice), "CI")
    alice.heard.clear()
    return f"/v1/hooks/{secret}", hook


async def post(client: Client, path: str, body: Any, **headers: str) -> tuple[int, str]:
    """Status and words of the answer."""
    async with client.post(path, data=body, headers=headers) as answer:
        assert answer.content_type == "text/plain"
        return answer.status, await answer.text()


async def test_json_and_forms_are_taken(
    client: Client, hook: tuple[str, HookIn], alice: Actor
) -> None:
    """Whatever the header says: `curl -d` calls everything a form."""
    said = json.dumps({"text": "hi"})
    for body in (said, urlencode({"payload": said})):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        assert await post(client, hook[0], body, **form) == (200, "ok")
    assert await post(client, hook[0], said.encode(), **{"Content-Type": "application/json"}) == (
        200,
        "ok",
    )
    assert [heard["data"]["content"] for heard in alice.heard] == ["hi"] * 3


async def test_the_key_of_a_call_makes_it_one(
    client: Client, hook: tuple[str, HookIn], alice: Actor
) -> None:
    for _ in range(2):
        assert await post(client, hook[0], '{"text": "hi"}', **{"Idempotency-Key": "7"}) == (
            200,
            "ok",
        )
    assert len(alice.heard) == 1


async def test_too_many_are_told_to_come_later(client: Client, hook: tuple[str, HookIn]) -> None:
    for _ in range(3):
        assert await post(client, hook[0], '{"text": "hi"}') == (200, "ok")
    async with client.post(hook[0], data='{"text": "hi"}') as answer:
        assert (answer.status, await answer.text()) == (429, "rate_limited")
        assert answer.headers["Retry-After"] == "1"


async def test_bad_calls_are_answered_as_such_programs_expect(
    client: Client, hook: tuple[str, HookIn], alice: Actor
) -> None:
    path = hook[0]
    assert await post(client, path, "{") == (400, "invalid_payload")
    assert await post(client, path[:-1] + "-", '{"text": "hi"}') == (404, "no_service")
    assert await post(client, "/v1/hooks/x", '{"text": "hi"}') == (404, "no_service")
    assert await post(client, path, b"{" + b" " * BODY_MAX) == (413, "payload_too_large")
    async with client.get(path) as answer:
        assert answer.status == 405
    assert alice.heard == []


async def test_it_is_told_why_nothing_can_be_posted(
    client: Client, hook: tuple[str, HookIn], alice: Actor, stage: Stage
) -> None:
    path, kept = hook
    stage.db.moods = ["lost", "lost"]
    assert await post(client, path, '{"text": "hi"}') == (503, "service_unavailable")
    stage.db.moods, stage.db.silent = [], 1
    assert await post(client, path, '{"text": "hi"}') == (503, "service_unavailable")
    stage.clock.ms += 60_000
    await alice.ask(**{"del": {"topic": kept.topic, "what": "sub", "user": kept.uid}})
    assert await post(client, path, '{"text": "hi"}') == (403, "action_prohibited")
    await alice.ask(**{"del": {"topic": kept.topic, "what": "topic", "hard": True}})
    assert await post(client, path, '{"text": "hi"}') == (404, "channel_not_found")


async def test_a_body_that_never_ends_is_given_up(
    client: Client, hook: tuple[str, HookIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "BODY_S", 0.1)

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    assert await post(client, hook[0], slow()) == (400, "timeout")
