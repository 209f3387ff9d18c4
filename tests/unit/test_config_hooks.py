"""Settings of plug-ins. Source: specification 06, paragraphs 6.1 and 6.2."""

from pathlib import Path

import pytest

from chinwag import settings
from chinwag.config import BadConfig
from chinwag.config_hooks import Plugin


def loaded(tmp_path: Path, text: str) -> dict[str, Plugin]:
    """The plug-ins in settings with this text."""
    path = tmp_path / "chinwag.toml"
    path.write_text(text)
    return settings.load(path, {}).plugins


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("tcp://localhost:40051", "localhost:40051"),
        ("unix:///run/plugin.sock", "unix:/run/plugin.sock"),
        ("unix://plugin.sock", "unix:plugin.sock"),
        ("anything://[::1]:40051", "[::1]:40051"),
    ],
)
def test_addresses(address: str, target: str) -> None:
    """The network is ignored (QUIRK) but for sockets."""
    assert Plugin(service_addr=address).target == target


def test_plugins_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = """
[plugins.second]
service_addr = "tcp://h:1"
[plugins.first]
service_addr = "tcp://h:2"
enabled = false
[plugins.first.filters]
fire_hose = ""
"""
    found = loaded(tmp_path, text)
    assert list(found) == ["second", "first"]
    assert found["second"].filters.fire_hose is None
    assert (found["first"].filters.fire_hose, found["first"].enabled) == ("", False)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[plugins.p]\nservice_addr = 'localhost:1'", "service_addr must say where it listens"),
        ("[plugins.p]", "service_addr must say where it listens"),
        ("[plugins.p]\nservice_adr = ''", "did you mean plugins.p.service_addr"),
        ("[plugins.p.filters]\nfirehose = ''", "did you mean plugins.p.filters.fire_hose"),
        ("[plugins]\np = 1", r"write \[plugins.NAME\]"),
        ("plugins = 1", r"write \[plugins.NAME\]"),
        (
            "[plugins.p]\nservice_addr='tcp://h:1'\n[plugins.p.filters]\nmessage='pubb'",
            "plugins.p.filters.message cannot be used: 'pubb' names neither",
        ),
        ("[plugins.p]\nservice_addr='tcp://h:1'\ntimeout_ms=-1", "timeout_ms cannot be used"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, text: str, why: str) -> None:
    """DEFECT 06-15: misspelt filters were ignored."""
    with pytest.raises(BadConfig, match=why):
        loaded(tmp_path, text)
