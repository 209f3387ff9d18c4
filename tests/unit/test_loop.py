"""The event loop that programs run on."""

import asyncio
import sys

import pytest

from chinwag import loop


def _loop_of_a_run() -> str:
    found: list[str] = []

    async def work() -> None:
        found.append(type(asyncio.get_running_loop()).__module__)

    loop.run(work())
    return found[0]


def test_the_fastest_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no uvloop for Windows: Python's own serves there."""
    pytest.importorskip("uvloop")
    assert _loop_of_a_run() == "uvloop"
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert _loop_of_a_run().startswith("asyncio.")
