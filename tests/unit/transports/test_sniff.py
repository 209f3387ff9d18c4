"""What files are by their first bytes. Source: specification 04, paragraph 8.2."""

import pytest

from chinwag.transports.sniff import sniff


@pytest.mark.parametrize(
    ("first", "mime"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wave"),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
        (b"\x00\x00\x00\x18ftypisom", "video/mp4"),
        (b"\x1aE\xdf\xa3", "video/webm"),
        (b"plain words", "text/plain"),
        (b"\x00\x01\x02", "application/octet-stream"),
        (b"", "text/plain"),
    ],
)
def test_signatures(first: bytes, mime: str) -> None:
    assert sniff(first) == mime


@pytest.mark.parametrize(
    "first",
    [b"<!DOCTYPE html>", b"  \n<HTML>", b"<script>alert(1)</script>", b"<!-- x -->", b"<body>"],
)
def test_markup_is_found_in_any_case_and_behind_blanks(first: bytes) -> None:
    """It must never be taken for something harmless."""
    assert sniff(first) == "text/html"


@pytest.mark.parametrize("first", [b"<?xml version='1.0'?>", b"hello <svg onload='x()'>"])
def test_drawings_with_scripts_are_xml(first: bytes) -> None:
    assert sniff(first) == "text/xml"


def test_only_the_beginning_counts() -> None:
    assert sniff(b"a" * 512 + b"\x00") == "text/plain"
