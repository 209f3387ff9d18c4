"""An event loop whose time jumps, and processes on it that can be killed."""

import asyncio
import selectors
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from itertools import count
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

TURNS_MAX: Final = 5_000_000  # of one loop; more means that something never comes to rest
_LIFE: ContextVar[int] = ContextVar("life", default=0)
_numbers = count(1)


class Deadlock(Exception):
    """Every task waits for another one and no timer is pending."""


class Endless(Exception):
    """The loop does not come to rest."""


class _Jump(selectors.SelectSelector):
    """Waits for nothing: where the loop would sleep, the time jumps."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.turns = 0

    def select(self, timeout: float | None = None) -> list[Any]:
        """Let `timeout` seconds pass. Raises Deadlock, Endless."""
        self.turns += 1
        if timeout is None:
            raise Deadlock("every task waits and no timer is pending")
        if self.turns > TURNS_MAX:
            raise Endless("the loop does not come to rest")
        self.now += max(timeout, 0.0)
        return []


class SimLoop(asyncio.SelectorEventLoop):
    """Virtual time: it begins at 0.0 and passes only while every task waits.

    What goes wrong where nobody asks for it, such as a failed task that is never awaited, is kept
    in `unheard`.
    """

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)
        self.unheard: list[str] = []
        self.set_exception_handler(self._note)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._jump.now

    async def pause(self, seconds: float) -> None:
        """Let virtual time pass."""
        await asyncio.sleep(seconds)

    def _note(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self.unheard.append(context["message"] if error is None else f"{error!r}")

    def pending(self) -> list[asyncio.Handle]:
        """Callbacks and timers that have not run yet."""
        waiting: list[asyncio.Handle] = [*self._ready, *self._scheduled]  # type: ignore[attr-defined]
        return [handle for handle in waiting if not handle.cancelled()]


class Life:
    """What is started through `run` and whatever that starts: it ends together.

    A server that crashes is a Life that ends.
    """

    def __init__(self, loop: SimLoop) -> None:
        self._loop = loop
        self._number = next(_numbers)
        self._context: Context = copy_context()
        self._context.run(_LIFE.set, self._number)

    def run(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call `call` as part of this life."""
        return self._context.run(call, *args, **kwargs)

    def timers(self) -> list[asyncio.Handle]:
        """Callbacks and timers of this life that have not run yet."""
        return [h for h in self._loop.pending() if h._context.get(_LIFE) == self._number]  # type: ignore[attr-defined]

    def end(self) -> None:
        """Nothing of this life happens any more; tasks are left to whoever keeps them."""
        for handle in self.timers():
            handle.cancel()
