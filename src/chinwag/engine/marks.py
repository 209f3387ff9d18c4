"""What members have read and received, on its way into the store.

Nobody is told that a receipt was stored, so no topic waits for that: all receipts that come while
one transaction runs go into the next one, and what fails is tried again (D11). Whoever reads
numbers from the store meanwhile asks here for newer ones.
Source: specification 03, paragraph 5.3.
"""

import asyncio
import logging
from typing import Final, NamedTuple

from chinwag.core.notes import Mark
from chinwag.core.state import Member
from chinwag.engine.tasks import Tasks
from chinwag.store import subs
from chinwag.store.db import Db, StoreError

log = logging.getLogger(__name__)

WAITING_MAX: Final = 100_000  # members; beyond it receipts of others are kept in memory only
BATCH_MAX: Final = 1000
RETRY_S: Final = 1.0
Key = tuple[str, str]  # topic and user


class Unsaved(NamedTuple):
    """Receipt numbers that may not be stored yet. A member who joined later has read nothing."""

    read: int
    recv: int
    at_ms: int

    def newer(self, other: "Unsaved | None") -> "Unsaved":
        """The higher numbers of both."""
        if other is None:
            return self
        return Unsaved(max(self.read, other.read), max(self.recv, other.recv), self.at_ms)

    def put_into(self, member: Member) -> None:
        """Let `member`, as loaded from the store, know these numbers."""
        if member.created_ms <= self.at_ms and not member.gone:
            member.read = max(member.read, self.read)
            member.recv = max(member.recv, self.recv)


class Marks:
    """The receipts of one server that are not known to be stored."""

    def __init__(self, db: Db, tasks: Tasks) -> None:
        self._db = db
        self._tasks = tasks
        self._waiting: dict[Key, Unsaved] = {}
        self._going: dict[Key, Unsaved] = {}  # in the transaction that is running
        self._running = False

    def note(self, topic: str, mark: Mark, at_ms: int) -> None:
        """Store the numbers of a full member soon; never waits."""
        key = (topic, mark.uid)
        if key not in self._waiting and len(self._waiting) >= WAITING_MAX:
            log.warning("receipts_full", extra={"topic": topic})
            return
        unsaved = Unsaved(mark.read, mark.recv, at_ms)
        self._waiting[key] = unsaved.newer(self._waiting.get(key))
        self._start()

    def _start(self) -> None:
        if self._waiting and not self._running:
            self._running = True
            self._tasks.spawn("receipts", self._save())

    def drop(self, topic: str, uid: str) -> None:
        """`uid` is no member any more; what comes after a return starts at nothing."""
        self._waiting.pop((topic, uid), None)

    def reads(self) -> dict[Key, int]:
        """What was read, by topic and user, that the store may not know yet."""
        return {k: u.read for unsaved in (self._going, self._waiting) for k, u in unsaved.items()}

    def of_topic(self, topic: str) -> dict[str, Unsaved]:
        """Numbers of members of `topic` that the store may not know yet."""
        return self._unsaved(0, topic)

    def of_user(self, uid: str) -> dict[str, Unsaved]:
        """Numbers of `uid`, by topic, that the store may not know yet."""
        return self._unsaved(1, uid)

    def _unsaved(self, side: int, name: str) -> dict[str, Unsaved]:
        found: dict[str, Unsaved] = {}
        for unsaved in (self._going, self._waiting):
            for key, numbers in unsaved.items():
                if key[side] == name:
                    found[key[1 - side]] = numbers.newer(found.get(key[1 - side]))
        return found

    async def _save(self) -> None:
        try:
            while self._waiting:
                self._take()
                await self._store()
        except StoreError:
            log.warning("receipts_late", extra={"count": len(self._waiting)})
            asyncio.get_running_loop().call_later(RETRY_S, self._start)
        finally:
            self._running = False

    def _take(self) -> None:
        for key in list(self._waiting)[:BATCH_MAX]:
            self._going[key] = self._waiting.pop(key)

    async def _store(self) -> None:
        """Store what is going. Raises StoreError: then it waits again."""
        rows = [(*key, *numbers) for key, numbers in sorted(self._going.items())]
        try:
            await self._db.run(subs.mark_all, rows)
        except StoreError:
            for key, numbers in self._going.items():
                waiting = self._waiting.get(key)
                self._waiting[key] = numbers if waiting is None else waiting.newer(numbers)
            raise
        finally:
            self._going.clear()
