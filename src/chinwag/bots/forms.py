"""Questions with buttons, and the typed answers that pressing one gives.

A button carries the name of its form and the answer as JSON, so that answers are understood after a
restart too, and whoever makes up an answer is not heard unless it has the right type.
Source: specification 07, paragraphs 13 and 15.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Generic, NamedTuple, TypeVar

import msgspec

from chinwag.bots.messages import Message, Sayable
from chinwag.core.documents import BREAK, Document, Entity, join

MIME: Final = "text/x-drafty-fr"
_LEGACY: Final = "application/json"
T = TypeVar("T")


class Answer(NamedTuple):
    """A button that was pressed."""

    form: int  # seq of the message with the button
    values: Mapping[str, Any]  # by the name of the button


def answer_of(message: Message) -> Answer | None:
    """What was answered by pressing a button; None: `message` is something else."""
    for entity in message.document.entities:
        val = entity.data.get("val")
        if entity.tp != "EX" or entity.data.get("mime") not in (MIME, _LEGACY):
            continue
        if isinstance(val, dict) and isinstance(val.get("resp"), dict):
            seq = val.get("seq")
            return Answer(seq if isinstance(seq, int) else 0, val["resp"])
    return None


class Form(Generic[T]):
    """Questions of one kind: their answers are all of type `T`, any that msgspec knows."""

    def __init__(self, name: str, answer: type[T]) -> None:
        self.name = name
        self._type = answer

    def __repr__(self) -> str:
        return f"Form({self.name})"

    def button(self, title: str, answer: T) -> Document:
        """A button that gives `answer`."""
        val = answer if self._type is str else msgspec.json.encode(answer).decode()
        data = {"name": self.name, "act": "pub", "val": val}
        return Document(title).within(Entity("BN", data))

    def ask(self, question: Sayable, *buttons: Document, once: bool = False) -> Document:
        """The question with its buttons below it; `once`: everybody may press one only.

        Clients obey `once`; nobody makes them.
        """
        title = question if isinstance(question, Document) else Document(question).within("ST")
        whole = join(_rows([title, *buttons]))
        return whole.within(Entity("FM", {"su": True}) if once else "FM")

    def read(self, answer: Answer) -> T:
        """What was answered. Raises ValueError: it is no answer to this form."""
        if self.name not in answer.values:
            raise ValueError(f"This is no answer to {self.name}.")
        val = answer.values[self.name]
        try:
            if isinstance(val, str) and self._type is not str:
                return msgspec.json.decode(val, type=self._type)
            return msgspec.convert(val, self._type)
        except msgspec.MsgspecError as error:
            raise ValueError(str(error)) from None


def link(title: str, url: str) -> Document:
    """A button that opens a page."""
    return Document(title).within(Entity("BN", {"name": "link", "act": "url", "ref": url}))


def _rows(parts: Iterable[Document]) -> Iterable[Document]:
    for number, part in enumerate(parts):
        if number:
            yield BREAK
        yield part
