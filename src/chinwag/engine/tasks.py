"""Spawn and supervise: the one place where tasks are made."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Tasks:
    """Keeps the running tasks of a server, so that none is lost and none fails in silence."""

    def __init__(self, on_failure: Callable[[str], None] | None = None) -> None:
        self._running: set[asyncio.Task[None]] = set()
        self._on_failure = on_failure

    def spawn(self, name: str, coro: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `coro`; an unhandled failure is logged under `name` and reported to the owner."""
        task = asyncio.get_running_loop().create_task(coro, name=name)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if task.cancelled() or task.exception() is None:
            return
        log.error("task_failed", extra={"task": task.get_name()}, exc_info=task.exception())
        if self._on_failure is not None:
            self._on_failure(task.get_name())

    @property
    def count(self) -> int:
        """How many tasks are running."""
        return len(self._running)

    async def drain(self, deadline_s: float) -> bool:
        """Wait until nothing runs any more; False: the deadline came first."""
        end = asyncio.get_running_loop().time() + deadline_s
        while self._running:
            left = end - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            await asyncio.wait(set(self._running), timeout=left)
        return True

    async def cancel(self) -> None:
        """Cancel whatever still runs and wait for its end."""
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.gather(*self._running, return_exceptions=True)
