"""The work behind `chinwag bench`."""

import resource
from collections.abc import Callable, Iterable
from typing import Final

from chinwag.measure.client import CannotMeasure, Refusal, socket_of
from chinwag.measure.loads import LOADS, Size
from chinwag.measure.people import People
from chinwag.measure.table import row

_SPARE: Final = 50  # files that are open besides the connections
Progress = Callable[[str], Callable[[int, int], None]]


def chosen(names: Iterable[str]) -> list[str]:
    """The loads that are asked for, each once; none: all. Raises CannotMeasure."""
    wanted = list(dict.fromkeys(names)) or list(LOADS)
    for name in wanted:
        if name not in LOADS:
            raise CannotMeasure(f"There is no load called {name}: choose from {', '.join(LOADS)}.")
    return wanted


def make_room(sessions: int) -> None:
    """See that so many connections can be open. Raises CannotMeasure."""
    needed = sessions + _SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise CannotMeasure(
            f"This machine lets a program open {hard:,} files: ask for at most "
            f"{max(hard - _SPARE, 1):,} sessions, or raise the limit with `ulimit -n`."
        )
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


async def measure(
    url: str, api_key: str, names: list[str], size: Size, progress: Progress
) -> tuple[list[tuple[str, ...]], int]:
    """A row for each load of `names`, and how many accounts are left behind.

    Raises CannotMeasure.
    """
    where = socket_of(url)
    rows, left = [], 0
    for name in names:
        people = People(where, api_key, progress(f"{name}: sessions"))
        try:
            rows.append(row(name, await LOADS[name](people, size)))
        except Refusal as refusal:
            raise CannotMeasure(f"The server refuses {name} ({refusal}).") from None
        finally:
            left += await people.leave()
    return rows, left
