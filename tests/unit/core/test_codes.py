"""Codes. Source: specification 04, paragraph 4.4."""

import pytest

from chinwag.core import codes


@pytest.mark.parametrize(
    ("number", "code"),
    [(7, "000007"), (1_234_567, "234567"), (2**64 - 1, "551615")],
)
def test_codes_have_all_their_digits(number: int, code: str) -> None:
    assert codes.draw(number, 6) == code


def test_what_is_kept_tells_nothing_without_the_key() -> None:
    """DEFECT D-32 (vi), D-50: codes were stored in clear."""
    kept = codes.digest(b"key", "email:a@b.c", "123456")
    assert kept == codes.digest(b"key", "email:a@b.c", "123456")
    assert b"123456" not in kept
    others = [(b"other", "email:a@b.c"), (b"key", "email:b@b.c")]
    assert all(codes.digest(key, subject, "123456") != kept for key, subject in others)
