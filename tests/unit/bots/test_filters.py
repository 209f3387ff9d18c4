"""Filters: which messages pass, and what they find."""

from typing import Any

import pytest

from chinwag.bots import Bot, filters
from chinwag.bots.events import MESSAGE, Event
from chinwag.bots.filters import Filter
from chinwag.bots.messages import Message, Topic
from chinwag.bots.packets import Data
from chinwag.bots.state import State
from chinwag.core.documents import Document, Entity

TINO = Bot()
TINO.names.add("Tino")
TINO.line.uid = "usrTino"


def said(content: Any, *, topic: str = "usrAnn", **head: Any) -> Event:
    data = Data(topic, 1, "usrAnn", head=head or None, content=content)
    message = Message(Topic(TINO, topic), data)
    return Event(
        MESSAGE, TINO, message.topic, "usrAnn", State("k", None), State("s", None), message
    )


MENTION = Document("@Tino").within(Entity("MN", {"val": "usrTino"})).wire
PICTURE = Document(" ").within(Entity("IM", {"mime": "image/png"})).wire


BY_BEN = Event(MESSAGE, TINO, Topic(TINO, "grpA"), "usrBen", State("k", None), State("s", None))


@pytest.mark.parametrize(
    ("one", "passes", "fails"),
    [
        (filters.text("hi", "hello"), said(" Hello "), said("hello there")),
        (filters.text(), said("x"), said("  ")),
        (filters.contains("tea"), said("Some TEA?"), said("coffee")),
        (filters.regex("^a+$"), said("aaa"), said("aab")),
        (filters.mime("image/*"), said(PICTURE), said("x")),
        (filters.mime("text/plain"), said("x"), said("x", mime="text/x-other")),
        (filters.sender("usrAnn"), said("x"), BY_BEN),
        (filters.kind("group"), said("x", topic="grpA"), said("x")),
        (filters.topic("grpA"), said("x", topic="grpA"), said("x", topic="grpB")),
        (filters.mention, said("Listen, @tino!"), said("Tino said")),
        (filters.mention, said(MENTION), said("@Tinos")),
        (filters.command("help", "h"), said("/H me"), said("help")),
        (filters.command("help"), said("/help@tino"), said("/help@other")),
        (filters.text("a") | filters.text("b"), said("b"), said("c")),
        (filters.text() & ~filters.text("a"), said("b"), said("a")),
    ],
    ids=lambda value: str(value) if isinstance(value, Filter) else "",
)
def test_filters_let_pass_what_they_are_for(one: Filter, passes: Event, fails: Event) -> None:
    assert one.find(passes) is not None
    assert one.find(fails) is None


def test_a_regular_expression_finds_its_groups() -> None:
    found = filters.regex(r"in (?P<minutes>\d+) min").find(said("in 5 min"))
    assert found is not None
    assert found["minutes"] == "5"
    assert found["match"][0] == "in 5 min"


def test_a_command_finds_its_arguments() -> None:
    found = filters.command("add").find(said('/add "two words" three'))
    assert found == {"args": ["two words", "three"], "command": "add"}


def test_apostrophes_are_no_quotation_marks() -> None:
    assert filters.arguments("don't do") == ["don't", "do"]


def test_what_both_find_is_found() -> None:
    both = filters.regex("(?P<x>a)") & filters.regex("(?P<y>b)")
    found = both.find(said("ab"))
    assert found is not None
    assert (found["x"], found["y"]) == ("a", "b")


def test_steps_are_those_of_the_conversation() -> None:
    event = said("x")
    assert filters.step("name").find(event) is None
    event.state.step = "name"
    assert filters.step("name").find(event) is not None
