"""Which database is opened, and who is refused."""

from pathlib import Path

import pytest

from chinwag.store.db import CannotOpen
from chinwag.store.opening import open_db
from databases import Server


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
