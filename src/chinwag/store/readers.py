"""Threads that read from a database file, each on a connection of its own that stays open.

A pool of threads and one of connections did the same for six times the price of a short read.
"""

import asyncio
import queue
import threading

import sqlalchemy as sa
from sqlalchemy import exc

from chinwag.store.batch import Job, Outcome, resolve, roll_back
from chinwag.store.db import Unavailable
from chinwag.store.translate import translated


class Readers:
    """Runs store functions that only read, each in a transaction of its own."""

    def __init__(self, engine: sa.Engine, count: int) -> None:
        self._engine = engine
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, name=f"sqlite-reader-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, job: Job) -> None:
        """Run `job` when a thread is free; its result is known in the event loop then."""
        self._jobs.put(job)

    def close(self) -> None:
        """Finish what is queued; waits for that."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        self._engine.dispose()

    def _serve(self) -> None:
        job = self._jobs.get()
        while job is not None:
            try:
                with self._engine.connect() as tx:
                    job = self._go_on(tx, job)
            except exc.DBAPIError as error:  # not even a connection
                if job is not None:
                    self._report(Outcome(job.done, None, translated(error)))
                    job = self._jobs.get()

    def _go_on(self, tx: sa.Connection, first: Job) -> Job | None:
        """Run `first` and what comes as long as `tx` is good; the next one. None: that was all."""
        job: Job | None = first
        usable = True
        while job is not None and usable:
            outcome = _outcome(tx, job)
            usable = roll_back(tx) and not isinstance(outcome.error, Unavailable)
            self._report(outcome)
            job = self._jobs.get()
        if not usable:
            tx.invalidate()
        return job

    def _report(self, outcome: Outcome) -> None:
        try:
            self._loop.call_soon_threadsafe(resolve, [outcome])
        except RuntimeError:  # the loop is closed: nobody waits any more
            return


def _outcome(tx: sa.Connection, job: Job) -> Outcome:
    try:
        return Outcome(job.done, job.fn(tx, *job.args, **job.kwargs), None)
    except Exception as error:  # noqa: BLE001 - handed to whoever waits for the result
        return Outcome(job.done, None, translated(error))
