"""The values of options."""

import argparse
import base64
from pathlib import Path

import pytest

from chinwag.chat import values
from chinwag.chat.errors import BadCommand

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_topics_are_known_by_their_names() -> None:
    for name in ("me", "fnd", "sys", "new", "usrQaG1KtuHfNA", "grpt_FkLNspK5s", "new123456"):
        assert values.is_topic(name)
    for word in ("hello", "group", "usr", "user"):
        assert not values.is_topic(word)


def test_lists_and_flags() -> None:
    assert values.listed(None) is None
    assert values.listed(" a, b,,") == ["a", "b"]
    assert values.flags("verified,staff:false") == {"verified": True, "staff": False}
    assert values.words_of("desc, sub", ("desc", "sub")) == "desc sub"
    with pytest.raises(BadCommand, match="ask for nonsense"):
        values.words_of("nonsense", ("desc",))


def test_credentials() -> None:
    assert values.credentials("email:a@b.example,tel:+1:1234,email::1") == [
        {"meth": "email", "val": "a@b.example"},
        {"meth": "tel", "val": "+1", "resp": "1234"},
        {"meth": "email", "resp": "1"},
    ]
    for bad in ("email", ":x", "email:"):
        with pytest.raises(BadCommand, match="no credential"):
            values.credentials(bad)


def test_texts_objects_and_what_removes_them() -> None:
    assert values.value("hi", "DEL!") == "hi"
    assert values.value('{"a":1}', "DEL!") == {"a": 1}
    assert values.value("DEL!", "DEL!") == "\u2421"
    assert values.value(None, "DEL!") is None
    with pytest.raises(BadCommand, match="no JSON"):
        values.value("{a}", "DEL!")


def test_quotes_are_not_lost() -> None:
    """DEFECT 06-21: the original's tool wraps texts in quotes without escaping them."""
    assert values.value('say "hi" \\', "DEL!") == 'say "hi" \\'


def test_cards(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(PNG)
    found = argparse.Namespace(fn="Zoe", note="DEL!", photo=str(picture))
    assert values.card(found, "DEL!") == {
        "fn": "Zoe",
        "note": "\u2421",
        "photo": {"type": "png", "data": base64.b64encode(PNG).decode()},
    }
    picture.write_bytes(b"text")
    with pytest.raises(BadCommand, match="no picture"):
        values.card(found, "DEL!")
    with pytest.raises(BadCommand, match="cannot be read: No such file"):
        values.card(argparse.Namespace(fn=None, note=None, photo=str(tmp_path / "b")), "DEL!")


def test_files_have_bounds(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"1234")
    assert values.read_file(str(file), 4) == b"1234"
    with pytest.raises(BadCommand, match="more than 3 bytes"):
        values.read_file(str(file), 3)
    assert values.write_file(str(tmp_path / "b"), b"x").read_bytes() == b"x"
    with pytest.raises(BadCommand, match="cannot be written: File exists"):
        values.write_file(str(tmp_path / "b"), b"y")


def test_heads() -> None:
    assert values.head("priority:high,x:a:b") == {"priority": "high", "x": "a:b"}
    with pytest.raises(BadCommand, match="no header"):
        values.head("priority")


def test_ranges_are_inclusive() -> None:
    assert values.ranges("all", (1, 9)) == [{"low": 1, "hi": 9}]
    assert values.ranges("1,2,9-12", (1, 9)) == [{"low": 1}, {"low": 2}, {"low": 9, "hi": 13}]
    for bad in ("", "a", "1-", "-3", "1-b"):
        with pytest.raises(BadCommand, match="is no message"):
            values.ranges(bad, (1, 9))
