"""A server for the tests of the chat client, and somebody who is there already."""

from collections.abc import AsyncIterator

import pytest

from chinwag.bots.testing import LocalServer, Person, local_server


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    """A server in this process."""
    async with local_server() as server:
        yield server


@pytest.fixture
async def ben(server: LocalServer) -> AsyncIterator[Person]:
    """Somebody to talk with."""
    person = await server.person("Ben")
    yield person
    await person.leave()
