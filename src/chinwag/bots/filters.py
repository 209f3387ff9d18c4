"""Which messages a handler is for: `text`, `regex` …, put together by `&`, `|` and `~`."""

import fnmatch
import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from chinwag.bots.events import Event
from chinwag.bots.forms import Form, answer_of
from chinwag.bots.messages import Kind
from chinwag.core.documents import MIME

Found = Mapping[str, Any] | None  # what handlers get besides; None: the filter does not let it pass
NOTHING: Mapping[str, Any] = {}


class Filter:
    """A test of events; it may find things for the handler."""

    def __init__(self, test: Callable[[Event], Found | bool], name: str = "filter") -> None:
        self._test = test
        self._name = name

    def __repr__(self) -> str:
        return self._name

    def find(self, event: Event) -> Found:
        """What is found for the handler, by name; None: it is not for the handler."""
        found = self._test(event)
        if isinstance(found, bool):
            return NOTHING if found else None
        return found

    def __and__(self, other: "Filter") -> "Filter":
        def both(event: Event) -> Found:
            mine = self.find(event)
            theirs = None if mine is None else other.find(event)
            return None if mine is None or theirs is None else {**mine, **theirs}

        return Filter(both, f"({self} & {other})")

    def __or__(self, other: "Filter") -> "Filter":
        def either(event: Event) -> Found:
            mine = self.find(event)
            return other.find(event) if mine is None else mine

        return Filter(either, f"({self} | {other})")

    def __invert__(self) -> "Filter":
        return Filter(lambda event: self.find(event) is None, f"~{self}")


def _text(event: Event) -> str:
    return event.message.text if event.message is not None else ""


def text(*texts: str) -> Filter:
    """Messages that say just one of these, whatever the case; without any: those with a text."""
    wanted = {one.casefold() for one in texts}

    def test(event: Event) -> bool:
        said = _text(event).strip().casefold()
        return said in wanted if wanted else bool(said)

    return Filter(test, f"text{texts}")


def contains(*words: str) -> Filter:
    """Messages that contain one of these, whatever the case."""
    wanted = [word.casefold() for word in words]
    return Filter(lambda e: any(w in _text(e).casefold() for w in wanted), f"contains{words}")


def regex(pattern: str | re.Pattern[str]) -> Filter:
    """Messages in which `pattern` is found; the handler gets `match`, and named groups by name."""
    compiled = re.compile(pattern)

    def test(event: Event) -> Found:
        match = compiled.search(_text(event))
        return None if match is None else {"match": match, **match.groupdict()}

    return Filter(test, f"regex({compiled.pattern!r})")


def mime(*patterns: str) -> Filter:
    """Messages with something of one of these types in them, such as `image/*`."""

    def types(event: Event) -> set[str]:
        if event.message is None:
            return set()
        whole = event.message.head.get("mime") or "text/plain"
        parts = {e.data.get("mime") for e in event.message.document.entities}
        return {one for one in (whole, *parts) if isinstance(one, str) and one != MIME}

    def test(event: Event) -> bool:
        return any(fnmatch.fnmatch(one, p) for one in types(event) for p in patterns)

    return Filter(test, f"mime{patterns}")


def sender(*uids: str) -> Filter:
    """What these people do."""
    return Filter(lambda event: event.sender in uids, f"sender{uids}")


def kind(*kinds: Kind) -> Filter:
    """What happens in such topics."""
    return Filter(lambda event: event.topic.kind in kinds, f"kind{kinds}")


def topic(*names: str) -> Filter:
    """What happens in these topics."""
    return Filter(lambda event: event.topic.name in names, f"topic{names}")


def _mentioned(event: Event) -> bool:
    if event.message is None:
        return False
    entities = event.message.document.entities
    uids = {e.data.get("val") for e in entities if e.tp == "MN"}
    names = {f"@{name.casefold()}" for name in event.bot.names}
    words = {word.strip(".,:;!?").casefold() for word in event.message.text.split()}
    return bool(({event.bot.uid} | event.bot.names) & uids or names & words)


mention = Filter(_mentioned, "mention")
"""Messages that mention the bot: by a mention of its id, or by @name."""


def step(name: str) -> Filter:
    """Conversations that are at this step, see `State.step`."""
    return Filter(lambda event: event.state.step == name, f"step({name!r})")


def answers(form: Form[Any]) -> Filter:
    """Buttons of `form` that were pressed."""

    def test(event: Event) -> Found:
        given = answer_of(event.message) if event.message is not None else None
        if given is None:
            return None
        try:
            return {"answer": form.read(given), "form_seq": given.form}
        except ValueError:
            return None

    return Filter(test, f"answers({form})")


def command(*names: str, prefix: str = "/") -> Filter:
    """Messages such as `/help me`: the handler gets `args` and the `command`.

    In groups `/help@name` is for the bot of that name only.
    """
    wanted = {name.casefold() for name in names}

    def test(event: Event) -> Found:
        first, _, rest = _text(event).strip().partition(" ")
        word, at, whom = first.removeprefix(prefix).partition("@")
        if not first.startswith(prefix) or word.casefold() not in wanted:
            return None
        if at and whom.casefold() not in {name.casefold() for name in event.bot.names}:
            return None
        return {"args": arguments(rest), "command": word.casefold()}

    return Filter(test, f"command{names}")


def arguments(rest: str) -> list[str]:
    """The words behind a command; quotes keep words together."""
    try:
        return shlex.split(rest)
    except ValueError:  # an apostrophe is no quotation
        return rest.split()
