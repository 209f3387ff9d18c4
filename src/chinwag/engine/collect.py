"""What nobody needs any more is forgotten, again and again: files, codes, accounts.

Source: specification 04, paragraphs 8.7 and 10; DEFECTs D-23, D-74, D-95.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from chinwag.core.codes import DAY_MS
from chinwag.engine import removal
from chinwag.engine.hub import Hub
from chinwag.engine.sessions import Sessions
from chinwag.engine.uploads import FileDesk
from chinwag.store import codes, topics, users
from chinwag.store.db import StoreError

log = logging.getLogger(__name__)

BLOCK: Final = 100  # accounts or topics that are forgotten at once
HOUR_MS: Final = 3_600_000
_SPREAD: Final = 501  # servers that start together do not work at the same moments


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often, and what."""

    period_s: int  # 0: never
    files_max: int  # files that are forgotten at once
    unconfirmed_h: int = 0  # age of accounts that never confirmed what they had to; 0: they stay
    erased_days: int = 0  # since what was deleted softly is gone for good; 0: it stays


class Collector:
    """Works from time to time, for as long as the server runs."""

    def __init__(
        self, hub: Hub, sessions: Sessions, desk: FileDesk | None, schedule: Schedule
    ) -> None:
        self._hub = hub
        self._services = hub.services
        self._sessions = sessions
        self._desk = desk
        self._schedule = schedule
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Look through the files at once, and then work from time to time."""
        if self._schedule.period_s:
            self._services.tasks.spawn("sweep", self._sweep())
            self._wait()

    def stop(self) -> None:
        """No more work."""
        if self._timer is not None:
            self._timer.cancel()

    def _wait(self) -> None:
        """Wait for 0.75 to 1.25 of the period."""
        share = 0.75 + self._services.entropy.number() % _SPREAD / 1000
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._schedule.period_s * share, self._begin)

    def _begin(self) -> None:
        self._services.tasks.spawn("collect", self._work())
        self._wait()

    async def _work(self) -> None:
        try:
            await self.collect()
        except (StoreError, OSError):  # it is tried again the next time
            log.exception("collect_failed")

    async def _sweep(self) -> None:
        try:
            count = await self._desk.sweep() if self._desk is not None else 0
        except (StoreError, OSError):
            log.exception("sweep_failed")
        else:
            if count:
                log.warning("orphans_removed", extra={"count": count})

    async def collect(self) -> None:
        """Forget what nobody needs now."""
        now_ms = self._services.clock.now_ms()
        if self._desk is not None:
            await self._desk.collect(self._schedule.files_max)
        await self._services.db.run(codes.remove_old, now_ms)
        if self._schedule.unconfirmed_h:
            await self._unconfirmed(now_ms - self._schedule.unconfirmed_h * HOUR_MS)
        if self._schedule.erased_days:
            await self._erased(now_ms - self._schedule.erased_days * DAY_MS)

    async def _unconfirmed(self, before_ms: int) -> None:
        """Accounts that were made to log in only after a confirmation that never came (D-95)."""
        methods = {m for needed in self._services.limits.required_creds.values() for m in needed}
        if not methods:
            return
        found = await self._services.db.read(users.unconfirmed, before_ms, sorted(methods), BLOCK)
        for uid in found:
            if not self._sessions.of(uid):
                await removal.erase(self._hub, self._sessions, uid, hard=True)

    async def _erased(self, before_ms: int) -> None:
        """Accounts and topics that were deleted long ago (D-23)."""
        db, now_ms = self._services.db, self._services.clock.now_ms()
        for uid in await db.read(users.erased, before_ms, BLOCK):
            await db.run(users.delete, uid, hard=True, now_ms=now_ms)
        for name in await db.read(topics.erased, before_ms, BLOCK):
            await db.run(topics.delete, name, hard=True, now_ms=now_ms)
