"""What a script keeps, and how it is named."""

import pytest

from chinwag.chat.errors import BadCommand
from chinwag.chat.variables import expand, is_name, text_of

VALUES = {
    "x": {"sub": [{"topic": "grpA"}], "params": {"token": "t=", "n": 3, "reqCred": {"a": [1]}}},
    "user": {"params": {"user": "usrB"}},
}


@pytest.mark.parametrize(
    ("word", "expanded"),
    [
        ("$x.sub[0].topic", "grpA"),
        ("$x.params[token]", "t="),
        ("$x.params.n", "3"),
        ("$x.params.reqCred", '{"a": [1]}'),
        ("--user=$user.params[user]", "--user=usrB"),
        ("plain", "plain"),
        ("$5", "$5"),
        ("costs $x", "costs $x"),
        ("", ""),
    ],
)
def test_words_are_replaced(word: str, expanded: str) -> None:
    assert expand(word, VALUES) == expanded


@pytest.mark.parametrize("word", ["$y", "$x.sub[1]", "$x.sub.topic", "$x.nothing", "--a=$y.b"])
def test_what_is_not_there_is_said(word: str) -> None:
    with pytest.raises(BadCommand, match="There is no"):
        expand(word, VALUES)


def test_names() -> None:
    assert is_name("$x")
    assert not is_name("$x.sub")
    assert not is_name("x")
    assert text_of("ä") == "ä"
    assert text_of(["ä"]) == '["ä"]'
