"""The samples of `serve --demo`: whole, made once, and fit for the rules."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chinwag.app import Place, make_services
from chinwag.config import Config
from chinwag.core import ids
from chinwag.demo import make_demo
from chinwag.engine.services import Services
from chinwag.store import auth, listing, messages, topics, users
from chinwag.store.sqlite import SqliteDb


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    """The ports of a server with an empty database."""
    db = await SqliteDb.open(tmp_path / "chinwag.db")
    config = Config()
    yield make_services(config, Place(tmp_path), db, config.to_limits())
    await db.close()


async def uid_of(services: Services, login: str) -> str:
    """The user id of a sample person."""
    record = await services.db.read(auth.by_unique, "basic", login)
    assert record is not None
    return record.uid


async def test_everybody_can_log_in_with_what_is_printed(services: Services) -> None:
    said = await make_demo(services)
    pairs = [pair.split(" / ") for pair in said.partition(": ")[2].split(", ")]
    assert ["alice", "alice123"] in pairs
    for login, password in pairs:
        identity = await services.authenticators["basic"].authenticate(
            f"{login}:{password}".encode(), ""
        )
        assert await services.db.read(users.get, identity.uid) is not None


async def test_people_have_conversations_groups_and_a_channel(services: Services) -> None:
    await make_demo(services)
    alice = await uid_of(services, "alice")
    rows = await services.db.read(listing.of_user, alice, ims_ms=None, name=None, limit=100)
    kinds = sorted(row.name[:3] for row in rows)
    assert kinds == ["chn", "grp", "grp", "p2p", "p2p"]
    for row in rows:
        name = ids.grp_of(row.name) if row.name.startswith("chn") else row.name
        state = await services.db.read(topics.load, name)
        assert state is not None
        page = await services.db.read(messages.page, name, alice)
        assert [m.seq for m in page] == list(range(state.seq, 0, -1))
        assert state.seq > 0


async def test_the_samples_are_made_once(services: Services) -> None:
    first = await make_demo(services)
    before = await services.db.read(users.page)
    assert await make_demo(services) == first
    assert await services.db.read(users.page) == before
