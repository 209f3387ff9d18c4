"""Takes due pushes from the store to those who carry them, again and again until they are old.

A push leaves the store once it has been taken: after a crash some come twice, none is lost. What
fails is tried again for the devices that it failed for, later each time (D13).
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

import msgspec

from chinwag.core.backoff import pause_s
from chinwag.core.notify import Device, Push
from chinwag.engine.marks import Marks
from chinwag.engine.services import Services
from chinwag.ports import Carried, Letter
from chinwag.store import devices, pushes
from chinwag.store.db import StoreError
from chinwag.store.pushes import Job
from chinwag.store.unread import totals

log = logging.getLogger(__name__)

FLYING_MAX: Final = 32  # pushes that are being handed over
RETRY_S: Final = 1.0  # while the store does not answer


class Courier:
    """Carries the pushes of one server."""

    def __init__(self, services: Services, marks: Marks) -> None:
        self._services = services
        self._marks = marks
        self.stored = 0  # pushes in the store, about
        self._flying: set[int] = set()
        self._done: list[int] = []
        self._later: list[Job] = []
        self._dead: list[tuple[str, str]] = []
        self._running = False
        self._again = False
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False

    def stop(self) -> None:
        """Begin nothing new."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()

    def wake(self) -> None:
        """There is something to do."""
        self._again = True
        if not self._running:
            self._running = True
            self._services.tasks.spawn("courier", self._work())

    async def _work(self) -> None:
        try:
            while self._again:
                self._again = False
                await self._settle()
                if not self._stopped:
                    await self._take()
        except StoreError:
            log.warning("pushes_late", extra={"count": len(self._flying)})
            self._wait(RETRY_S)
        finally:
            self._running = False

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self._stopped:
            self._timer = asyncio.get_running_loop().call_later(seconds, self.wake)

    async def _settle(self) -> None:
        """Write down what has become of pushes. Raises StoreError: it is known until it worked."""
        done, later, dead = list(self._done), list(self._later), list(self._dead)
        if not (done or later or dead):
            return
        await self._services.db.run(pushes.settle, done, later, dead)
        self._done, self._later = self._done[len(done) :], self._later[len(later) :]
        self._dead = self._dead[len(dead) :]
        self._flying -= {*done, *(job.id for job in later)}
        self.stored = max(0, self.stored - len(done))

    async def _take(self) -> None:
        """Let the next pushes go."""
        room = FLYING_MAX - len(self._flying)
        if room <= 0:
            return  # whichever comes back wakes us
        found = await self._services.db.read(pushes.due, FLYING_MAX + 1)
        now_ms = self._services.clock.now_ms()
        grounded = [job for job in found if job.id not in self._flying]
        due = [job for job in grounded if job.due_ms <= now_ms][:room]
        if due:
            owners = await self._owners(due)
            unread = await self._unread({target.uid for job in due for target in job.push.to})
            for job in due:
                self._flying.add(job.id)
                self._services.tasks.spawn("push", self._carry(job, owners, unread))
        elif grounded:
            self._wait((grounded[0].due_ms - now_ms) / 1000)

    async def _owners(self, jobs: list[Job]) -> set[tuple[str, str]]:
        """Which devices still belong to the people they belonged to. Raises StoreError."""
        uids = {target.uid for job in jobs for target in job.push.to}
        found: dict[str, list[Device]] = await self._services.db.read(devices.of, uids)
        return {(each.device, each.uid) for theirs in found.values() for each in theirs}

    # --- one push --------------------------------------------------------------------------

    async def _carry(
        self, job: Job, owners: set[tuple[str, str]], unread: Mapping[str, int]
    ) -> None:
        services = self._services
        left_ms = job.until_ms - services.clock.now_ms()
        targets = [t for t in job.push.to if (t.device, t.uid) in owners]
        if left_ms <= 0 and job.tries:
            log.warning("push_expired", extra={"sink": job.sink, "count": len(targets)})
        sink = services.sinks.get(job.sink)
        if left_ms <= 0 or not targets or sink is None:
            self._landed(job, Carried())
            return
        job = job._replace(push=Push(job.push.data, targets))
        told = {t.uid: unread[t.uid] for t in targets if t.uid in unread}
        letter = Letter(f"{job.id:016x}", job.push, told, left_s=-(-left_ms // 1000))
        try:
            carried = await sink.send(letter)
        except Exception:  # boundary: a plugin may do anything; the push is not lost by it
            log.exception("push_failed", extra={"sink": job.sink})
            carried = Carried(later=frozenset(target.device for target in targets))
        self._landed(job, carried)

    async def _unread(self, uids: set[str]) -> dict[str, int]:
        """How much everybody has to read by now (D14c); nothing is known if the store fails."""
        try:
            return await self._services.db.read(totals, uids, self._marks.reads())
        except StoreError:
            return {}

    def _landed(self, job: Job, carried: Carried) -> None:
        """Note what has become of a push."""
        left = [target for target in job.push.to if target.device in carried.later]
        self._dead += [(t.device, t.uid) for t in job.push.to if t.device in carried.gone]
        if left:
            push = msgspec.structs.replace(job.push, to=left)
            self._later.append(self._retried(job, push, carried.after_s))
        else:
            self._done.append(job.id)
        self.wake()

    def _retried(self, job: Job, push: Push, after_s: float) -> Job:
        """The push as it is tried again."""
        wait_s = pause_s(job.tries, self._services.entropy.number(), after_s)
        due_ms = self._services.clock.now_ms() + int(wait_s * 1000)
        due_ms = min(due_ms, max(job.until_ms, job.due_ms))
        return job._replace(push=push, due_ms=due_ms, tries=job.tries + 1)
