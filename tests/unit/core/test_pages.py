"""What pages say of themselves. Source: specification 04, paragraph 9."""

import time

import pytest

from chinwag.core import pages
from chinwag.core.pages import Preview

URL = "https://example.com/a/b.html"


def read(page: str | bytes, charset: str = "") -> Preview:
    """What a page at URL says."""
    return pages.read(page.encode() if isinstance(page, str) else page, URL, charset)


def test_words_for_social_networks_come_first() -> None:
    page = """<!doctype html><html><head><title>Plain</title>
    <meta name="description" content="plain words">
    <meta property="og:title" content="Better &amp; shorter">
    <META CONTENT='better "words"' PROPERTY='og:description'/>
    <meta property=og:image content=/pic.png>"""
    assert read(page) == Preview(
        "Better & shorter", 'better "words"', "https://example.com/pic.png"
    )


def test_what_every_page_has() -> None:
    page = "<title lang=en>\n A  page\n</title><meta name=description content='its > words'>"
    assert read(page) == Preview("A page", "its > words", "")
    assert read("<p>nothing") == Preview()
    assert read('<meta property="og:title" content=" "><title>A</title>').title == "A"


def test_long_words_are_cut_and_control_characters_left_out() -> None:
    page = f"<title>{'a' * 100}\x00\x1b\u202e</title>"
    page += f'<meta name="description" content="{"b" * 300}">'
    assert read(page) == Preview("a" * 80, "b" * 256, "")


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("pic.png", "https://example.com/a/pic.png"),
        ("//cdn.example.org/p", "https://cdn.example.org/p"),
        ("http://other.org/p?a=1&amp;b=2", "http://other.org/p?a=1&b=2"),
        ("data:image/png;base64,AAAA", ""),
        ("javascript:alert(1)", ""),
        ("http://[bad", ""),
        ("https:///c", "https://example.com/c"),
        ("/" + "x" * 2001, ""),
        ("/a b", ""),
    ],
)
def test_pictures_have_whole_addresses(address: str, whole: str) -> None:
    assert read(f'<meta property="og:image" content="{address}">').image_url == whole


@pytest.mark.parametrize(
    ("page", "charset", "title"),
    [
        ("<title>Grüße</title>".encode(), "", "Grüße"),
        ("<title>Grüße</title>".encode("latin-1"), "ISO-8859-1", "Grüße"),
        ("<meta charset=gbk><title>你好</title>".encode("gbk"), "", "你好"),
        ("<meta charset='punycode'><title>Grüße</title>".encode(), "", "Grüße"),
        ("<title>Grüße</title>".encode(), "rot13", "Grüße"),
        ("<title>Grüße</title>".encode(), "iso-8859-99", "Grüße"),
        (b"<title>\xff</title>", "", "\ufffd"),
    ],
)
def test_in_whatever_letters(page: bytes, charset: str, title: str) -> None:
    assert read(page, charset).title == title


@pytest.mark.parametrize(
    "piece", ["<meta ", '<meta a="', "<title", "<title ", "<", "<meta a='b'", "<!--", "a=\"'"]
)
def test_no_page_takes_long(piece: str) -> None:
    page = (piece * 65536)[:65536]
    begun = time.process_time()
    read(page)
    assert time.process_time() - begun < 0.5
