"""Protocol versions. Source: specification 01, paragraph 11.1."""

import pytest

from chinwag.core.versions import CURRENT, pack, supported


@pytest.mark.parametrize(
    ("text", "packed"),
    [
        ("1.2.3-rc1", 0x010203),
        ("v1.2", 0x010200),
        ("1", 0x010000),
        ("1.8192.3", 0x010003),
        ("8192.2.3", 0x000203),
        ("0.25.3", 0x001903),
        ("0.25.3.9", 0x001903),
        ("0.20x", 0x001400),
        ("0.00025", 0x001900),
        ("0.00000000025", 0x001900),
        ("0." + "9" * 5000, 0),
        ("", 0),
        ("0.0.0", 0),
        ("abc", 0),
        ("vv1", 0),
        ("-1", 0),
        (" 1", 0),
        ("0.\u0662\u0665", 0),
    ],
)
def test_vectors(text: str, packed: int) -> None:
    assert pack(text) == packed


def test_an_oversized_minor_bleeds() -> None:
    """QUIRK-24."""
    assert pack("0.256") == pack("1.0")


@pytest.mark.parametrize(
    ("text", "served"),
    [("0.19.9", False), ("0.20", True), ("0.20x", True), (CURRENT, True), ("1", True), ("", False)],
)
def test_what_is_served(text: str, served: bool) -> None:
    """The patch level does not count."""
    assert supported(pack(text)) is served
