"""How many connections there may be."""

import pytest

from chinwag.transports.arrivals import Arrivals


@pytest.mark.parametrize(
    ("addresses", "let_in"),
    [
        (["192.0.2.1"] * 3, [True, True, False]),
        (["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"], [True] * 4),
        (["2001:db8::1", "2001:db8::2", "2001:db8::3"], [True, True, False]),
        (["127.0.0.1"] * 5, [True] * 4 + [False]),
        ([""] * 5, [True] * 4 + [False]),
    ],
)
def test_how_many_may_come(addresses: list[str], let_in: list[bool]) -> None:
    """From one address, or one customer's part of the addresses, and in all; proxies hide many."""
    arrivals = Arrivals(per_address_max=2, all_max=4)
    assert [arrivals.enter(address) for address in addresses] == let_in
    assert arrivals.count == sum(let_in)


def test_who_leaves_makes_room() -> None:
    arrivals = Arrivals(per_address_max=1, all_max=2)
    assert arrivals.enter("192.0.2.1")
    assert not arrivals.enter("192.0.2.1")
    arrivals.leave("192.0.2.1")
    assert arrivals.count == 0
    assert arrivals.enter("192.0.2.1")
