"""Time and randomness of a simulation: the same seed brings the same run."""

import base64
from random import Random
from typing import Final

from chinwag.testing.loop import SimLoop

START_MS: Final = 1_767_600_000_000  # 2026-01-05T08:00:00Z


class SimClock:
    """A Clock that shows the virtual time of a loop."""

    def __init__(self, loop: SimLoop) -> None:
        self._loop = loop

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC."""
        return START_MS + round(self._loop.time() * 1000)


class SimEntropy:
    """An Entropy that repeats itself for the same `seed`."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)

    def number(self) -> int:
        """The next unsigned 64-bit number, never 0."""
        return self._random.getrandbits(64) or self.number()

    def token(self) -> str:
        """The next text of 128 bits."""
        return base64.urlsafe_b64encode(self._random.randbytes(16)).decode().rstrip("=")


class PlainPasswords:
    """Passwords that cost nothing and hide nothing."""

    async def hash(self, password: str) -> bytes:
        """The password itself."""
        return password.encode()

    async def verify(self, password: str, stored: bytes | None) -> bool:
        """Whether `stored` is `password`."""
        return password.encode() == stored

    def outdated(self, stored: bytes) -> bool:
        """Never."""
        return False
