"""When something outside is tried again."""

from chinwag.core.backoff import FIRST_S, LAST_S, pause_s


def test_later_each_time_within_bounds() -> None:
    for drawn in (0, 250, 500, 1 << 63):
        for tries in (0, 1, 5, 50, 10**9):
            usual = min(FIRST_S * 2.0 ** min(tries, 50), LAST_S)
            assert 0.75 * usual <= pause_s(tries, drawn) <= 1.25 * usual
    assert pause_s(0, 0) != pause_s(0, 1)


def test_not_earlier_than_the_other_side_wishes() -> None:
    assert pause_s(0, 250, 90.0) == 90.0
    assert pause_s(9, 250, 1.0) == LAST_S
