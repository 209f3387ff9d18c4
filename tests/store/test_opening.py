"""Which database is opened, and who is refused."""

import asyncio
import contextlib
from functools import partial
from pathlib import Path

import pytest

from chinwag.store import opening, users
from chinwag.store.db import CannotOpen, Tx
from chinwag.store.opening import open_db
from databases import Server, Start
from rows import ALICE, account


async def _opens(url: str, data: Path) -> None:
    await (await open_db(url, data, message_max=1000)).close()


async def test_without_an_address_it_is_in_the_data_folder(tmp_path: Path) -> None:
    await _opens("", tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"chinwag.db", "chinwag.lock"}


async def test_a_file_may_be_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "other").mkdir()
    await _opens(f"sqlite:///{tmp_path}/other/chat.db", tmp_path / "data")
    assert (tmp_path / "other" / "chat.db").exists()
    assert (tmp_path / "data" / "chinwag.lock").exists()


async def test_the_data_folder_is_locked_wherever_the_database_is(tmp_path: Path) -> None:
    """Uploads and secrets are in it."""
    first = await open_db(f"sqlite:///{tmp_path}/one.db", tmp_path, message_max=1000)
    with pytest.raises(CannotOpen, match="is in use by another chinwag"):
        await _opens(f"sqlite:///{tmp_path}/two.db", tmp_path)
    await first.close()
    await _opens(f"sqlite:///{tmp_path}/two.db", tmp_path)


async def test_a_data_folder_in_use_is_refused_before_the_server_is_asked(
    tmp_path: Path, server: Server
) -> None:
    first = await open_db("", tmp_path, message_max=1000)
    with pytest.raises(CannotOpen, match="is in use by another chinwag"):
        await _opens(server.url + "never_made", tmp_path)
    await first.close()


# --- from outside ---------------------------------------------------------------------------


async def _url(product: str, servers: Start) -> str:
    return "" if product == "sqlite" else servers(product).new_database()


async def test_a_look_needs_no_lock_and_sees_what_is_committed(
    product: str, servers: Start, tmp_path: Path
) -> None:
    url = await _url(product, servers)
    db = await open_db(url, tmp_path, message_max=1 << 18)
    await account(db)
    look = partial(opening.look, url, tmp_path, lambda tx: users.get(tx, ALICE))
    user = await asyncio.to_thread(look)
    assert user is not None
    assert user.uid == ALICE
    await db.close()


async def test_a_look_changes_nothing(product: str, servers: Start, tmp_path: Path) -> None:
    url = await _url(product, servers)
    db = await open_db(url, tmp_path, message_max=1 << 18)
    await account(db)

    def spoil(tx: Tx) -> None:
        users.update(tx, ALICE, {"anon": 7})

    with contextlib.suppress(CannotOpen):  # SQLite and PostgreSQL refuse; MySQL takes it back
        await asyncio.to_thread(opening.look, url, tmp_path, spoil)
    user = await db.read(users.get, ALICE)
    assert user is not None
    assert user.anon != 7
    await db.close()


async def test_a_look_does_not_make_a_database(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="There is no database in"):
        opening.look("", tmp_path, lambda tx: None)
    assert list(tmp_path.iterdir()) == []


async def test_alone_means_that_no_server_is_there(
    hosted: str, servers: Start, tmp_path: Path
) -> None:
    url = servers(hosted).new_database()
    db = await open_db(url, tmp_path, message_max=1 << 18)
    alone = partial(
        opening.alone, url, lambda tx: users.update(tx, ALICE, {"anon": 7}), message_max=1 << 18
    )
    with pytest.raises(CannotOpen, match="is in use by another chinwag"):
        await asyncio.to_thread(alone)
    await account(db)
    await db.close()
    await asyncio.to_thread(alone)
    db = await open_db(url, tmp_path, message_max=1 << 18)
    user = await db.read(users.get, ALICE)
    assert user is not None
    assert user.anon == 7
    await db.close()
