"""Plugins by their entry points."""

import sys
from importlib.metadata import EntryPoint

import pytest

from chinwag.plugins import load
from chinwag.plugins.auth_anonymous import AnonymousAuth
from chinwag.plugins.auth_base import AuthBase
from chinwag.plugins.load import CannotLoad


class Fussy(AuthBase):
    """Wants what nobody has."""

    def __init__(self, moon: str) -> None:
        self.moon = moon


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is installed."""
    entries = [
        EntryPoint("anonymous", "chinwag.plugins.auth_anonymous:AnonymousAuth", load.AUTH),
        EntryPoint("broken", "chinwag.plugins.nowhere:Nothing", load.AUTH),
        EntryPoint("fussy", "fussy_plugin:Fussy", load.AUTH),
    ]
    monkeypatch.setitem(sys.modules, "fussy_plugin", sys.modules[__name__])
    monkeypatch.setattr(
        load, "entry_points", lambda group: [e for e in entries if e.group == group]
    )


def test_a_plugin_is_called_what_clients_call_it() -> None:
    made = load.authenticators({"guest": "anonymous"}, {"db": None})
    assert isinstance(made["guest"], AnonymousAuth)
    assert made["guest"].name == "guest"


@pytest.mark.parametrize(
    ("name", "why"),
    [("nosuch", "no way to log in called nosuch"), ("broken", "broken"), ("fussy", "moon")],
)
def test_what_cannot_be_loaded(name: str, why: str) -> None:
    with pytest.raises(CannotLoad, match=why):
        load.authenticators({name: name}, {})


def test_nothing_of_a_kind_is_installed() -> None:
    with pytest.raises(CannotLoad, match="installed: none"):
        load.validators(["email"], {})
    with pytest.raises(CannotLoad, match="sender of text messages"):
        load.sms("webhook", {})
