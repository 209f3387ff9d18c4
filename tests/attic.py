"""A data folder with accounts, messages and files, as a server leaves it, and its backups."""

import io
from pathlib import Path
from typing import Any

from chinwag.config import Config
from chinwag.store import files
from chinwag.store.opening import open_db
from chinwag.upkeep import backup
from chinwag.upkeep.archive import Manifest
from chinwag.upkeep.progress import Progress
from rows import ALICE, BOB, CAROL, GROUP, NOW, PAIR, account, password, post, topic

FILES = {"fileOne1234": b"one", "fileTwo1234": b"two" * 100_000, "fileNil1234": b""}


def put(data: Path, fid: str, content: bytes) -> None:
    """The bytes of an upload."""
    path = data / "uploads" / fid[:2] / fid
    for folder in (data / "uploads", path.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o600)


def silent(_done: int, _total: int) -> None:
    """Nobody looks."""


def back_up(data: Path, target: Path) -> Manifest:
    """A backup of `data`."""
    return backup.make(Config(), data, target, Progress(io.StringIO()), NOW)


async def fill(data: Path) -> None:
    """Accounts, a group, a conversation and files."""
    db = await open_db("", data, message_max=1 << 18)
    await account(db, ALICE, "red", auth=password())
    await account(db, BOB, auth=password(BOB, "boris"))
    await account(db, CAROL)
    await topic(db, GROUP, ALICE, BOB, owner=ALICE)
    await topic(db, PAIR, ALICE, BOB)
    await post(db, 30)
    await post(db, 3, PAIR, BOB)
    for fid, content in FILES.items():
        await db.run(files.begin, fid, ALICE, "text/plain", NOW)
        keys: dict[str, Any] = {"etag": "e", "location": f"{fid[:2]}/{fid}", "now_ms": NOW}
        await db.run(files.finish, fid, size=len(content), **keys)
        put(data, fid, content)
    await db.run(files.begin, "fileNew1234", ALICE, "text/plain", NOW)
    await db.close()
