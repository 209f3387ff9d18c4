"""Reading settings: file, environment, what is wrong with them."""

import json
from pathlib import Path

import pytest

from chinwag import settings
from chinwag.config import BadConfig, Config

SERVERS = [{"urls": ["turn:turn.example.com"], "username": "u", "credential": "c"}]


def written(folder: Path, text: str) -> Path:
    """A file of settings."""
    path = folder / "chinwag.toml"
    path.write_text(text)
    return path


def from_file(tmp_path: Path, text: str, **environ: str) -> Config:
    """The settings in a file with this text."""
    return settings.load(written(tmp_path, text), environ)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    text = 'country = "DE"\n[email]\nport = 26\nhost = "a"\nsender = "a@b.c"\n'
    found = from_file(tmp_path, text, CHINWAG_EMAIL_PORT="587", PATH="/bin")
    assert (found.country, found.email.port, found.email.host) == ("DE", 587, "a")


def test_lists_in_the_environment() -> None:
    found = settings.load(None, {"CHINWAG_EMAIL_DOMAINS": "a.b, c.d"})
    assert found.email.domains == ["a.b", "c.d"]
    found = settings.load(None, {"CHINWAG_EMAIL_DOMAINS": '["a.b"]'})
    assert found.email.domains == ["a.b"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("nothing = 1", "no setting nothing"),
        ("[email]\nhots = 1", "did you mean email.host"),
        ("email = 1", "is a section"),
        ("[email]\nport = 0", "email.port cannot be used"),
        ("[email]\nport = 'x'", "email.port cannot be used"),
        ("[email", "no valid TOML"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(BadConfig, match=why):
        from_file(tmp_path, text)


def test_an_unknown_variable() -> None:
    with pytest.raises(BadConfig, match="CHINWAG_EMAIL_HOTS is no setting"):
        settings.load(None, {"CHINWAG_EMAIL_HOTS": "x"})


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="cannot be read"):
        settings.load(tmp_path / "nowhere.toml", {})


def test_every_setting_is_described() -> None:
    page = settings.reference()
    for setting in settings.settings():
        assert setting.sentence.endswith("."), setting.name
        assert f"| `{setting.name.rpartition('.')[2]}` |" in page


def test_secrets_have_no_default() -> None:
    """04 D-39, 07: a published secret is none. The salt ships in every client and is no secret."""
    secret = ("password", "secret", "key", "debug_response")
    for setting in settings.settings():
        if setting.name.endswith(secret):
            assert setting.default == "", setting.name


def test_servers_for_calls_may_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    """03 §9.1: the list itself wins; the file is read only where calls are on."""
    (tmp_path / "ice.json").write_text(json.dumps(SERVERS))
    named = 'ice_servers_file = "ice.json"\n'
    path = written(tmp_path, "[calls]\nenabled = true\n" + named)
    limits = settings.load(path, {}).to_limits()
    assert (limits.ice_servers, limits.call_timeout_s) == (tuple(SERVERS), 30)
    own = '[[calls.ice_servers]]\nurls = ["stun:own"]\n'
    path = written(tmp_path, "[calls]\nenabled = true\n" + named + own)
    assert settings.load(path, {}).to_limits().ice_servers == ({"urls": ["stun:own"]},)
    path = written(tmp_path, '[calls]\nice_servers_file = "none"\n')
    assert settings.load(path, {}).to_limits().ice_servers == ()


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
        settings.load(path, {})
