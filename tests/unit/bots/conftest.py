"""A server for the tests of bots, and a bot that is tested."""

from collections.abc import AsyncIterator

import pytest

from chinwag.bots import Bot
from chinwag.bots.testing import LocalServer, local_server


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    """A server in this process."""
    async with local_server() as server:
        yield server


@pytest.fixture
def bot() -> Bot:
    """A bot without handlers."""
    return Bot()
