"""A database with everything odd, and what it becomes: made once for each product."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import oddities
from chinwag.store.opening import open_db
from databases import Start
from removal import Imported, Old, run
from tinode import Tinode

MESSAGE_MAX = 262_144


@pytest.fixture(scope="session")
def made() -> dict[str, Old]:
    """The databases that have been made."""
    return {}


@pytest.fixture(scope="session")
def taken() -> dict[str, tuple[Path, bool, str]]:
    """What they have become: where it is, whether it agrees, what was said."""
    return {}


@pytest.fixture
def old(
    hosted: str,
    servers: Start,
    made: dict[str, Old],
    tmp_path_factory: pytest.TempPathFactory,
) -> Old:
    """A database with everything odd."""
    if hosted not in made:
        uploads = tmp_path_factory.mktemp(hosted) / "uploads"
        database = Tinode(servers(hosted))
        oddities.fill(database, uploads)
        made[hosted] = Old(database, uploads)
    return made[hosted]


@pytest.fixture
async def imported(
    old: Old,
    taken: dict[str, tuple[Path, bool, str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Imported]:
    """What it has become."""
    key = old.database.url
    if key not in taken:
        data = tmp_path_factory.mktemp("data")
        taken[key] = (data, *await run(old.order(data)))
    data, agrees, told = taken[key]
    assert agrees, told
    db = await open_db("", data, message_max=MESSAGE_MAX)
    yield Imported(old, db, data, told)
    await db.close()
