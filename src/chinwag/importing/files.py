"""Uploaded files: their bytes, their records, and what uses them.

Source: specification 05, paragraph 9.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import sqlalchemy as sa

from chinwag.importing.job import Job
from chinwag.importing.report import CannotImport, Unreadable
from chinwag.importing.rows import Link, Upload
from chinwag.importing.source import column
from chinwag.importing.values import name_of
from chinwag.ports import MediaStore, Stored
from chinwag.store import imports, schema
from chinwag.store.imports import Portion

COMPLETE: Final = 1
UNUSED_MS: Final = 3_600_000  # an upload that nothing uses yet may still be used
CHUNK: Final = 1 << 20
SIZE_MAX: Final = 1 << 40
_MESSAGES: Final = sa.table("messages")
_COLUMNS: Final = [column(n) for n in ("id", "topic", "seqid", "delid", "deletedat")]


class Links:
    """Carries over what uses a file."""

    kind = Link

    def __init__(self, job: Job) -> None:
        self._job = job

    async def take(self, rows: list[Link]) -> Portion:
        """What `rows` become."""
        query = sa.select(*_COLUMNS).select_from(_MESSAGES)
        numbers = {row.msgid for row in rows if row.msgid}
        found = {m.id: m for m in await self._job.source.among(query, "id", numbers)}
        made = self._job.each("filemsglinks", rows, lambda row: self._row(row, found))
        return {schema.file_links: [each for _, each in made]}

    def _row(self, row: Link, said: dict[int, Any]) -> dict[str, Any] | None:
        holder, seq = "", 0
        if row.msgid:
            message = said.get(row.msgid)
            if message is None or message.delid or message.deletedat:
                self._job.report.leave_out("filemsglinks", "of no message", str(row.id))
                return None
            holder, seq = message.topic.rstrip(" "), message.seqid
        elif row.topic:
            holder = name_of(row.topic)
        elif row.userid:
            holder = self._job.uid(row.userid)
        else:
            raise Unreadable("it leads nowhere")
        return {"fid": self._job.cipher.file_id(row.fileid), "holder": holder, "seq": seq}


class Shelf(NamedTuple):
    """Where the bytes are, and where they go; without a place they are only looked for."""

    folder: Path | None
    media: MediaStore | None


class Files:
    """Carries files over; those that nothing uses are left behind."""

    kind = Upload

    def __init__(self, job: Job, shelf: Shelf, now_ms: int) -> None:
        self._job = job
        self._shelf = shelf
        self._now_ms = now_ms

    async def take(self, rows: list[Upload]) -> Portion:
        """What `rows` become."""
        made = self._job.each("fileuploads", rows, self._row)
        used = await self._job.db.read(imports.linked, {each["fid"] for _, each in made})
        kept = []
        for row, each in made:
            young = each["created_ms"] > self._now_ms - UNUSED_MS
            if each["fid"] not in used and not young:
                self._job.report.leave_out("fileuploads", "nothing uses them", each["fid"])
            elif stored := await self._keep(row, each["fid"]):
                self._check_size(row, stored, each["fid"])
                names = {"size_bytes": stored.size, "etag": stored.etag}
                kept.append({**each, **names, "location": stored.location})
        return {schema.files: kept}

    def _row(self, row: Upload) -> dict[str, Any] | None:
        if row.id <= 0:
            raise Unreadable("0 is the id of no file")
        fid = self._job.cipher.file_id(row.id)
        if row.status != COMPLETE or not row.location:
            self._job.report.leave_out("fileuploads", "never finished", fid)
            return None
        return {
            "fid": fid,
            "uid": self._job.cipher.uid(row.userid) or None,
            "created_ms": self._job.clock.ms(row.createdat),
            "updated_ms": self._job.clock.ms(row.updatedat),
            "finished": True,
            "mime": row.mimetype or "application/octet-stream",
        }

    async def _keep(self, row: Upload, fid: str) -> Stored | None:
        """Copy the bytes of a file; None: they are not there."""
        path = await asyncio.to_thread(self._find, row)
        if path is None:
            self._job.report.leave_out("fileuploads", "their bytes are not there", fid)
            return None
        if self._shelf.media is None:
            return Stored("", path.stat().st_size, "")
        try:
            return await self._shelf.media.save(fid, _chunks(path), SIZE_MAX)
        except OSError as error:
            raise CannotImport(
                f"The file {path} cannot be copied ({error.strerror}): check its permissions and "
                "the room on the disk, and run the command again; it goes on where it stopped."
            ) from None

    def _find(self, row: Upload) -> Path | None:
        folder = self._shelf.folder
        if folder is None:
            return None
        names = (self._job.cipher.file_name(row.id), Path(row.location or "").name)
        return next((folder / n for n in names if n and (folder / n).is_file()), None)

    def _check_size(self, row: Upload, stored: Stored, fid: str) -> None:
        if stored.size != row.size:
            told = f"{fid}: {stored.size} bytes, not {row.size}"
            self._job.report.mend("fileuploads", "with another size than they say", told)


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    file: BinaryIO = await asyncio.to_thread(path.open, "rb")
    try:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk
    finally:
        file.close()
