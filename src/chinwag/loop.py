"""The event loop that programs run on."""

import asyncio
from collections.abc import Coroutine
from typing import Any


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` on the fastest loop there is. Raises what it raises."""
    try:
        import uvloop  # noqa: PLC0415 - there is none for Windows
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)
