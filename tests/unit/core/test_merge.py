"""Values that are free-form: given at the start, updated by parts."""

import pytest

from chinwag.core import merge

ERASE = '"␡"'.encode()


@pytest.mark.parametrize("raw", [b"", b"null", ERASE, b'"\\u2421"'])
def test_nothing_is_given(raw: bytes) -> None:
    assert merge.given(raw) is None


def test_what_is_given_is_kept_to_the_byte() -> None:
    raw = b'{"fn" : "Caf\\u00e9", "n": null}'
    assert merge.given(raw) == raw


@pytest.mark.parametrize("mark", [ERASE, b'"\\u2421"'])
def test_members_that_erase_are_left_out_of_something_new(mark: bytes) -> None:
    """Stock clients send `data: ␡` beside `ref`; stored, it would be shown as a picture."""
    raw = b'{"fn":"A","note":%b,"photo":{"type":"jpeg","data":%b,"ref":"/x.jpg"}}' % (mark, mark)
    assert merge.given(raw) == b'{"fn":"A","photo":{"type":"jpeg","ref":"/x.jpg"}}'


def test_the_marker_inside_a_text_is_text() -> None:
    raw = '{"fn":"a ␡ b"}'.encode()
    assert merge.given(raw) == raw


@pytest.mark.parametrize(
    ("old", "new", "result"),
    [
        (b'{"a":1}', b"", (b'{"a":1}', False)),
        (b'{"a":1}', b"null", (b'{"a":1}', False)),
        (b'{"a":1}', ERASE, (None, True)),
        (None, ERASE, (None, False)),
        (b'{"a":1}', b'"text"', (b'"text"', True)),
        (b'"text"', b'{"a":1}', (b'{"a":1}', True)),
        (b'{"a":1}', b'{"b":2}', (b'{"a":1,"b":2}', True)),
        (b'{"a":1}', b'{"a":null}', (b'{"a":1}', False)),
        (b'{"a":1,"b":2}', b'{"a":' + ERASE + b"}", (b'{"b":2}', True)),
        (b'{"a":{"x":1}}', b'{"a":{"y":2}}', (b'{"a":{"x":1,"y":2}}', True)),
        (b'{"a":1}', b'{"a":1}', (b'{"a":1}', True)),
    ],
)
def test_an_update_changes_what_it_names(
    old: bytes | None, new: bytes, result: tuple[bytes | None, bool]
) -> None:
    assert merge.merge(old, new) == result
