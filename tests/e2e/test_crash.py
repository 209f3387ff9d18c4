"""Everything acknowledged survives `kill -9` in the middle of a flood: `make crash` in short."""

import secrets
from pathlib import Path

import crash


def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    assert crash.play(tmp_path, rounds=2, seed=secrets.randbelow(1 << 32)) == []
