"""What devices are to be told, on its way into the store, from where couriers take it.

No topic waits for that: what comes while one transaction runs goes into the next one, and what
fails is tried again. Whoever has no device costs nothing: who has one is known by heart. Messages
are noted with their number, so that after a crash those not noted are known (D13).
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from typing import Final

from chinwag.core import notify
from chinwag.core.notify import Alert, Audience, Device, Push
from chinwag.engine.courier import Courier
from chinwag.engine.marks import Marks
from chinwag.engine.services import Services
from chinwag.store import devices, pushes
from chinwag.store.db import StoreError
from chinwag.store.pushes import Job, Missed

log = logging.getLogger(__name__)

WAITING_MAX: Final = 10_000  # alerts; beyond it they are dropped
STORED_MAX: Final = 100_000  # pushes in the store; beyond it new ones are dropped
BATCH_MAX: Final = 100  # alerts in one transaction
PAGE: Final = 1000  # readers of a channel at once
LONG: Final = 4096  # bytes of a message that is not looked into on the loop
RETRY_S: Final = 1.0
_ID_BITS: Final = 22  # what is left of 63 by the milliseconds since 1970


class Pushes:
    """The pushes of one server."""

    def __init__(self, services: Services, marks: Marks) -> None:
        self._services = services
        self.on = bool(services.sinks)
        self.courier = Courier(services, marks)
        self._waiting: deque[Alert] = deque()
        self._ready: tuple[list[Job], dict[str, int]] | None = None  # to be written down
        self._last_id = 0
        self.behind: dict[str, Missed] = {}  # messages to be made up for, by topic
        self._holders: set[str] = set()
        self._registered = 0  # devices so far
        self._running = False
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False

    async def open(self) -> None:
        """Get ready, and know what an earlier run may not have noted."""
        if not self.on:
            return
        db = self._services.db
        self._holders |= await db.read(devices.holders)
        self.courier.stored = await db.read(pushes.count)
        self.courier.wake()
        self.behind = await db.read(pushes.behind, self.since_ms())

    def since_ms(self) -> int:
        """Messages older than that are not pushed any more."""
        return self._services.clock.now_ms() - self._services.limits.push_life_s * 1000

    def stop(self) -> None:
        """Begin nothing new."""
        self._stopped = True
        self.courier.stop()
        if self._timer is not None:
            self._timer.cancel()

    def reaches(self, uid: str) -> bool:
        """Whether `uid` may have a device."""
        return uid in self._holders

    def registered(self, uid: str) -> None:
        """`uid` has a device."""
        self._registered += 1
        self._holders.add(uid)

    def note(self, alert: Alert | None) -> None:
        """Tell devices soon; never waits."""
        if alert is None or not self._holders:
            return
        if len(self._waiting) >= WAITING_MAX or self.courier.stored >= STORED_MAX:
            log.warning("pushes_full", extra={"topic": alert.topic})
            return
        self._waiting.append(alert)
        self._start()

    def _start(self) -> None:
        if not self._running:
            self._running = True
            self._services.tasks.spawn("pushes", self._save())

    # --- into the store --------------------------------------------------------------------

    async def _save(self) -> None:
        try:
            while self._waiting or self._ready:
                if self._ready is None:
                    await self._prepare()
                await self._write()
        except StoreError:
            log.warning("pushes_late", extra={"count": len(self._waiting)})
            if not self._stopped:
                self._timer = asyncio.get_running_loop().call_later(RETRY_S, self._start)
        finally:
            self._running = False

    async def _prepare(self) -> None:
        """Make pushes of what waits; it waits on if the store fails."""
        taken = [self._waiting[n] for n in range(min(len(self._waiting), BATCH_MAX))]
        alerts = notify.newest(taken)
        registered = self._registered
        uids = {uid for alert in alerts for each in alert.audiences for uid in each.people}
        found = await self._services.db.read(devices.of, uids)
        if registered == self._registered:
            self._holders -= {uid for uid in uids if uid not in found}
        jobs: list[Job] = []
        for alert in alerts:
            jobs += await self._jobs(alert, found)
        newest = {a.topic: a.draft.seq for a in alerts if a.draft is not None}
        for _ in taken:
            self._waiting.popleft()
        self._ready = jobs, newest

    async def _write(self) -> None:
        assert self._ready is not None
        jobs, newest = self._ready
        if jobs:
            await self._services.db.run(pushes.put, jobs, newest)
            self.courier.stored += len(jobs)
            self.courier.wake()
        self._ready = None

    async def _jobs(self, alert: Alert, found: dict[str, list[Device]]) -> list[Job]:
        parts = [each for each in alert.audiences if any(found.get(uid) for uid in each.people)]
        if not parts and not alert.readers:
            return []
        data = await self._data(alert)
        made = [push for part in parts for push in notify.pushes(data, part, found)]
        if alert.readers:
            made += await self._to_readers(alert, data)
        return [job for push in made for job in self._addressed(alert, push)]

    @staticmethod
    async def _data(alert: Alert) -> dict[str, str]:
        """What is told; long messages are looked into elsewhere, so that others need not wait."""
        if alert.draft is not None and len(alert.draft.content or b"") > LONG:
            return await asyncio.to_thread(notify.full, alert)
        return notify.full(alert)

    async def _to_readers(self, alert: Alert, data: dict[str, str]) -> list[Push]:
        """To the readers of a channel, who are known to the store only."""
        db, made, last = self._services.db, [], ""
        while True:
            uids = await db.read(devices.readers, alert.readers, last, PAGE)
            found = await db.read(devices.of, uids) if uids else {}
            people = {uid: uid in alert.here or "silent" in alert.data for uid in uids}
            made += notify.pushes(data, Audience(alert.readers, people), found)
            if len(uids) < PAGE:
                return made
            last = uids[-1]

    def _addressed(self, alert: Alert, push: Push) -> Iterator[Job]:
        """One job for each of those who carry pushes."""
        services = self._services
        life_s = services.limits.push_life_s
        if notify.is_ringing(alert.draft):
            life_s = min(life_s, services.limits.call_timeout_s)
        now_ms = services.clock.now_ms()
        for name in services.sinks:
            self._last_id = max(self._last_id + 1, _first_id(now_ms, services.entropy.number()))
            yield Job(self._last_id, name, now_ms, alert.at_ms + life_s * 1000, 0, push)


def _first_id(now_ms: int, drawn: int) -> int:
    """A number of a push such that later ones are greater, also after a restart."""
    return (now_ms << _ID_BITS) + drawn % (1 << (_ID_BITS - 1))
