"""API keys on the command line. Source: specification 01, paragraph 1.5; specification 06, 11."""

import re

import pytest

from chinwag import keys
from chinwag.config import STOCK_SALT, CannotStart

STOCK_KEY = "AQEAAAABAAD_rAp4DJh05a1HAwFT3A6K"


def test_the_stock_key_was_made_with_the_stock_salt() -> None:
    assert keys.examine(STOCK_KEY, STOCK_SALT) == "Valid: version 1, sequence 1, ordinary"


def test_a_fresh_key_is_valid_under_the_salt_printed_with_it() -> None:
    said = keys.generate(None, 7, root=True)
    match = re.fullmatch(r"API key: (\S{32})\nSalt: (\S+)", said)
    assert match is not None
    assert keys.examine(match[1], match[2]) == "Valid: version 1, sequence 7, root"
    assert keys.examine(match[1], STOCK_SALT) is None


def test_every_fresh_salt_is_another_one() -> None:
    assert keys.generate(None, 1, root=False) != keys.generate(None, 1, root=False)


def test_a_salt_may_be_given_in_either_alphabet() -> None:
    url_safe = STOCK_SALT.replace("+", "-").replace("/", "_")
    assert keys.generate(url_safe, 1, root=False) == keys.generate(STOCK_SALT, 1, root=False)
    assert keys.examine(STOCK_KEY, url_safe) is not None


@pytest.mark.parametrize("salt", ["*", "abc", "ü"])
def test_a_salt_that_is_no_base64_is_one_sentence(salt: str) -> None:
    with pytest.raises(CannotStart, match="no base64"):
        keys.generate(salt, 1, root=False)


@pytest.mark.parametrize("key", ["", "x", STOCK_KEY[:-1] + "A", STOCK_KEY + "AAAA", "é" * 32])
def test_what_is_no_key_is_not_valid(key: str) -> None:
    assert keys.examine(key, STOCK_SALT) is None
