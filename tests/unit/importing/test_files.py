"""Uploaded files that come over. Source: specification 05, paragraph 9."""

import sqlalchemy as sa

from chinwag.store import files, schema
from oddities import ALICE, AVATAR, GROUP, MISSING, PICTURE, QUIET, UNDONE, UNUSED
from removal import Imported
from tinode import CIPHER, uid


async def test_a_file_keeps_its_id_and_bytes(imported: Imported) -> None:
    assert CIPHER.file_id(PICTURE) == "sJOD_tZDPz0"
    found = await imported.db.read(files.find, "sJOD_tZDPz0")
    assert found is not None
    assert (found.uid, found.mime, found.size_bytes) == (uid(ALICE), "image/jpeg", 16)
    kept = imported.data / "uploads" / found.location
    assert kept.read_bytes() == b"\xff\xd8\xffwcjyh7wwim7t2"
    assert found.etag


async def test_a_picture_is_open_to_everybody(imported: Imported) -> None:
    """Nobody knows who has uploaded it, and it is larger than it says."""
    fid = CIPHER.file_id(AVATAR)
    found = await imported.db.read(files.find, fid)
    assert found is not None
    assert (found.uid, found.size_bytes) == (None, 16)
    assert await imported.db.read(files.is_picture, fid)
    assert f"{fid}: 16 bytes, not 3" in imported.told


async def test_what_nothing_uses_stays_behind(imported: Imported) -> None:
    for number in (UNUSED, UNDONE, MISSING):
        assert await imported.db.read(files.find, CIPHER.file_id(number)) is None
    assert f"  {CIPHER.file_id(MISSING)}" in imported.told


async def test_links_lead_to_files_that_are_here(imported: Imported) -> None:
    """One was not listed by its author, but stands in the message (DEFECT in paragraph 9)."""
    rows = await imported.db.read(lambda tx: tx.execute(sa.select(schema.file_links)).all())
    assert {(row.fid, row.holder, row.seq) for row in rows} == {
        (CIPHER.file_id(PICTURE), GROUP, 4),
        (CIPHER.file_id(QUIET), GROUP, 5),
        (CIPHER.file_id(AVATAR), uid(ALICE), 0),
    }
