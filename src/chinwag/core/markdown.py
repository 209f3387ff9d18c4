"""Markdown to rich text and back.

Markdown is CommonMark with `~~struck~~`, and line breaks are kept, as in a chat. HTML is text.
Source: specification 07, paragraph 15.1.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from chinwag.core.documents import BREAK, Document, Entity, Span, join, lines
from chinwag.core.graphemes import clusters

_PARSER: Final = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
_STYLES: Final = {"strong": "ST", "em": "EM", "s": "DL", "heading": "ST"}
_MARKS: Final = {"ST": "**", "EM": "*", "DL": "~~"}
_SAFE: Final = re.compile(r"(?:https?|ftp)://|mailto:", re.IGNORECASE)
_USER: Final = re.compile(r"usr[\w-]{11}")
_SPECIAL: Final = re.compile(r"[\\`*_~\[\]<&!]")
_AT_LINE_START: Final = re.compile(r"(?m)^(?:([-+#>=|])|(\d+)([.)]))")
_BLANK_AT_LINE_START: Final = re.compile(r"(?m)^[ \t]")
_BULLET: Final = "• "


def markdown(text: str) -> Document:
    """The rich text that `text`, in Markdown, describes.

    `[Ann](usr…)`, with a user id, mentions somebody.
    """
    return _blocks(SyntaxTreeNode(_PARSER.parse(text)).children)


def _blocks(nodes: Iterable[SyntaxTreeNode], gap: int = 2) -> Document:
    """Blocks, one below the other, `gap` line breaks apart."""
    blocks = [_block(node) for node in nodes]
    return _apart([block for block in blocks if block.text], gap)


def _apart(parts: list[Document], gap: int) -> Document:
    spaced = [part for one in parts for part in (*[BREAK] * gap, one)]
    return join(spaced[gap:])


def _block(node: SyntaxTreeNode) -> Document:
    match node.type:
        case "fence" | "code_block":
            return _code(node.content)
        case "blockquote":
            return _blocks(node.children).within("QQ")
        case "bullet_list" | "ordered_list":
            return _apart([_item(*one) for one in _numbered(node)], 1)
        case "hr":
            return Document("———")
        case _:
            return _inline(node)


def _numbered(node: SyntaxTreeNode) -> Iterator[tuple[str, SyntaxTreeNode]]:
    """The items of a list, with what stands before each."""
    first = node.attrs.get("start", 1)
    for number, item in enumerate(node.children, int(first)):
        yield (f"{number}. " if node.type == "ordered_list" else _BULLET), item


def _item(before: str, item: SyntaxTreeNode) -> Document:
    """An item; what is below its first line is moved to the right."""
    inside = _blocks(item.children, 1)
    breaks = [s.at for s in inside.spans if s.tp == "BR"]
    edges = [0, *(at + 1 for at in sorted(breaks)), inside.size]
    rows = [inside.cut(a, b) for a, b in itertools.pairwise(edges)]
    indent = " " * len(before)
    return join(part for i, row in enumerate(rows) for part in (indent if i else before, row))


def _code(content: str) -> Document:
    return lines(content.rstrip("\n")).within("CO")


def _inside(nodes: Iterable[SyntaxTreeNode]) -> Document:
    return join(_inline(node) for node in nodes)


def _inline(node: SyntaxTreeNode) -> Document:
    match node.type:
        case "text" | "html_inline" | "text_special":
            return Document(node.content)
        case "softbreak" | "hardbreak":
            return BREAK
        case "code_inline":
            return Document(node.content).within("CO")
        case "link":
            return _link(_inside(node.children), str(node.attrs.get("href", "")))
        case "image":
            return _link(Document(node.content or "image"), str(node.attrs.get("src", "")))
        case _:
            inside = _inside(node.children)
            style = _STYLES.get(node.type)
            return inside.within(style) if style and inside.text else inside


def _link(inside: Document, url: str) -> Document:
    shown = inside if inside.text else Document(url)
    if _USER.fullmatch(url):
        return shown.within(Entity("MN", {"val": url}))
    if _SAFE.match(url):
        return shown.within(Entity("LN", {"url": url}))
    return shown


# --- and back -------------------------------------------------------------------------------


def to_markdown(document: Document) -> str:
    """Markdown that describes `document`; what Markdown has no words for is text."""
    spans = sorted(
        (s for s in document.spans if s.at >= 0 and s.length), key=lambda s: (s.at, -s.length)
    )
    parts = list(clusters(document.text))
    return _render(parts, 0, len(parts), spans)


def _render(parts: list[str], start: int, end: int, spans: list[Span]) -> str:
    """The characters from `start` to `end`, which hold all of `spans`."""
    made, at = [], start
    while spans:
        span, *rest = spans
        stop = span.at + span.length
        inner = [s for s in rest if s.at + s.length <= stop and s.at < stop]
        spans = [s for s in rest if s.at >= stop]  # what overlaps partly is not valid
        made.append(_escaped("".join(parts[at : span.at])))
        made.append(_marked(parts, span, inner))
        at = stop
    made.append(_escaped("".join(parts[at:end])))
    return "".join(made)


def _marked(parts: list[str], span: Span, inner: list[Span]) -> str:
    stop = span.at + span.length
    if span.tp == "CO":
        return _as_code(Document("".join(parts), tuple(inner)).plain, span, parts)
    inside = "\n" if span.tp == "BR" else _render(parts, span.at, stop, inner)
    match span.tp:
        case "ST" | "EM" | "DL":
            return _surround(inside, _MARKS[span.tp])
        case "LN":
            return f"[{inside}]({_target(span.data.get('url'))})"
        case "MN" if _USER.fullmatch(str(span.data.get("val"))):
            return f"[{inside}]({span.data['val']})"
        case "QQ":
            return "> " + inside.replace("\n", "\n> ") + "\n\n"
        case _:
            return inside


def _as_code(plain: str, span: Span, parts: list[str]) -> str:
    """Code in a line, or a block where it has several."""
    before = len("".join(parts[: span.at]))
    size = len("".join(parts[span.at : span.at + span.length]))
    code = plain[before : before + size]
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    if "\n" in code:
        fence = "`" * max(3, longest + 1)
        return f"{fence}\n{code}\n{fence}"
    fence = "`" * (longest + 1)
    pad = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{fence}{pad}{code}{pad}{fence}"


def _surround(inside: str, mark: str) -> str:
    """`inside` between marks, which must touch it."""
    core = inside.strip()
    if not core:
        return inside
    before, _, after = inside.partition(core)
    return f"{before}{mark}{core}{mark}{after}"


def _target(url: object) -> str:
    return re.sub(r"[\s()<>]", lambda found: f"%{ord(found[0]):02X}", str(url or ""))


def _escaped(text: str) -> str:
    """`text` such that it means itself."""
    escaped = _SPECIAL.sub(r"\\\g<0>", text)
    escaped = _AT_LINE_START.sub(
        lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", escaped
    )
    return _BLANK_AT_LINE_START.sub("&#32;", escaped)
