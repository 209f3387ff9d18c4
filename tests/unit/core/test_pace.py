"""How fast a client may talk."""

from chinwag.core.pace import BURST_MS, Pace
from chinwag.core.rates import Rates

NOW = 1_000_000
RATES = Rates(packets_per_s=100, bytes_per_s=100_000)  # 10 ms a message, 10 ms for 1,000 bytes


def test_a_burst_is_free_and_then_time_passes() -> None:
    pace = Pace(RATES)
    assert [pace.charge(0, NOW) for _ in range(BURST_MS // 10)] == [0.0] * (BURST_MS // 10)
    assert pace.charge(0, NOW) == 10
    assert pace.charge(0, NOW + 10) == 10
    assert pace.charge(0, NOW + 1000) == 0


def test_bytes_count_as_messages_do() -> None:
    pace = Pace(RATES)
    assert pace.charge(BURST_MS * 100, NOW) == 10
    assert Pace(RATES).charge(2 * BURST_MS * 100, NOW) == BURST_MS + 10


def test_a_pause_is_no_credit() -> None:
    pace = Pace(RATES)
    pace.charge(0, NOW)
    assert pace.charge(BURST_MS * 100, NOW + 9_000_000) == 10


def test_several_connections_have_more_time() -> None:
    pace = Pace(RATES, times=4)
    assert [pace.charge(0, NOW) for _ in range(4 * BURST_MS // 10)] == [0.0] * (4 * BURST_MS // 10)
    assert pace.charge(0, NOW) == 2.5


def test_a_busy_account_with_many_connections_is_not_slowed_down() -> None:
    """Sixty-four of them, each with eight messages on their way: some 6,000 a second."""
    rates = Rates()
    account = Pace(rates, rates.account_times)
    connections = [Pace(rates) for _ in range(64)]
    for tick in range(8 * 1000):
        for number in range(6):
            at_ms = NOW + tick
            connection = connections[(tick * 6 + number) % 64]
            assert connection.charge(200, at_ms) == account.charge(200, at_ms) == 0


def test_a_steady_talker_below_the_rate_never_rests() -> None:
    pace = Pace(RATES)
    assert all(pace.charge(500, NOW + 15 * n) == 0 for n in range(10_000))
