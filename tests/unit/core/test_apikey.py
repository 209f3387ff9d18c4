"""API keys. Source: specification 01, paragraph 1.5."""

import base64

import pytest

from chinwag.core import apikey

STOCK_SALT = base64.b64decode("T713/rYYgW7g4m3vG6zGRh7+FM1t0T8j13koXScOAj4=")
STOCK_KEY = "AQEAAAABAAD_rAp4DJh05a1HAwFT3A6K"
OTHER_SALT = base64.b64decode("TC0Jzr8f28kAspXrb4UYccJUJ63b7CSA16n1qMxxGpw=")
OTHER_KEY = "AQAAAAABAACGOIyP2vh5avSff5oVvMpk"
ROOT_KEY = "AQAAAAABAAFjJxYaFYey1_4yp7VkYNTf"


def test_keys_in_use() -> None:
    """The key of stock clients and the other published pair."""
    assert apikey.valid(STOCK_KEY, STOCK_SALT)
    assert apikey.valid(OTHER_KEY, OTHER_SALT)
    assert not apikey.valid(STOCK_KEY, OTHER_SALT)


def test_vectors() -> None:
    assert apikey.make(STOCK_SALT) == "AQAAAAABAAAoeOI7tA3HsYvdzDhYhZJy"
    assert apikey.make(STOCK_SALT, root=True) == ROOT_KEY
    assert apikey.make(OTHER_SALT) == OTHER_KEY


def test_sequence_and_root_are_told_and_not_checked() -> None:
    """QUIRK-02."""
    key = apikey.make(STOCK_SALT, 515, root=True)
    assert apikey.valid(key, STOCK_SALT)
    assert (apikey.sequence_of(key), apikey.is_root(key)) == (515, True)
    assert (apikey.sequence_of(STOCK_KEY), apikey.is_root(STOCK_KEY)) == (1, False)


@pytest.mark.parametrize(
    "key",
    [
        "",
        STOCK_KEY[:-1],
        STOCK_KEY + "A",
        STOCK_KEY + "====",
        STOCK_KEY[:-1] + "L",
        "AgEAAAABAAD_rAp4DJh05a1HAwFT3A6K",
        ROOT_KEY.replace("_", "/"),
        ROOT_KEY[:-1] + "\u00df",
        "AQAAAAABAAFjJxYaFYey1 4yp7VkYNTf",
    ],
)
def test_what_is_no_key(key: str) -> None:
    """Length, version, signature and the URL-safe alphabet are checked."""
    assert not apikey.valid(key, STOCK_SALT)
