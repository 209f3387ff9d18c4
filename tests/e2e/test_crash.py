"""Everything acknowledged survives `kill -9` in the middle of a flood: `make crash` in short."""

import secrets
from pathlib import Path

import pytest

import crash
from databases import Start


@pytest.mark.parametrize("kill", crash.VICTIMS)
def test_nothing_acknowledged_is_lost(
    product: str, kill: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Issue 4, on each database: nothing is lost, nothing doubled, everybody reads the same."""
    if product == "sqlite":
        if kill != "server":
            pytest.skip("SQLite is a part of the server")
        database = None
    else:
        start: Start = request.getfixturevalue("servers")
        database = start(product)
    seed = secrets.randbelow(1 << 32)
    town = crash.make_town(tmp_path, seed, database=database, kill=kill)
    assert crash.play(town, 2 if kill == "server" else 1, seed) == []
