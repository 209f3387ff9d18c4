"""How rich text looks in a terminal: pieces of text, each with a style.

Nothing that others have written can move the cursor or hide what stands there.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from chinwag.bots.files import files_in
from chinwag.bots.packets import Data
from chinwag.core.documents import Document, Span
from chinwag.core.graphemes import clusters

Piece = tuple[str, str]  # a style, as prompt_toolkit names it, and a text
Pieces = list[Piece]
_STYLES: Final = {
    "ST": "bold",
    "EM": "italic",
    "DL": "strike",
    "CO": "class:code",
    "QQ": "class:quote",
    "LN": "underline",
    "MN": "class:mention",
    "HT": "class:mention",
    "BN": "class:button",
}
_FILES: Final = frozenset({"IM", "EX", "AU", "VD"})
_TURNS: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # of the direction of text
_KIB: Final = 1024


def clean(text: str) -> str:
    """`text` without what a terminal would obey."""
    return "".join(
        c if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs") else " "
        for c in _TURNS.sub("", text)
    )


def line_of(text: str, most: int = 60) -> str:
    """The beginning of `text`, in one line."""
    flat = " ".join(clean(text).split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


def rendered(document: Document) -> Pieces:
    """A document in pieces; files and buttons are described, addresses are shown."""
    parts = clusters(document.text)
    texts = [clean(part) for part in parts]
    styles: list[list[str]] = [[] for _ in texts]
    for span in document.spans:
        _mark(span, document, texts, styles)
    pieces = _joined(zip((" ".join(style) for style in styles), texts, strict=True))
    files = [("class:file", f"[{_about(file.name, file.size)}]") for file in files_in(document)]
    for file in files:
        pieces += [("", " "), file] if pieces else [file]
    return pieces


def _mark(span: Span, document: Document, texts: list[str], styles: list[list[str]]) -> None:
    """Show what `span` means."""
    covered = range(max(span.at, 0), max(span.at + span.length, 0))
    if span.tp == "BR" and covered:
        texts[covered[0]] = "\n"
    elif span.tp in _FILES or span.tp == "HD":
        for at in covered:
            texts[at] = ""
    elif style := _STYLES.get(span.tp):
        for at in covered:
            styles[at].append(style)
        after = _behind(span, document)
        if covered and after:
            texts[covered[-1]] += after
    if span.tp == "RW" and covered and covered[0]:
        texts[covered[0]] = "\n" + texts[covered[0]]


def _behind(span: Span, document: Document) -> str:
    """What a piece does not say by itself: where a link leads, that a button can be pressed."""
    if span.tp == "LN":
        url = clean(str(span.data.get("url", "")))
        return f" <{url}>" if url != document.cut(span.at, span.at + span.length).text else ""
    return ""


def _joined(pieces: Iterable[Piece]) -> Pieces:
    """`pieces`, those of one style together."""
    made: Pieces = []
    for style, text in pieces:
        if made and made[-1][0] == style:
            made[-1] = (style, made[-1][1] + text)
        elif text:
            made.append((style, text))
    return made


def _about(name: str, size: int) -> str:
    shown = line_of(name)
    if not size:
        return shown
    return f"{shown}, {size} B" if size < _KIB else f"{shown}, {size // _KIB:,} KiB"


def plain(pieces: Pieces) -> str:
    """The text of `pieces`."""
    return "".join(text for _, text in pieces)


def time_of(ts: str) -> str:
    """The local time of day in a timestamp."""
    try:
        return datetime.fromisoformat(ts).astimezone().strftime("%H:%M")
    except ValueError:
        return "--:--"


def message(data: Data, author: str, *, mine: bool) -> Pieces:
    """A message as it stands in a conversation."""
    head: dict[str, Any] = data.head or {}
    replaced = str(head.get("replace") or "").removeprefix(":")
    mark = f" (instead of #{clean(replaced)})" if replaced else ""
    return [
        ("class:dim", f"{time_of(data.ts)} #{data.seq} "),
        ("class:mine" if mine else "class:author", clean(author)),
        ("class:dim", mark),
        ("", "  "),
        *rendered(Document.read(data.content)),
    ]


def notice(text: str) -> Pieces:
    """A line that nobody has written."""
    return [("class:dim", f"— {clean(text)}")]
