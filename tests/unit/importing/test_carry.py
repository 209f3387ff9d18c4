"""While one portion is written the next one is read."""

import asyncio

import pytest

from chinwag.importing.carry import _first_of


async def _fail(error: Exception) -> None:
    raise error


async def test_both_have_ended_before_one_failure_counts() -> None:
    """Nothing reads from a connection that is being closed."""
    ended = asyncio.Event()

    async def read() -> str:
        await asyncio.sleep(0)
        ended.set()
        return "page"

    with pytest.raises(KeyError):
        await _first_of(read(), _fail(KeyError()))
    assert ended.is_set()
    assert await _first_of(read(), asyncio.sleep(0)) == "page"
    with pytest.raises(ValueError, match="lost"):
        await _first_of(_fail(ValueError("lost")), asyncio.sleep(0))
