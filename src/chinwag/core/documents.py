"""Rich text as Tinode's clients show it (Drafty): text, and what spans of it mean.

Positions count what people call characters (grapheme clusters).
Source: specification 07, paragraph 15.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Self

from chinwag.core.graphemes import clusters

MIME: Final = "text/x-drafty"
ATTACHED: Final = -1  # where what is not part of the text stands


def length(text: str) -> int:
    """How many characters `text` has."""
    return len(clusters(text))


class Entity(NamedTuple):
    """A thing in a text: a link, a picture, a button."""

    tp: str
    data: Mapping[str, Any]


class Span(NamedTuple):
    """What a piece of a text is: a style such as `ST`, or an entity."""

    at: int
    length: int
    what: str | Entity

    @property
    def tp(self) -> str:
        """The type of the style or entity."""
        return self.what if isinstance(self.what, str) else self.what.tp

    @property
    def data(self) -> Mapping[str, Any]:
        """The data of the entity; a style has none."""
        return {} if isinstance(self.what, str) else self.what.data


@dataclass(frozen=True, slots=True)
class Document:
    """A text with spans; documents can be added up."""

    text: str = ""
    spans: tuple[Span, ...] = field(default=())

    def __add__(self, other: "Document | str") -> "Document":
        if isinstance(other, str):
            return Document(self.text + other, self.spans)
        shift = length(self.text)
        moved = (s if s.at < 0 else s._replace(at=s.at + shift) for s in other.spans)
        return Document(self.text + other.text, (*self.spans, *moved))

    def within(self, what: str | Entity) -> "Document":
        """All of it as a style or an entity."""
        return Document(self.text, (Span(0, length(self.text), what), *self.spans))

    @property
    def size(self) -> int:
        """How many characters it has."""
        return length(self.text)

    @property
    def entities(self) -> list[Entity]:
        """What is in it, in order."""
        return [span.what for span in self.spans if isinstance(span.what, Entity)]

    def cut(self, start: int, end: int) -> "Document":
        """The characters from `start` up to `end`, with what they mean; no attachments."""
        parts = [
            Span(max(s.at, start) - start, min(s.at + s.length, end) - max(s.at, start), s.what)
            for s in self.spans
            if s.at >= 0 and s.at < end and s.at + s.length > start
        ]
        return Document("".join(clusters(self.text)[start:end]), tuple(parts))

    @property
    def plain(self) -> str:
        """Its text, with line breaks where clients show them."""
        parts = list(clusters(self.text))
        for span in self.spans:
            if span.tp == "BR" and 0 <= span.at < len(parts):
                parts[span.at] = "\n"
        return "".join(parts)

    @property
    def wire(self) -> str | dict[str, Any]:
        """What is sent: a text if it is nothing more."""
        if not self.spans:
            return self.text
        made: dict[str, Any] = {"txt": self.text} if self.text else {}
        entities: list[Entity] = []
        made["fmt"] = [_format(span, entities) for span in _sorted(self.spans)]
        if entities:
            made["ent"] = [{"tp": e.tp, "data": dict(e.data)} for e in entities]
        return made

    @classmethod
    def read(cls, content: object) -> Self:
        """The document somebody sent; what cannot be understood is left out."""
        if isinstance(content, str):
            return cls(content)
        if not isinstance(content, dict):
            return cls()
        text = content.get("txt")
        text = text if isinstance(text, str) else ""
        entities = [_entity(raw) for raw in _list(content.get("ent"))]
        formats = _list(content.get("fmt")) or ([{}] if entities else [])
        size = length(text)
        spans = (_span(raw, entities) for raw in formats)
        return cls(text, tuple(s for s in spans if s is not None and s.at + s.length <= size))


def join(parts: Iterable[Document | str]) -> Document:
    """All `parts`, one after the other, in as much time as they have characters."""
    texts: list[str] = []
    spans: list[Span] = []
    size, last = 0, ""  # how much there is, and its last character, which the next part may go on
    for part in parts:
        each = Document(part) if isinstance(part, str) else part
        texts.append(each.text)
        spans += (s if s.at < 0 else s._replace(at=s.at + size) for s in each.spans)
        if each.text:
            tail = clusters(last + each.text)
            size, last = size + len(tail) - bool(last), tail[-1]
    return Document("".join(texts), tuple(spans))


def lines(text: str) -> Document:
    """`text` with its line breaks, to stand in a document that is more than text."""
    first, *rest = text.splitlines() or [""]
    return join([Document(first), *(BREAK + line for line in rest)])


BREAK: Final = Document(" ", (Span(0, 1, "BR"),))


def _sorted(spans: Iterable[Span]) -> list[Span]:
    return sorted(spans, key=lambda s: (s.at, -s.length, s.tp != "QQ"))


def _format(span: Span, entities: list[Entity]) -> dict[str, Any]:
    """The `fmt` of a span; its entity is added to `entities` unless it is there."""
    made: dict[str, Any] = {"at": span.at} if span.at else {}
    if span.length:
        made["len"] = span.length
    if isinstance(span.what, str):
        made["tp"] = span.what
        return made
    if span.what not in entities:
        entities.append(span.what)
    if key := entities.index(span.what):
        made["key"] = key
    return made


def _entity(raw: object) -> Entity | None:
    if not isinstance(raw, dict) or not isinstance(raw.get("tp"), str):
        return None
    data = raw.get("data")
    return Entity(raw["tp"], data if isinstance(data, dict) else {})


def _span(raw: object, entities: list[Entity | None]) -> Span | None:
    if not isinstance(raw, dict):
        return None
    at, size, tp = _number(raw, "at"), _number(raw, "len"), raw.get("tp")
    if at < ATTACHED or size < 0:
        return None
    if isinstance(tp, str) and tp:
        return Span(at, size, tp)
    key = _number(raw, "key")
    entity = entities[key] if 0 <= key < len(entities) else None
    return None if entity is None else Span(at, size, entity)


def _number(raw: Mapping[str, Any], name: str) -> int:
    found = raw.get(name, 0)
    return int(found) if isinstance(found, int | float) else -2


def _list(found: object) -> list[Any]:
    return found if isinstance(found, list) else []
