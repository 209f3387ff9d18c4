"""Which file is a picture."""

import pytest

from chinwag.core import card

FILE = "abcdefghijklmnopqrstuv"


@pytest.mark.parametrize(
    "public",
    [
        None,
        b"",
        b"12",
        b'"text"',
        b'{"photo": 1}',
        b'{"photo": {"ref": 5}}',
        b'{"photo": {}}',
        b'{"photo": {"ref": "https://example.com/a.png"}}',
    ],
)
def test_without_a_picture_of_ours_the_first_attachment_is_it(public: bytes | None) -> None:
    assert card.pictures(public, ()) == ()
    assert card.pictures(public, ("", "one", "two")) == ("one",)


def test_what_the_card_shows_is_the_picture() -> None:
    """The stock client makes groups with a picture and names no attachment."""
    public = b'{"fn": "A", "photo": {"type": "png", "ref": "/v0/file/s/%b.png"}}' % FILE.encode()
    assert card.pictures(public, ()) == (FILE,)
    assert card.pictures(public, ("other",)) == (FILE,)
