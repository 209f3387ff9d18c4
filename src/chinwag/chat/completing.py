"""What the Tab key offers: commands, their options, conversations, people, files."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from chinwag.chat import commands, macros
from chinwag.chat.deeds import DEEDS
from chinwag.chat.rooms import Rooms
from chinwag.chat.script import LOCAL

_TO_ROOMS: Final = ("open", "invite")
_TO_FILES: Final = ("send", "upload")
_OFFERS_MAX: Final = 50


class Offers(Completer):
    """Completes lines."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """What may follow `document`."""
        text = document.text_before_cursor
        if text.startswith("/"):
            yield from self._after_slash(text[1:])
        elif text.startswith("."):
            yield from _matching(text, LOCAL)
        elif (word := text.rpartition(" ")[2]).startswith("@") and self._rooms.current is not None:
            people = sorted(self._rooms.current.people.items(), key=lambda one: one[1].casefold())
            for uid, name in people:
                if name.casefold().startswith(word[1:].casefold()):
                    yield Completion(f"[{name}]({uid})", -len(word), display=f"@{name}")

    def _after_slash(self, text: str) -> Iterator[Completion]:
        name, space, rest = text.partition(" ")
        if not space:
            yield from _matching(
                name, sorted({*DEEDS, *commands.PARSERS, *macros.MACROS, "help", "quit"})
            )
        elif name in _TO_ROOMS:
            yield from _matching(rest, [room.shown for room in self._rooms.by_news()])
        elif name in _TO_FILES:
            yield from _files(rest)
        elif (word := rest.rpartition(" ")[2]).startswith("-"):
            yield from _matching(word, commands.options_of(name))
        elif name in commands.PARSERS:
            yield from _matching(word, sorted(self._rooms.all))


def _matching(begun: str, words: Iterable[str]) -> Iterator[Completion]:
    wanted = begun.casefold()
    found = [word for word in words if word.casefold().startswith(wanted)]
    for word in found[:_OFFERS_MAX]:
        yield Completion(word, -len(begun))


def _files(begun: str) -> Iterator[Completion]:
    path = Path(begun).expanduser()
    folder, start = (path, "") if begun.endswith("/") or not begun else (path.parent, path.name)
    try:
        names = sorted(one.name + "/" * one.is_dir() for one in folder.iterdir())
    except OSError:
        return
    for name in names[:1000]:
        if name.startswith(start) and (start or not name.startswith(".")):
            yield Completion(name, -len(start))
