"""How often something may happen: a few times at once, then no faster than it is forgiven."""

from typing import Final

KEYS_MAX: Final = 10_000  # keys that are remembered; beyond them the oldest are forgotten


class Throttle:
    """Events by key: `burst` of them at once, each forgiven after `forgive_ms`.

    All that is kept of a key is the instant at which everything is forgiven.
    """

    __slots__ = ("_burst_ms", "_clear_at_ms", "_forgive_ms")

    def __init__(self, burst: int, forgive_ms: int) -> None:
        self._burst_ms = burst * forgive_ms
        self._forgive_ms = forgive_ms
        self._clear_at_ms: dict[str, int] = {}

    def full(self, key: str, now_ms: int) -> bool:
        """Whether one more event of `key` is too much."""
        owed_ms = self._clear_at_ms.get(key, now_ms) - now_ms
        return owed_ms + self._forgive_ms > self._burst_ms

    def note(self, key: str, now_ms: int) -> None:
        """An event of `key` has happened."""
        before_ms = self._clear_at_ms.pop(key, now_ms)
        self._clear_at_ms[key] = max(before_ms, now_ms) + self._forgive_ms
        if len(self._clear_at_ms) > KEYS_MAX:
            self._clear_at_ms.pop(next(iter(self._clear_at_ms)))

    def take_back(self, key: str) -> None:
        """The last event of `key` does not count."""
        if key in self._clear_at_ms:
            self._clear_at_ms[key] -= self._forgive_ms

    def forget(self, key: str) -> None:
        """No event of `key` counts any more."""
        self._clear_at_ms.pop(key, None)
