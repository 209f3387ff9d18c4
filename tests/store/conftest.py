"""Fixtures: an empty database of each kind that is tested."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chinwag.store.db import Db
from chinwag.store.sqlite import SqliteDb


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that asks for `product` once for every database."""
    if "product" in metafunc.fixturenames:
        metafunc.parametrize("product", metafunc.config.getoption("db") or ["sqlite"])


@pytest.fixture
async def db(product: str, tmp_path: Path) -> AsyncIterator[Db]:
    """An empty database."""
    opened = await SqliteDb.open(tmp_path / "chinwag.db")
    yield opened
    await opened.close()
