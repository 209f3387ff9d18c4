"""Time and randomness that repeat themselves."""

import pytest

from chinwag.testing.clock import START_MS, PlainPasswords, SimClock, SimEntropy
from chinwag.testing.loop import SimLoop


def test_the_clock_shows_virtual_time() -> None:
    loop = SimLoop()
    clock = SimClock(loop)
    assert clock.now_ms() == START_MS
    loop.run_until_complete(loop.pause(1.25))
    assert clock.now_ms() == START_MS + 1250
    loop.close()


def test_a_seed_repeats_itself() -> None:
    one, same, other = (SimEntropy(seed) for seed in ("1", "1", "2"))
    drawn = [one.number() for _ in range(100)]
    assert drawn == [same.number() for _ in range(100)]
    assert drawn != [other.number() for _ in range(100)]
    assert all(0 < number < 1 << 64 for number in drawn)
    assert one.token() == same.token() != one.token()
    assert len(one.token()) == 22


@pytest.mark.parametrize(("given", "same"), [("secret", True), ("other", False)])
async def test_plain_passwords_are_told_apart(given: str, same: bool) -> None:
    passwords = PlainPasswords()
    stored = await passwords.hash("secret")
    assert await passwords.verify(given, stored) is same
    assert not await passwords.verify(given, None)
    assert not passwords.outdated(stored)
