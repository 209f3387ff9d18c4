"""Values that are free-form: given at the start, updated by parts."""

import pytest
from msgspec import Raw

from chinwag.core import merge
from chinwag.core.errors import Refused
from chinwag.wire import ctrl

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


@pytest.mark.parametrize(
    ("old", "new", "result"),
    [
        (b'"text"', b"{}", (b'"text"', False)),
        (None, b"{}", (None, False)),
        (b'{"a":1}', b'{"a":%b}' % ERASE, (b"{}", True)),
        (b'{"a":1}', b'{"b":%b}' % ERASE, (b'{"a":1}', True)),
        (b'{"a":1}', b'{"b":{"c":%b}}' % ERASE, (b'{"a":1,"b":{}}', True)),
        (b'{"a":1}', b'{"b":{}}', (b'{"a":1}', False)),
        (b'{"a":1}', b'{"a":{"b":2}}', (b'{"a":{"b":2}}', True)),
        (
            b'{"a":{"b":{"c":1,"d":2}}}',
            b'{"a":{"b":{"c":%b}}}' % ERASE,
            (b'{"a":{"b":{"d":2}}}', True),
        ),
        (b'{"a":[1]}', b'{"a":[2,null]}', (b'{"a":[2,null]}', True)),
        (None, b"9007199254740993", (b"9007199254740993", True)),
        (b"{}", b'{"a":9007199254740993}', (b'{"a":9007199254740993}', True)),
    ],
)
def test_corners_of_an_update(
    old: bytes | None, new: bytes, result: tuple[bytes | None, bool]
) -> None:
    """01 §2.8, QUIRK-33 and DEFECT-34; 02 §9.1: an object that loses its last member stays.

    Removing what is not there counts as a change (02 §9.5, whose merge is the same).
    """
    assert merge.merge(old, new) == result


@pytest.mark.parametrize(
    ("old", "update", "result"),
    [
        (None, {"pins": b"[1]"}, (b'{"pins":[1]}', True)),
        (b'{"a":{"x":1}}', {"a": b'{"y":2}'}, (b'{"a":{"x":1,"y":2}}', True)),
        (b'{"a":{"x":1}}', {"a": b'{"x":%b}' % ERASE}, (b'{"a":{}}', True)),
        (None, {"a": b'{"x":%b,"y":2}' % ERASE}, (b'{"a":{"y":2}}', True)),
        (None, {"a": b"{}"}, (None, False)),
        (b'{"a":1}', {"a": ERASE}, (None, True)),
        (None, {"a": ERASE}, (None, True)),
        (b'{"a":1}', {"a": b"null"}, (b'{"a":1}', False)),
        (b'{"a":1}', {}, (b'{"a":1}', False)),
    ],
)
def test_auxiliary_data_change_member_by_member(
    old: bytes | None, update: dict[str, bytes], result: tuple[bytes | None, bool]
) -> None:
    """02 §9.5; QUIRK: removing what is not there counts as a change."""
    assert merge.merge_members(old, {key: Raw(value) for key, value in update.items()}) == result


DEEP = b'{"a":' * 20_000 + b"1" + b"}" * 20_000


@pytest.mark.parametrize("raw", [b"1e400", b'{"a":-1e999}', b'["' + ERASE + b'",1e400]', DEEP])
def test_what_is_too_much_to_keep_is_refused(raw: bytes) -> None:
    """It is JSON and passes the codec; once it failed in the middle of a topic's work."""
    for call in (lambda: merge.given(raw), lambda: merge.merge(b"{}", b'{"a":%b}' % raw)):
        with pytest.raises(Refused) as refused:
            call()
        assert refused.value.reply == ctrl.MALFORMED


def test_what_the_codec_reads_is_kept_however_deep() -> None:
    """01 §2.2: a message has up to 10,000 levels; what is merged may have half of them."""
    depth = 4_990
    deep = b'{"a":' * depth + b"1" + b"}" * depth
    assert merge.given(deep) == deep
    assert merge.merge(b"{}", deep) == (deep, True)
    assert merge.merge(deep, deep) == (deep, True)
    assert merge.merge_members(None, {"a": Raw(deep)}) == (b'{"a":' + deep + b"}", True)
    deeper = b'{"a":' * 9_990 + b"1" + b"}" * 9_990
    with pytest.raises(Refused):
        merge.merge(deeper, deeper)


def test_auxiliary_data_have_bounds_too() -> None:
    with pytest.raises(Refused):
        merge.merge_members(None, {"a": Raw(b"[1e400]")})
