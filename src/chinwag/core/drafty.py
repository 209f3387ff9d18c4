"""Rich text, Drafty: what it says in plain words, and a short form of it, as pushes carry them.

Nothing that a client may send fails here: what is no Drafty is `BadDrafty`.
Source: specification 07, paragraphs 15 and 16.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

import msgspec

from chinwag.core import graphemes

WORDS_MAX: Final = 128  # code points of plain words
PREVIEW_MAX: Final = 128  # grapheme clusters of a preview
DATUM_MAX: Final = 128  # bytes; longer texts are left out of previews
NESTED_MAX: Final = 16  # spans in spans; deeper ones do not count
_VOID: Final = frozenset({"BR", "EX"})
_LABELS: Final = {"AU": "AUDIO", "EX": "FILE", "IM": "IMAGE", "VD": "VIDEO"}
_MARKS: Final = {"ST": "*", "EM": "_", "DL": "~", "CO": "`"}
_KEPT: Final = ("height", "mime", "name", "ref", "size", "url", "width")


class BadDrafty(ValueError):
    """A value that is no Drafty."""


class Entity(NamedTuple):
    """What a span refers to."""

    tp: str
    data: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text with a meaning; `at` -1: it stands beside the text."""

    at: int
    end: int
    tp: str  # empty: it means nothing
    data: dict[str, Any] | None = None
    key: int = -1  # of its entity


@dataclass(frozen=True, slots=True)
class Document:
    """A valid Drafty."""

    txt: Sequence[str] = ""  # grapheme clusters
    spans: list[Span] = field(default_factory=list)


# --- reading --------------------------------------------------------------------------------


def parse(content: bytes | None) -> Document | None:
    """The document that a JSON value is; None: there is nothing. Raises BadDrafty.

    Source: specification 07, paragraph 16.1.
    """
    try:
        value = None if not content else msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise BadDrafty("not JSON") from None
    match value:
        case None:
            return None
        case str():
            return Document(graphemes.clusters(value))
        case dict():
            return _document(value)
        case _:
            raise BadDrafty("neither text nor object")


def _document(value: dict[str, Any]) -> Document:
    txt, fmt, ent = (value.get(name) for name in ("txt", "fmt", "ent"))
    styles = [_object(each) for each in fmt if each is not None] if isinstance(fmt, list) else []
    entities = [_entity(each) for each in ent] if isinstance(ent, list) else []
    if not isinstance(txt, str) and not styles and not any(entities):
        raise BadDrafty("nothing of what a Drafty has")
    clusters = graphemes.clusters(txt) if isinstance(txt, str) else ""
    return Document(clusters, [_span(each, entities, len(clusters)) for each in styles])


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadDrafty("not an object")
    return value


def _entity(value: object) -> Entity | None:
    """An entity; null keeps its place, so that others stay what they are."""
    if value is None:
        return None
    tp, data = _object(value).get("tp"), _object(value).get("data")
    if not isinstance(tp, str) or not tp:
        raise BadDrafty("an entity without a type")
    return Entity(tp, data if isinstance(data, dict) else None)


def _span(style: dict[str, Any], entities: list[Entity | None], size: int) -> Span:
    at, length, key = (_number(style, name) for name in ("at", "len", "key"))
    tp = style.get("tp")
    if length < 0 or at < -1 or at + length > size:
        raise BadDrafty("a span outside the text")
    end = at if at < 0 else at + length
    if isinstance(tp, str) and tp:
        return Span(at, end, tp)
    if key < 0 or (entities and key >= len(entities)):
        raise BadDrafty("a span without its entity")
    if not entities and at == length == key == 0:
        raise BadDrafty("a span of nothing")
    entity = entities[key] if entities else None
    return Span(at, end, "") if entity is None else Span(at, end, entity.tp, entity.data, key)


def _number(style: dict[str, Any], name: str) -> int:
    value = style.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadDrafty(f"{name} is no number")
    try:
        return int(value)
    except (OverflowError, ValueError):
        raise BadDrafty(f"{name} is no number") from None


# --- walking --------------------------------------------------------------------------------

Event = tuple[Literal["text"], int, int] | tuple[Literal["open", "close"], Span]


def _walk(document: Document) -> Iterator[Event]:
    """Text and spans in the order of reading, without what is quoted.

    A span that overlaps another one, which neither holds nor follows it, does not count.
    """
    spans = sorted(document.spans, key=lambda span: (span.at, -span.end))
    around: list[Span] = []
    at = 0
    for span in spans:
        while around and span.at >= around[-1].end:
            yield "text", at, around[-1].end
            at = around[-1].end
            yield "close", around.pop()
        if (around and span.end > around[-1].end) or 0 <= span.at < at:
            continue
        if span.at >= 0:
            yield "text", at, span.at
            at = span.at
        if span.tp == "QQ":
            at = max(at, span.end)
        elif span.tp in _VOID or span.at < 0:
            yield "open", span
            yield "close", span
            at = max(at, span.end)
        elif len(around) < NESTED_MAX:
            yield "open", span
            around.append(span)
    while around:
        yield "text", at, around[-1].end
        at = around[-1].end
        yield "close", around.pop()
    yield "text", at, len(document.txt)


# --- plain words ----------------------------------------------------------------------------


def words(document: Document | None, limit: int = WORDS_MAX) -> str:
    """What `document` says in plain words, cut behind `limit` code points.

    Source: specification 07, paragraph 16.2.
    """
    if document is None:
        return ""
    said: list[list[str]] = [[]]
    for event in _walk(document):
        if event[0] == "text":
            said[-1].append("".join(document.txt[event[1] : event[2]]))
        elif event[0] == "open":
            said.append([])
        else:
            inner = "".join(said.pop())
            said[-1].append(_spoken(event[1], inner))
    text = "".join(said[0]).strip()
    return text if len(text) <= limit else text[:limit] + "…"


def _spoken(span: Span, inner: str) -> str:
    if span.tp in _MARKS:
        return _MARKS[span.tp] + inner + _MARKS[span.tp]
    data = span.data or {}
    match span.tp:
        case "BR":
            return "\n"
        case "VC":
            return "[CALL]"
        case "LN":
            url = data.get("url")
            return f"[{inner}]({url})" if isinstance(url, str) and url != inner else inner
        case "AU" | "EX" | "IM" | "VD" as tp:
            name = data.get("name")
            return f"[{_LABELS[tp]} '{name if isinstance(name, str) and name else '?'}']"
    return inner


# --- previews -------------------------------------------------------------------------------


def preview(document: Document | None, limit: int = PREVIEW_MAX) -> bytes:
    """The first `limit` grapheme clusters of `document` as a small Drafty; empty: there is none.

    Source: specification 07, paragraph 16.3.
    """
    if document is None:
        return b""
    short = _Preview(document, limit)
    for event in _walk(document):
        if event[0] == "text":
            short.text(event[1], event[2])
        elif event[0] == "open":
            short.open()
        else:
            short.close(event[1])
    return msgspec.json.encode(short.made())


class _Preview:
    """A preview in the making."""

    def __init__(self, document: Document, limit: int) -> None:
        self._txt, self._limit = document.txt, limit
        self._out: list[str] = []
        self._begun: list[tuple[int, bool]] = []  # where open spans begin, and whether in time
        self._fmt: list[dict[str, Any]] = []
        self._ent: list[dict[str, Any]] = []
        self._keys: dict[int, int] = {}  # new keys of entities

    def text(self, start: int, end: int) -> None:
        """Copy text."""
        self._out += self._txt[start : min(end, start + self._limit - len(self._out))]

    def open(self) -> None:
        """A span begins."""
        self._begun.append((len(self._out), len(self._out) < self._limit))

    def close(self, span: Span) -> None:
        """A span ends: note it behind those that it holds."""
        begin, in_time = self._begun.pop()
        length = len(self._out) - begin
        void = span.tp in _VOID or span.at < 0
        if not in_time or not span.tp or (not void and not length):
            return
        if span.tp == "BR" and not self._out:
            return
        at = -1 if span.at < 0 else begin
        style: dict[str, Any] = {} if span.data is not None else {"tp": span.tp}
        style |= {name: n for name, n in (("at", at), ("len", length)) if n}
        if span.data is not None and (key := self._key(span)):
            style["key"] = key
        self._fmt.append(style)

    def _key(self, span: Span) -> int:
        if span.key not in self._keys:
            self._keys[span.key] = len(self._ent)
            data = {k: span.data[k] for k in _KEPT if k in (span.data or {})} if span.data else {}
            small = {k: v for k, v in data.items() if _is_small(v)}
            self._ent.append({"tp": span.tp, "data": small} if small else {"tp": span.tp})
        return self._keys[span.key]

    def made(self) -> dict[str, Any]:
        """The document."""
        parts = {"txt": "".join(self._out), "fmt": self._fmt, "ent": self._ent}
        return {name: part for name, part in parts.items() if part}


def _is_small(value: object) -> bool:
    if isinstance(value, str):
        return len(value.encode()) < DATUM_MAX
    return value is None or isinstance(value, bool | int | float)
