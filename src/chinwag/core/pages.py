"""What a page of the web says of itself: title, description, picture.

The pages are strangers': every pattern looks only so far, so that none of them takes long.
Source: specification 04, paragraph 9.
"""

import html
import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

TITLE_MAX: Final = 80  # characters
DESCRIPTION_MAX: Final = 256
URL_MAX: Final = 2000
_CHARSET: Final = re.compile(
    rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_-]{1,40})", re.IGNORECASE
)
_KNOWN_CHARSET: Final = re.compile(
    r"utf-?(?:8|16)(?:-?[lb]e)?|iso-?8859-\d{1,2}|windows-\d{3,4}|gb(?:k|2312|18030)"
    r"|big5(?:-?hkscs)?|euc-(?:jp|kr)|shift[_-]jis|koi8-[ru]|(?:us-)?ascii|latin-?1|tis-620",
    re.IGNORECASE,
)
_META: Final = re.compile(
    r"""<meta\s((?:[^<>"']|"[^"]{0,2000}"|'[^']{0,2000}'){1,1500})>""", re.IGNORECASE
)
_ATTRIBUTE: Final = re.compile(
    r"""([\w:-]{1,40})\s{0,9}=\s{0,9}(?:"([^"]{0,2000})"|'([^']{0,2000})'|([^\s"'>]{1,1000}))"""
)
_TITLE: Final = re.compile(r"<title(?:\s[^>]{0,200})?>([^<]{0,1000})", re.IGNORECASE)
_TAG_MAX: Final = 4096  # characters of one tag
_TAGS_MAX: Final = 200  # of one kind that are looked at
_LOWER: Final = {ord(c): c.lower() for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_NAMES: Final = {
    "title": ("og:title",),
    "description": ("og:description", "description"),
    "image": ("og:image", "og:image:url"),
}


class Preview(NamedTuple):
    """What is shown of a page; empty texts: nothing is known."""

    title: str = ""
    description: str = ""
    image_url: str = ""


def read(page: bytes, url: str, charset: str = "") -> Preview:
    """What the beginning of the page at `url` says; `charset`: as its server told."""
    text = _text(page, charset)
    told = _told(text)
    titles = [html.unescape(match[1]) for match in _tags(text, "<title", _TITLE)]
    return Preview(
        _clean(_best(told, "title") or next(iter(titles), ""), TITLE_MAX),
        _clean(_best(told, "description"), DESCRIPTION_MAX),
        _image(_best(told, "image"), url),
    )


def _text(page: bytes, charset: str) -> str:
    match = _CHARSET.search(page[:2048])
    named = [charset, match[1].decode("ascii") if match else ""]
    good = next((name for name in named if _KNOWN_CHARSET.fullmatch(name)), "utf-8")
    try:
        return page.decode(good, "replace")
    except LookupError:  # such as iso-8859-99
        return page.decode("utf-8", "replace")


def _told(text: str) -> dict[str, str]:
    """What the page tells about itself, by name; the first of several counts."""
    told: dict[str, str] = {}
    for meta in _tags(text, "<meta", _META):
        found = {m[1].lower(): m[2] or m[3] or m[4] or "" for m in _ATTRIBUTE.finditer(meta[1])}
        name = (found.get("property") or found.get("name", "")).strip().lower()
        told.setdefault(name, html.unescape(found.get("content", "")))
    return told


def _tags(text: str, begins: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """The first tags of one kind."""
    folded, at = text.translate(_LOWER), 0  # lower() would move the others
    for _ in range(_TAGS_MAX):
        at = folded.find(begins, at)
        if at < 0:
            return
        match = pattern.match(text, at, at + _TAG_MAX)
        if match is not None:
            yield match
        at += len(begins)


def _best(told: dict[str, str], what: str) -> str:
    """What is known of `what`, the words for social networks first."""
    return next((told[name] for name in _NAMES[what] if told.get(name, "").strip()), "")


def _clean(text: str, most: int) -> str:
    """One line of printable characters, at most `most` of them."""
    words = " ".join(text.split())
    return "".join(char for char in words if char.isprintable())[:most].strip()


def _image(address: str, url: str) -> str:
    """The absolute address of a picture; empty: it is none that a browser may load."""
    try:
        whole = urljoin(url, address.strip()) if address.strip() else ""
        good = urlsplit(whole).scheme in ("http", "https") and bool(urlsplit(whole).hostname)
    except ValueError:
        return ""
    plain = whole.isprintable() and " " not in whole
    return whole if good and plain and len(whole) <= URL_MAX else ""
