"""Messages that come again. Source: specification 03, DEFECT D01."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from chinwag.core import repeats
from chinwag.core.repeats import Known, Recent, Said, Shown
from chinwag.wire.messages import Pub
from stage import ALICE, BOB

OK = Pub(id="17", topic="t", content=Raw(b'"ok"'), head={"mime": Raw(b'"text/plain"')})


@pytest.mark.parametrize(
    "other",
    [
        Pub(id="18", topic="t", content=OK.content, head=OK.head),
        Pub(id="17", topic="t", content=Raw(b'"okay"'), head=OK.head),
        Pub(id="17", topic="t", content=OK.content),
        Pub(id="17", topic="t", content=OK.content, head={"mime": Raw(b'"text/html"')}),
        Pub(id="17", topic="t", content=OK.content, head={"m": Raw(b'ime"text/plain"')}),
        Pub(id="1", topic="t", content=Raw(b'7"ok"'), head=OK.head),
    ],
)
def test_another_id_head_or_content_is_another_message(other: Pub) -> None:
    """DEFECT D01: who says "ok" twice uses two ids and is heard twice."""
    assert repeats.digest(ALICE, other) != repeats.digest(ALICE, OK)


def test_the_same_message_of_the_same_author() -> None:
    """DEFECT D01; whether it wants an echo does not matter. 07-05."""
    other = Pub(id="17", content=OK.content, head=OK.head, noecho=True)
    assert repeats.digest(ALICE, OK) == repeats.digest(ALICE, other)
    assert repeats.digest(ALICE, OK) != repeats.digest(BOB, OK)


def test_what_has_no_id_cannot_be_known_again() -> None:
    assert repeats.digest(ALICE, Pub(content=OK.content)) is None


def test_an_author_may_name_what_makes_messages_the_same() -> None:
    """DEFECT D01: the head key for clients that make a new id for each attempt."""
    named = {repeats.ONCE: Raw(b'"7f3a"')}
    one = Pub(id="17", content=Raw(b'"ok"'), head=named)
    other = Pub(content=Raw(b'"OK!"'), head={**named, "mime": Raw(b'"text/plain"')})
    assert repeats.is_once(one)
    assert not repeats.is_once(OK)
    assert repeats.digest(ALICE, one) == repeats.digest(ALICE, other)
    renamed = Pub(id="17", content=Raw(b'"ok"'), head={repeats.ONCE: Raw(b'"7f3b"')})
    assert repeats.digest(ALICE, one) != repeats.digest(ALICE, renamed)


def test_only_what_is_recent_is_known() -> None:
    recent = Recent(window_ms=1000)
    recent.note(1, Known(5, 10_000))
    assert recent.find(1, 10_999) == Known(5, 10_000)
    assert recent.find(1, 11_000) is None
    recent.note(2, Known(6, 11_000))
    assert len(recent) == 1


def test_only_so_many_are_known() -> None:
    recent = Recent(window_ms=1000, most=2)
    for digest in (1, 2, 3):
        recent.note(digest, Known(digest, 0))
    assert [recent.find(d, 0) for d in (1, 2, 3)] == [None, Known(2, 0), Known(3, 0)]


def test_what_is_said_anew_takes_the_place_of_what_was() -> None:
    recent = Recent(window_ms=1000, most=2)
    for seq, digest in enumerate((1, 2, 1, 3), 1):
        recent.note(digest, Known(seq, seq))
    assert [recent.find(d, 4) for d in (1, 2, 3)] == [Known(3, 3), None, Known(4, 4)]


@pytest.mark.parametrize(
    ("said", "newest", "now_ms", "anew"),
    [
        (Said(7, ALICE, 1000), Shown(BOB, 1400), 1500, True),
        (None, Shown(BOB, 1400), 1500, False),  # another session: its answer may be lost
        (Said(8, ALICE, 1000), Shown(BOB, 1400), 1500, False),  # it has said something else since
        (Said(7, ALICE, 1000), Shown(ALICE, 1000), 1500, False),  # nobody has spoken since
        (Said(7, ALICE, 1000), Shown(ALICE, 1400), 1500, False),  # or only the same person has
        (Said(7, ALICE, 1000), Shown(BOB, 1501), 1500, False),  # it had not heard that yet
        (Said(7, ALICE, 1000), None, 1500, False),  # it was shown nothing
        (Said(7, ALICE, 1000), Shown(BOB, 1400), 3000, False),  # it may have waited in vain
    ],
)
def test_who_may_say_the_same_with_the_same_id(
    said: Said | None, newest: Shown | None, now_ms: int, anew: bool
) -> None:
    assert repeats.is_anew(said, 7, newest, now_ms) is anew


def test_without_a_window_nothing_is_known() -> None:
    recent = Recent(window_ms=0)
    recent.note(1, Known(5, 10_000))
    assert recent.find(1, 10_000) is None
    assert len(recent) == 0


@given(
    st.integers(0, 50),
    st.integers(1, 8),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 20)), max_size=40),
)
def test_known_is_exactly_what_was_accepted_within_the_bounds(
    window_ms: int, most: int, said: list[tuple[int, int]]
) -> None:
    """DEFECT D01, against a list of all messages; `said`: digests and pauses between them."""
    recent, history, now = Recent(window_ms, most), list[tuple[int, Known]](), 0
    for digest, pause in said:
        now += pause
        newest = dict(history)
        kept = sorted(newest.items(), key=lambda item: item[1].seq)[-most:]
        model = {d: k for d, k in kept if k.ts_ms > now - window_ms}
        found = recent.find(digest, now)
        assert found == model.get(digest)
        if found is None:
            known = Known(len(history) + 1, now)
            recent.note(digest, known)
            history.append((digest, known))
    assert len(recent) <= most
