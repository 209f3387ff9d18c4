"""Values as they come over. Source: specification 05, paragraph 3."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from chinwag.core import modes
from chinwag.core.state import State
from chinwag.importing import values
from chinwag.importing.report import Unreadable
from chinwag.importing.values import Clockwork


def test_times_are_utc_unless_the_old_server_said_otherwise() -> None:
    at = datetime(1970, 1, 2, 0, 0, 0, 123_000)  # noqa: DTZ001 - as the databases have it
    assert Clockwork().ms(at) == 86_400_123
    assert Clockwork(ZoneInfo("Etc/GMT-1")).ms(at) == 86_400_123 - 3_600_000
    assert Clockwork().ms_or_none(None) is None


@pytest.mark.parametrize("text", [None, "null", " null "])
def test_both_ways_to_say_nothing_mean_nothing(text: str | None) -> None:
    assert values.json_of(text) is None


@pytest.mark.parametrize(
    "text", ['"Ask again"', '{"b":1, "a":[2]}', '"\\u003cb\\u003e"', '"a\\u0000b"', "1e300", "12"]
)
def test_json_stays_as_it_is_written(text: str) -> None:
    """Numbers and NUL too: nothing is read and written anew (3.3)."""
    assert values.json_of(text) == text.encode()


def test_half_a_character_becomes_a_replacement() -> None:
    mended = values.json_of('{"txt":"a\\ud800b","n":"\\ud83d\\ude00"}')
    assert mended is not None
    assert json.loads(mended) == {"txt": "a\ufffdb", "n": "😀"}


@pytest.mark.parametrize("text", ["{", "", "[" * 100_000, '{"a":NaN}'])
def test_what_is_no_json_cannot_be_read(text: str) -> None:
    with pytest.raises(Unreadable):
        values.json_of(text)


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        (None, modes.NONE),
        ("", modes.NONE),
        ("N", modes.NONE),
        ("JRWPASDO", modes.FULL),
        ("JPS     ", modes.MEFND),
    ],
)
def test_modes(text: str | None, mode: int) -> None:
    """One that is not set is none (3.4); columns may be padded (2)."""
    assert values.mode_of(text) == mode


def test_a_mode_that_is_none_cannot_be_read() -> None:
    with pytest.raises(Unreadable, match="'XYZ' is no access mode"):
        values.mode_of("XYZ")


def test_default_access_has_capital_keys() -> None:
    assert values.access_of('{"Auth":"JRWPAS","Anon":"N"}') == (modes.ACCOUNT, modes.NONE)
    assert values.access_of(None) == (modes.NONE, modes.NONE)
    for text in ("[1]", '{"Auth":1}', '{"Auth":"!"}'):
        with pytest.raises(Unreadable):
            values.access_of(text)


def test_lists_of_texts() -> None:
    assert values.texts_of('["a",1,"b"]') == ["a", "b"]
    assert values.texts_of("null") == []
    with pytest.raises(Unreadable):
        values.texts_of('"a"')


def test_states() -> None:
    assert values.state_of(10) is State.SUSPENDED
    with pytest.raises(Unreadable, match="no state 30"):
        values.state_of(30)


@pytest.mark.parametrize(
    "name",
    ["usrElFc2oqZVIY", "slfElFc2oqZVIY", "grpsSQQQkt8Bpg", "sys", "p2pgpFkDU6fGFsSUVzaiplUhg"],
)
def test_names(name: str) -> None:
    assert values.name_of(name + " ") == name


@pytest.mark.parametrize(
    "name", ["", "grp", "grpAAAAAAAAAAA", "xyzElFc2oqZVIY", "p2pgpFkDU6fGFsSUVzaipl***", "system"]
)
def test_names_of_nothing(name: str) -> None:
    """Of id 0 too, which a clock that went backwards has left (DEFECT in 4.2)."""
    with pytest.raises(Unreadable):
        values.name_of(name)
