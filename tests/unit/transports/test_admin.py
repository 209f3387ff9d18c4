"""Orders of administrators over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from chinwag.core.scope import topics
from chinwag.core.state import Level
from chinwag.engine.orders import Orders
from chinwag.engine.programs import Programs
from chinwag.transports import http
from chinwag.transports.admin import AdminDoor
from chinwag.transports.credentials import Gate
from chinwag.transports.http import Site
from shop import SALT, Shop
from stage import ALICE, Stage


@pytest.fixture
async def office(stage: Stage, tmp_path: Path) -> AsyncIterator[Shop]:
    """A server that takes orders."""
    shop = Shop(stage, tmp_path)
    door = AdminDoor(Orders(stage.hub), Gate(shop.desk, SALT))
    site = Site(web=None, ready=stage.db.ping, files=None, now_ms=stage.clock.now_ms, admin=door)
    async with TestClient(TestServer(http.make_app(site))) as client:
        shop._client = client
        yield shop


async def order(office: Shop, what: str, body: str = "{}", **headers: str) -> tuple[int, Any]:
    """Status and answer."""
    async with office.client.post(f"/v1/admin/{what}", data=body, headers=headers) as answer:
        return answer.status, await answer.json()


def root(office: Shop) -> dict[str, str]:
    """The headers of an administrator."""
    return {"Authorization": "Token " + office.token(level=Level.ROOT)}


async def test_an_administrator_orders(office: Shop) -> None:
    assert await order(office, "hook.list", **root(office)) == (200, {"hooks": []})
    assert await order(office, "hook.list", "", **root(office)) == (200, {"hooks": []})
    status, made = await order(office, "hook.out", '{"url": "https://a.example/"}', **root(office))
    assert (status, made["kind"]) == (200, "out")


async def test_what_cannot_be_done_is_said(office: Shop) -> None:
    for what, body in (("nothing", "{}"), ("hook.in", "{"), ("hook.revoke", '{"id": "x"}')):
        status, told = await order(office, what, body, **root(office))
        assert status == 400
        assert told["error"].endswith(".")


async def test_nobody_else_does(office: Shop, stage: Stage) -> None:
    """Not by a cookie either, which a page of somebody else could send."""
    token = office.token(level=Level.ROOT)
    assert (await order(office, "hook.list"))[0] == 401
    assert (await order(office, "hook.list", Cookie=f"auth=token; secret={token}"))[0] == 401
    people = {"Authorization": "Token " + office.token()}
    assert (await order(office, "hook.list", **people))[0] == 403
    assert (await order(office, "hook.list", Authorization="Token AAAA"))[0] == 400
    assert (await order(office, "hook.list", Authorization="Token !"))[0] == 400
    secret, _ = await Programs(stage.services).new_token(ALICE, topics([]))
    assert (await order(office, "hook.list", Authorization=f"Token {secret}"))[0] == 403
    async with office.client.get("/v1/admin/hook.list", headers=root(office)) as answer:
        assert answer.status == 405
