"""Taking an old server's database over in a test: what it was, what it has become."""

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from chinwag.config import Config
from chinwag.importing.command import Order, import_tinode
from chinwag.store.db import Db
from tinode import KEY, Tinode


@dataclass(frozen=True)
class Old:
    """The old server's database and uploads."""

    database: Tinode
    uploads: Path

    def order(self, data: Path, **other: object) -> Order:
        """How to take it over."""
        asked: dict[str, object] = {"skip": True, "files": self.uploads, **other}
        return Order(self.database.url, KEY, data, **asked)  # type: ignore[arg-type]  # names only


@dataclass(frozen=True)
class Imported:
    """What it has become."""

    old: Old
    db: Db
    data: Path
    told: str


async def run(order: Order, config: Config | None = None) -> tuple[bool, str]:
    """Whether the sides agree, and all that was said."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        agrees = await import_tinode(order, config or Config())
    return agrees, said.getvalue()
