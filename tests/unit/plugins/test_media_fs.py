"""Files in a folder. Source: specification 04, paragraph 8.5."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chinwag.plugins import media_fs
from chinwag.plugins.media_fs import FolderMedia
from chinwag.ports import TooLarge

NAME = "abcdefghijk"


@pytest.fixture
def media(tmp_path: Path) -> FolderMedia:
    return FolderMedia(tmp_path / "uploads")


async def chunks(*parts: bytes, fails: bool = False) -> AsyncIterator[bytes]:
    """Parts of a file, and perhaps a client that goes away."""
    for part in parts:
        yield part
    if fails:
        raise ConnectionResetError


def there(media: FolderMedia) -> list[str]:
    """Every file in the folder."""
    return sorted(str(p.relative_to(media.path(""))) for p in media.path("").rglob("*.*")) + sorted(
        str(p.relative_to(media.path(""))) for p in media.path("").rglob(NAME)
    )


async def test_a_file_is_kept_whole(media: FolderMedia) -> None:
    stored = await media.save(NAME, chunks(b"one", b"two"), 6)
    assert (stored.location, stored.size) == (f"ab/{NAME}", 6)
    assert media.path(stored.location).read_bytes() == b"onetwo"
    assert there(media) == [f"ab/{NAME}"]
    other = await media.save("other", chunks(b"on", b"etwo"), 6)
    assert other.etag == stored.etag


async def test_only_the_owner_may_look(media: FolderMedia) -> None:
    stored = await media.save(NAME, chunks(b"one"), 6)
    path = media.path(stored.location)
    assert [p.stat().st_mode & 0o077 for p in (path, path.parent, path.parent.parent)] == [0, 0, 0]


async def test_a_file_that_is_too_large_or_cut_short_leaves_nothing(media: FolderMedia) -> None:
    with pytest.raises(TooLarge):
        await media.save(NAME, chunks(b"one", b"two"), 5)
    with pytest.raises(ConnectionResetError):
        await media.save(NAME, chunks(b"one", fails=True), 6)
    assert there(media) == []


async def test_half_a_file_is_never_served(media: FolderMedia) -> None:
    """Crash-safe: until the last byte is safe it stands under another name."""
    seen: list[list[str]] = []

    async def watched() -> AsyncIterator[bytes]:
        yield b"one"
        seen.append(there(media))
        yield b"two"

    await media.save(NAME, watched(), 6)
    assert seen == [[f"ab/{NAME}.part"]]
    assert not media.path(f"ab/{NAME}.part").exists()


async def test_what_a_crash_has_left_is_swept_away(media: FolderMedia) -> None:
    stored = await media.save(NAME, chunks(b"one"), 6)
    part = media.path("ab/other.part")
    part.write_bytes(b"half")
    assert media.sweep() == 1
    assert not part.exists()
    assert media.path(stored.location).exists()


async def test_removing_twice(media: FolderMedia) -> None:
    stored = await media.save(NAME, chunks(b"one"), 6)
    await media.remove(stored.location)
    await media.remove(stored.location)
    assert there(media) == []


async def test_old_files_are_listed(media: FolderMedia) -> None:
    old = await media.save(NAME, chunks(b"one"), 6)
    await media.save("abyoung", chunks(b"one"), 6)
    media.path("stray").write_bytes(b"")
    past = media.path(old.location).stat().st_mtime - media_fs.OLD_S - 1
    os.utime(media.path(old.location), (past, past))
    assert [portion async for portion in media.listed()] == [[(NAME, f"ab/{NAME}")]]


async def test_a_disk_that_takes_nothing_more(
    media: FolderMedia, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int, _data: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        await media.save(NAME, chunks(b"one"), 6)
    monkeypatch.undo()
    assert there(media) == []
