"""Pages of other hosts. Source: specification 04, paragraph 8.4."""

import pytest

from chinwag.transports import cors
from chinwag.transports.cors import BadOrigin

UPLOAD = ("POST", "PUT", "HEAD", "OPTIONS")


@pytest.mark.parametrize(
    ("allowed", "origin", "match"),
    [
        ("https://example.com", "https://example.com", True),
        ("https://example.com", "https://sub.example.com", False),
        ("https://example.com", "http://example.com", False),
        ("https://example.com", "https://Example.com", False),
        ("https://example.com", "https://example.com:8000", False),
        ("https://example.com", "https://example.com.evil.org", False),
        ("http://example.com:8000", "http://example.com:8000", True),
        ("https://*.example.com", "https://sub.example.com", True),
        ("https://*.example.com", "https://a.b.example.com", False),
        ("https://*.example.com", "https://evil.org/.example.com", False),
        ("https://*.*.example.com", "https://a.b.example.com", True),
        ("*", "https://anything.org", True),
    ],
)
def test_origins(allowed: str, origin: str, match: bool) -> None:
    answer = cors.make([allowed]).headers(origin)
    assert answer.get("Access-Control-Allow-Origin") == (origin if match else None)
    assert answer["Vary"] == "Origin"


def test_everybody_and_nobody() -> None:
    assert cors.make(["*"]).headers("")["Access-Control-Allow-Origin"] == "*"
    for nobody in ([], [""]):
        assert cors.make(nobody).headers("https://example.com") == {}


def test_cookies_are_for_named_pages() -> None:
    """Echoing any origin together with credentials would open cookies to all the world."""
    named = cors.make(["https://example.com"]).headers("https://example.com")
    assert named["Access-Control-Allow-Credentials"] == "true"
    assert "Access-Control-Allow-Credentials" not in cors.make(["*"]).headers("https://a.b")


@pytest.mark.parametrize(
    "origins",
    [
        ["example.com"],
        ["https://example.com/"],
        ["*", "https://example.com"],
        ["", "https://example.com"],
        ["https://ex*mple.com"],
        ["https://example.com:*"],
    ],
)
def test_what_is_no_origin(origins: list[str]) -> None:
    with pytest.raises(BadOrigin):
        cors.make(origins)


def test_a_browser_asks_first() -> None:
    """DEFECTs D-70, 07-19: for uploads the methods of downloads were announced."""
    rules = cors.make(["https://example.com"])
    asked = "x-tinode-auth, x-tinode-apikey"
    answer = rules.preflight("https://example.com", "POST", asked, UPLOAD)
    assert answer == {
        "Access-Control-Allow-Origin": "https://example.com",
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "POST, PUT, HEAD, OPTIONS",
        "Access-Control-Allow-Headers": asked,
        "Access-Control-Max-Age": "86400",
        "Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    }


@pytest.mark.parametrize(
    ("origin", "method"),
    [("https://other.org", "POST"), ("https://example.com", "DELETE"), ("", "POST")],
)
def test_what_is_not_allowed_is_not_explained(origin: str, method: str) -> None:
    answer = cors.make(["https://example.com"]).preflight(origin, method, "x-a", UPLOAD)
    assert set(answer) == {"Vary"}
