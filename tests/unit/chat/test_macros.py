"""Macros become the lines they stand for (spec 06, paragraph 8.6)."""

import shlex

import pytest

from chinwag.chat import macros
from chinwag.chat.commands import Use
from chinwag.chat.errors import BadCommand


def lines(text: str, use: Use | None = None) -> list[str]:
    """What `text` stands for, as it would be typed."""
    found = macros.read(shlex.split(text))
    return [" ".join(line) for line in macros.expand(found, use or Use())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("usermod usrA -L", [".must acc --user usrA --as_root --suspend true"]),
        ("usermod usrA -U", [".must acc --user usrA --as_root --suspend false"]),
        (
            "resolve zoe",
            [
                ".must sub fnd",
                ".must set fnd --public=basic:zoe",
                ".must $v get fnd --sub",
                ".must leave fnd",
                ".log $v.sub[0].topic",
            ],
        ),
        ("passwd usrA -P x", [".must acc --user usrA --as_root --scheme basic --secret=:x"]),
        ("userdel usrA --hard", [".must del user --user usrA --as_root --hard"]),
        (
            "useradd zoe -P x --cred email:z@b.example --name Zoe --note hi --trusted staff",
            [
                ".must $v acc --scheme basic --secret=zoe:x --fn=Zoe --note=hi --trusted=staff"
                " --cred=email:z@b.example",
                ".log $v.params[user]",
            ],
        ),
    ],
)
def test_lines(text: str, expected: list[str]) -> None:
    assert lines(text) == expected


@pytest.mark.parametrize(
    ("text", "middle"),
    [
        ("usermod usrA --name Zoe", ".must $v set me --fn=Zoe"),
        ("usermod usrA --trusted staff", ".must $v set me --trusted=staff --as_root"),
        ("chacs usrA --auth JR --anon N", ".must set me --auth=JR --anon=N"),
        ("chcred usrA tel:+1 --add", ".must set me --cred tel:+1"),
        ("chcred usrA tel:+1 --rm", ".must del cred --cred tel:+1"),
        ("thecard usrA --what cred", ".must $v get me --cred"),
    ],
)
def test_lines_on_behalf_of_somebody(text: str, middle: str) -> None:
    made = lines(text, Use(user="usrB"))[:5]
    assert made == [
        ".use --user usrA",
        ".must sub me",
        middle,
        ".must leave me",
        ".use --user usrB",
    ]


@pytest.mark.parametrize("text", ["usermod usrA", "chacs usrA", "chcred usrA tel:+1"])
def test_nothing_to_do_is_said(text: str) -> None:
    with pytest.raises(BadCommand, match=r"what is to be changed|say one of"):
        lines(text)


def test_what_crashes_the_original_works() -> None:
    """DEFECT 06-21: `chcred --validate` and `useradd --note` crash the original's tool."""
    assert ".must set me --cred email::123456" in lines("chcred usrA email::123456 --validate")
    assert "--note=hi" in lines("useradd zoe -P x --note hi")[0]


def test_passwords_are_asked_for() -> None:
    assert macros.lacks_password(macros.read(["passwd", "usrA"]))
    assert not macros.lacks_password(macros.read(["passwd", "usrA", "-P", "x"]))
    assert not macros.lacks_password(macros.read(["userdel", "usrA"]))
