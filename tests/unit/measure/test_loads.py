"""Each load does what it says, and counts what did not arrive."""

import pytest

from chinwag.measure.client import API_KEY, socket_of
from chinwag.measure.loads import LOADS, Outcome, Size
from chinwag.measure.people import People
from live import Live

SMALL = Size(sessions=4, seconds=0.5, rate=10.0, window=2, characters=200)


async def _borne(live: Live, name: str) -> Outcome:
    people = People(socket_of(live.address), API_KEY, lambda _done, _of: None)
    try:
        return await LOADS[name](people, SMALL)
    finally:
        assert await people.leave() == 0


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("fanout", "deliveries"),
        ("hot", "messages"),
        ("pairs", "messages"),
        ("login", "log-ins"),
    ],
)
async def test_every_load_is_borne(live: Live, name: str, what: str) -> None:
    outcome = await _borne(live, name)
    assert (outcome.what, outcome.failed) == (what, {})
    assert outcome.times_s
    assert min(outcome.times_s) > 0
    assert outcome.seconds > 0


async def test_each_session_gets_each_message(live: Live) -> None:
    outcome = await _borne(live, "fanout")
    assert len(outcome.times_s) == 5 * SMALL.sessions


def test_a_message_has_the_length_that_was_asked_for() -> None:
    assert [len(Size(characters=n).text) for n in (1, 76, 77, 5000)] == [1, 76, 77, 5000]


def test_failures_are_counted_by_kind() -> None:
    outcome = Outcome("messages")
    outcome.fail("missing", 0)
    outcome.fail("refused with 503")
    outcome.fail("refused with 503", 2)
    assert outcome.failed == {"refused with 503": 3}
