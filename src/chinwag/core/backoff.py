"""When something outside that has failed is tried again: later each time, never all at once."""

from typing import Final

FIRST_S: Final = 2.0  # until it is tried again; twice as long each time …
LAST_S: Final = 600.0  # … but not longer than this
_TRIES: Final = 20  # after which it makes no difference
_SPREAD: Final = 501


def pause_s(tries: int, drawn: int, after_s: float = 0.0) -> float:
    """Seconds until what has failed `tries` times before is tried again: 0.75 to 1.25 of the usual.

    `drawn`: an unpredictable number; `after_s`: not earlier, as the other side wishes.
    """
    usual_s = min(FIRST_S * 2.0 ** min(tries, _TRIES), LAST_S)
    return max(usual_s * (0.75 + drawn % _SPREAD / 1000), after_s)
