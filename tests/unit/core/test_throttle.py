"""How often something may happen."""

from chinwag.core import throttle
from chinwag.core.throttle import Throttle

NOW = 1_000_000


def test_some_at_once_then_as_fast_as_they_are_forgiven() -> None:
    rate = Throttle(burst=3, forgive_ms=1000)
    for _ in range(3):
        assert not rate.full("a", NOW)
        rate.note("a", NOW)
    assert rate.full("a", NOW + 999)
    assert not rate.full("a", NOW + 1000)
    rate.note("a", NOW + 1000)
    assert rate.full("a", NOW + 1999)
    assert not rate.full("a", NOW + 2000)


def test_keys_are_independent() -> None:
    rate = Throttle(burst=1, forgive_ms=1000)
    rate.note("a", NOW)
    assert rate.full("a", NOW)
    assert not rate.full("b", NOW)


def test_a_pause_is_no_credit() -> None:
    rate = Throttle(burst=2, forgive_ms=1000)
    rate.note("a", NOW)
    for _ in range(2):
        assert not rate.full("a", NOW + 9_000_000)
        rate.note("a", NOW + 9_000_000)
    assert rate.full("a", NOW + 9_000_000)


def test_events_that_do_not_count() -> None:
    rate = Throttle(burst=2, forgive_ms=1000)
    rate.note("a", NOW)
    rate.note("a", NOW)
    rate.take_back("a")
    assert not rate.full("a", NOW)
    rate.note("a", NOW)
    assert rate.full("a", NOW)
    rate.forget("a")
    rate.note("a", NOW)
    assert not rate.full("a", NOW)
    rate.take_back("never seen")
    rate.forget("never seen")


def test_the_oldest_keys_are_forgotten_first() -> None:
    """Memory is bounded; whoever goes on is not forgotten."""
    rate = Throttle(burst=1, forgive_ms=10**9)
    rate.note("first", NOW)
    rate.note("busy", NOW)
    for number in range(throttle.KEYS_MAX - 1):
        if number % 100 == 0:
            rate.note("busy", NOW)
        rate.note(str(number), NOW)
    assert not rate.full("first", NOW)
    assert rate.full("busy", NOW)
    assert rate.full("0", NOW)
