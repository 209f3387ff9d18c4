"""What user agents and language tags tell. Source: specification 01, paragraphs 11.4 and 11.5."""

import pytest

from chinwag.core.agent import country, platform


@pytest.mark.parametrize(
    ("ua", "name"),
    [
        ("TinodeWeb/0.25.3 (Chrome; Linux); tinodejs/0.25.3", "web"),
        ("Tinode/0.25 (Android 14); Tindroid/0.25", "android"),
        ("Tinodios/1.0 (iPhone)", "ios"),
        ("ReactNative tinodejs/0.25 (iPhone)", "ios"),
        ("ReactNative tinodejs/0.25 (iPad)", "ios"),
        ("ReactNative tinodejs/0.25 (Android)", "android"),
        ("ReactNative tinodejs/0.25", ""),
        ("iPhone", ""),
        ("", ""),
    ],
)
def test_platforms(ua: str, name: str) -> None:
    """11.4: the first mark counts, in any letter case."""
    assert platform(ua) == name


@pytest.mark.parametrize(
    ("lang", "region"),
    [
        ("en-GB", "GB"),
        ("en_gb", "GB"),
        ("zh-Hant-TW", "TW"),
        ("en", ""),
        ("gb", ""),
        ("en-", ""),
        ("es-419", ""),
        ("", ""),
    ],
)
def test_countries(lang: str, region: str) -> None:
    """11.5: only a region that is there in so many letters."""
    assert country(lang) == region
