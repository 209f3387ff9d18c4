"""Connections that are no WebSocket, or not yet: how many there may be.

WebSockets count with the sessions behind them.
Source: specification 01, DEFECT-07.
"""

from collections import Counter

from chinwag.engine.guard import origin_of


class Arrivals:
    """Connections by the place they come from."""

    def __init__(self, per_address_max: int = 10_000, all_max: int = 100_000) -> None:
        self._per_address_max = per_address_max
        self._all_max = all_max
        self.count = 0
        self._from: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """Count one more connection from `address`; False: there are too many.

        From nowhere, and from this machine, there may be as many as in all.
        """
        origin = origin_of(address)
        if self.count >= self._all_max or (origin and self._from[origin] >= self._per_address_max):
            return False
        self.count += 1
        if origin:
            self._from[origin] += 1
        return True

    def leave(self, address: str) -> None:
        """A connection from `address` that was counted is over, or counts as a session now."""
        origin = origin_of(address)
        self.count -= 1
        if origin:
            self._from[origin] -= 1
            if not self._from[origin]:
                del self._from[origin]
