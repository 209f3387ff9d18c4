"""Messages, and what was deleted. Source: specification 05, paragraph 8."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final, NamedTuple

from chinwag.core import ranges as rng
from chinwag.core.ranges import Range
from chinwag.importing.job import Job
from chinwag.importing.references import files_in
from chinwag.importing.report import Unreadable
from chinwag.importing.rows import Gone, Said
from chinwag.importing.source import column
from chinwag.importing.values import json_of, name_of
from chinwag.store import imports, schema
from chinwag.store.imports import Place, Portion

NAMES_MAX: Final = 1 << 14  # topics that are remembered


class Messages:
    """Carries messages over, and where one was."""

    kind = Said

    def __init__(self, job: Job) -> None:
        self._job = job
        self._there: set[str] = set()

    async def take(self, rows: list[Said]) -> Portion:
        """What `rows` become."""
        await self._look_up({row.topic for row in rows})
        made = [each for _, each in self._job.each("messages", rows, self._row)]
        links = [
            {"fid": fid, "holder": each["topic"], "seq": each["seq"]}
            for each in made
            for fid in files_in(each["content"])
        ]
        made.sort(key=_place)  # neighbours are stored together: it takes half as long
        return {schema.messages: made, schema.file_links: links}

    async def _look_up(self, names: set[str]) -> None:
        if len(self._there) > NAMES_MAX:
            self._there.clear()
        unknown = names - self._there
        if unknown:
            self._there |= (await self._job.db.read(imports.places, unknown)).keys()

    def _row(self, row: Said) -> dict[str, Any] | None:
        name = row.topic.rstrip(" ")
        if name not in self._there:
            self._job.report.leave_out("messages", "of no topic", f"{name} {row.seqid}")
            return None
        if row.seqid < 1:
            raise Unreadable(f"{row.seqid} is no number of a message")
        erased = max(row.delid or 0, 0) or (1 if row.deletedat else 0)
        author = row.author or 0
        return {
            "topic": name,
            "seq": row.seqid,
            "sender": "" if erased or author <= 0 else self._job.cipher.uid(author),
            "ts_ms": self._job.clock.ms(row.createdat),
            "head": None if erased else json_of(row.head),
            "content": None if erased else json_of(row.content),
            "erased": erased,
            "digest": None,
        }


def _place(row: dict[str, Any]) -> tuple[str, int]:
    return row["topic"], row["seq"]


# --- deletions -------------------------------------------------------------------------------


class _Key(NamedTuple):
    """A deletion, and whom it is for; 0: everybody."""

    topic: str
    delid: int
    whom: int


class Deletions:
    """Carries over which messages were deleted; neighbouring ranges become one."""

    kind = Gone
    order = (*map(column, ("topic", "delid", "deletedfor", "low", "id")),)

    def __init__(self, job: Job) -> None:
        self._job = job

    async def take(self, rows: list[Gone]) -> Portion:
        """What `rows` become."""
        read = self._job.db.read
        checked = [row for row, _ in self._job.each("deletions", rows, _checked)]
        names = {row.topic.rstrip(" ") for row in checked}
        uids = {self._job.cipher.uid(row.deletedfor) for row in checked if row.deletedfor}
        there = await read(imports.places, names)
        readers = await read(imports.subscribed, names, uids)
        made: list[dict[str, Any]] = []
        for key, ranges in _grouped(checked):
            place = there.get(key.topic)
            uid = self._job.cipher.uid(key.whom) if key.whom > 0 else None
            if place is None or (uid is not None and (key.topic, uid) not in readers):
                self._leave_out(key, len(ranges), "of no topic" if place is None else "of nobody")
                continue
            for low, high in await self._real(key, place, ranges):
                row = {"topic": key.topic, "del_id": key.delid, "low": low, "high": high}
                made.append({**row, "uid": uid})
        return {schema.deletions: made}

    def _leave_out(self, key: _Key, count: int, why: str) -> None:
        for _ in range(count):
            self._job.report.leave_out("deletions", why, f"{key.delid} in {key.topic}")

    async def _real(self, key: _Key, place: Place, ranges: list[Range]) -> list[Range]:
        """The part of a deletion that happened: for everybody, messages that are there are not.

        PostgreSQL logs what was asked for, which may be more (DEFECT in paragraph 8.3).
        """
        clipped = rng.clip(ranges, place.seq)
        if key.whom:
            return clipped
        real: list[Range] = []
        for low, high in clipped:
            live = await self._job.db.read(imports.live_seqs, key.topic, low, high)
            real += without(low, high, live)
            if live:
                told = f"{key.delid} in {key.topic}"
                self._job.report.mend("deletions", "of messages that are there", told)
        return real


def _checked(row: Gone) -> bool:
    """A row that can be carried over. Raises Unreadable."""
    name_of(row.topic)
    if row.delid < 1 or not 0 <= row.low < row.hi:
        raise Unreadable(f"from {row.low} to {row.hi} is no range, or {row.delid} no deletion")
    return True


def _grouped(rows: list[Gone]) -> Iterator[tuple[_Key, list[Range]]]:
    """The ranges of each deletion; `rows` are sorted."""
    found: dict[_Key, list[Range]] = {}
    for row in rows:
        key = _Key(row.topic.rstrip(" "), row.delid, row.deletedfor or 0)
        found.setdefault(key, []).append((row.low, row.hi))
    yield from ((key, ranges) for key, ranges in found.items())


def without(low: int, high: int, live: list[int]) -> list[Range]:
    """The range [low, high) without the numbers `live`, which are ascending."""
    edges = [low - 1, *live, high]
    pairs = pairwise(edges)
    return [(before + 1, after) for before, after in pairs if before + 1 < after]
