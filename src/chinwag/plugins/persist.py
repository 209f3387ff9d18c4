"""Trying again what somebody else's service did not take, a few times."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from chinwag.ports import Undelivered

PAUSES_S: Final = (2.0, 10.0, 60.0)


class Temporary(Undelivered):
    """It may work later."""


async def persist(
    attempt: Callable[[], Awaitable[None]], pauses_s: tuple[float, ...] = PAUSES_S
) -> None:
    """Do `attempt` until it works. Raises Undelivered after the last pause, or when it is final."""
    for pause_s in pauses_s:
        try:
            return await attempt()
        except Temporary:
            await asyncio.sleep(pause_s)
    return await attempt()
