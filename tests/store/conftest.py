"""Fixtures: an empty database of each kind that is tested."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from chinwag.store import schema
from chinwag.store.db import Db, Tx
from chinwag.store.opening import open_db
from databases import Server, Start

MESSAGE_MAX = 262_144


@pytest.fixture
def server(hosted: str, servers: Start) -> Server:
    """A running server; a test that stops it starts it again."""
    return servers(hosted)


@pytest.fixture(scope="session")
def shared() -> dict[str, str]:
    """Addresses of the databases that tests share, one after the other."""
    return {}


def _empty(tx: Tx) -> None:
    for table in schema.metadata.sorted_tables:
        if table is not schema.meta:
            tx.execute(sa.delete(table))


@pytest.fixture
async def db(
    product: str, tmp_path: Path, request: pytest.FixtureRequest, shared: dict[str, str]
) -> AsyncIterator[Db]:
    """An empty database; of its own where the test is marked `own_tables`."""
    url = ""
    if product != "sqlite":
        start: Start = request.getfixturevalue("servers")
        own = request.node.get_closest_marker("own_tables") is not None
        if own or product not in shared:
            url = start(product).new_database()
        url = url if own else shared.setdefault(product, url)
    opened = await open_db(url, tmp_path, message_max=MESSAGE_MAX)
    await opened.run(_empty)
    yield opened
    await opened.close()
