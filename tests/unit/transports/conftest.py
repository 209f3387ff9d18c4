"""Fixtures: a server of files."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from chinwag.core.limits import Limits
from chinwag.transports import http
from shop import Shop, site
from stage import Open


@pytest.fixture
async def shop(open_stage: Open, tmp_path: Path) -> AsyncIterator[Shop]:
    stage = await open_stage(Limits())
    made = Shop(stage, tmp_path)
    async with TestClient(TestServer(http.make_app(site(made)))) as client:
        made._client = client
        yield made
