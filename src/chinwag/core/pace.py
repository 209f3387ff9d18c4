"""How fast a client talks: what it says takes time, and it may be a little ahead of it."""

from typing import Final

from chinwag.core.rates import Rates

BURST_MS: Final = 4000  # of talking at full speed may come at once


class Pace:
    """What one client, or all of one account, have said lately."""

    __slots__ = ("_byte_ms", "_clear_at_ms", "_packet_ms")

    def __init__(self, rates: Rates, times: int = 1) -> None:
        self._packet_ms = 1000 / (rates.packets_per_s * times)
        self._byte_ms = 1000 / (rates.bytes_per_s * times)
        self._clear_at_ms = 0.0  # when all that was said has taken its time

    def charge(self, size: int, now_ms: int) -> float:
        """A message of `size` bytes is said; milliseconds until the next one should be."""
        begun_ms = max(self._clear_at_ms, now_ms)
        self._clear_at_ms = begun_ms + self._packet_ms + size * self._byte_ms
        return max(0.0, self._clear_at_ms - now_ms - BURST_MS)
