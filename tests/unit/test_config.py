"""Settings: what a file of theirs may say."""

import json
from pathlib import Path

import pytest

from chinwag import config
from chinwag.config import BadConfig

SERVERS = [{"urls": ["turn:turn.example.com"], "username": "u", "credential": "c"}]


def written(folder: Path, text: str) -> Path:
    """A file of settings."""
    path = folder / "chinwag.toml"
    path.write_text(text)
    return path


def test_servers_for_calls_may_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    """03 §9.1: the list itself wins; the file is read only where calls are on."""
    (tmp_path / "ice.json").write_text(json.dumps(SERVERS))
    named = 'ice_servers_file = "ice.json"\n'
    path = written(tmp_path, "[calls]\nenabled = true\n" + named)
    limits = config.load(path, {}).to_limits()
    assert (limits.ice_servers, limits.call_timeout_s) == (tuple(SERVERS), 30)
    own = '[[calls.ice_servers]]\nurls = ["stun:own"]\n'
    path = written(tmp_path, "[calls]\nenabled = true\n" + named + own)
    assert config.load(path, {}).to_limits().ice_servers == ({"urls": ["stun:own"]},)
    path = written(tmp_path, '[calls]\nice_servers_file = "none"\n')
    assert config.load(path, {}).to_limits().ice_servers == ()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read"),
        ("{}", "is no JSON list of servers"),
        ("\xff", "is no JSON list of servers"),
        ("[]", "no server is named"),
        ('[{"url": "stun:x"}]', "needs a list `urls`"),
    ],
)
def test_servers_that_cannot_be_used(tmp_path: Path, content: str | None, why: str) -> None:
    if content is not None:
        (tmp_path / "ice.json").write_text(content, encoding="latin-1")
    path = written(tmp_path, '[calls]\nenabled = true\nice_servers_file = "ice.json"\n')
    with pytest.raises(BadConfig, match=why):
        config.load(path, {})
