"""Group commit: functions that wait together share a transaction, a bad one fails alone.

There is no timer: what waits while one commit runs forms the next batch.
"""

import asyncio
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from chinwag.store.db import Unavailable, joins
from chinwag.store.translate import in_the_way, reason, translated

QUEUE_MAX: Final = 10_000  # waiting writes; beyond it the caller is told Unavailable
READS_MAX: Final = 10_000  # waiting reads, likewise
BATCH_MAX: Final = 256  # functions in one transaction
TRIES: Final = 3  # for what another transaction was in the way of


class Job(NamedTuple):
    """A store function with its arguments, and who waits for its result."""

    fn: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    done: "asyncio.Future[Any]"


class Outcome(NamedTuple):
    """What became of a job: it is durable if there is no error."""

    done: "asyncio.Future[Any]"
    result: Any
    error: Exception | None


@dataclass(slots=True)
class Batch:
    """Jobs on their way into the database, in their order."""

    jobs: list[Job]
    outcomes: list[Outcome] = field(default_factory=list)
    _together: int = BATCH_MAX  # how many of what is left to try in one transaction
    _joining: bool = True  # calls that can be one are one
    _tries: int = TRIES

    @property
    def left(self) -> list[Job]:
        """The jobs nothing is known of yet; they have surely not been committed."""
        return self.jobs[len(self.outcomes) :]

    def step(self, tx: sa.Connection, *, sound: bool = True) -> bool:
        """Try what is left in one transaction. False: do not use `tx` any more.

        If one fails, the next step takes those before it; then it is the first, and fails alone.
        `sound`: `tx` worked a moment ago, so that it is not to blame for a failure.
        """
        group = self.left[: self._together]
        results: list[Any] = []
        run: list[Job] = []
        try:
            for run in _runs(group) if self._joining else ([job] for job in group):
                results.extend(_called(tx, run))
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for the result
            return self._failed(tx, error, len(results), alone=len(run) == 1, sound=sound)
        try:
            tx.commit()
        except Exception as error:  # noqa: BLE001 - nobody knows whether it committed
            return self._unknown(tx, error, group)
        self._settle(Outcome(j.done, r, None) for j, r in zip(group, results, strict=True))
        return True

    def give_up(self, why: str) -> None:
        """There is no database for what is left, or nobody knows what became of it."""
        self._settle(Outcome(job.done, None, Unavailable(why)) for job in self.left)

    def _settle(self, outcomes: Iterable[Outcome]) -> None:
        self.outcomes.extend(list(outcomes))
        self._together, self._joining, self._tries = BATCH_MAX, True, TRIES

    def _failed(
        self, tx: sa.Connection, error: Exception, ahead: int, *, alone: bool, sound: bool
    ) -> bool:
        """One failed behind `ahead` others: nothing is done. Whether `tx` can still be used."""
        if self._again(tx, error):
            return True
        meant = translated(error)
        usable = roll_back(tx) and not isinstance(meant, Unavailable)
        if not alone:  # who of several it was is not known: look at each
            self._joining = False
        elif ahead:
            self._together = ahead
        elif usable or sound:
            self._settle([Outcome(self.left[0].done, None, meant)])
        return usable

    def _unknown(self, tx: sa.Connection, error: Exception, group: list[Job]) -> bool:
        """The commit of `group` failed. Whether `tx` can still be used."""
        if self._again(tx, error):
            return True
        roll_back(tx)
        why = reason(error)
        self._settle(Outcome(job.done, None, Unavailable(why)) for job in group)
        return False

    def _again(self, tx: sa.Connection, error: Exception) -> bool:
        """Whether only another transaction was in the way, and it is worth another try."""
        if not in_the_way(error) or self._tries <= 1:
            return False
        self._tries -= 1
        return roll_back(tx)


def _runs(jobs: list[Job]) -> Iterator[list[Job]]:
    """`jobs` in their order; neighbours whose calls may become one are together."""
    for fn, run in itertools.groupby(jobs, lambda job: job.fn):
        if joins(fn):
            yield list(run)
        else:
            yield from ([job] for job in run)


def _called(tx: sa.Connection, run: list[Job]) -> list[Any]:
    """The results of one job, or of several whose calls may become one."""
    if len(run) == 1:
        return [run[0].fn(tx, *run[0].args, **run[0].kwargs)]
    run[0].fn(tx, [each for job in run for each in job.args[0]])
    return [None] * len(run)


def resolve(outcomes: list[Outcome]) -> None:
    """Tell everybody who waits."""
    for done, result, error in outcomes:
        if done.done():
            continue
        if error is None:
            done.set_result(result)
        elif isinstance(error, StopIteration):  # a bug, and nothing that a future takes
            done.set_exception(RuntimeError("a store function has raised StopIteration"))
        else:
            done.set_exception(error)


def roll_back(tx: sa.Connection) -> bool:
    """Undo what is not committed; whether the connection did it."""
    try:
        tx.rollback()
    except Exception:  # noqa: BLE001 - then closing it does
        return False
    return True
