"""Password hashes: argon2id for new ones, bcrypt accepted for imported ones.

Hashing runs in a small pool of threads of its own, so that a rush of log-ins delays log-ins only.
Each hash takes 19 MiB, which the next one finds ready; after a rush they are given back.
"""

import asyncio
import ctypes
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import argon2
import bcrypt

from chinwag.core.errors import Refused
from chinwag.wire import ctrl

WAITING_MAX: Final = 256  # log-ins; beyond it the client gets 503: it gives up after 5 s anyway
REST_S: Final = 1.0  # without log-ins, until the memory is given back
_BCRYPT_MAX: Final = 72  # bytes that bcrypt looks at
R = TypeVar("R")


class Argon2Passwords:
    """Passwords as argon2id, t=2, m=19 MiB, p=1."""

    def __init__(self, threads: int = 2, memory_kib: int = 19 * 1024, passes: int = 2) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._waiting = 0
        self._rest: asyncio.TimerHandle | None = None
        self._hasher = argon2.PasswordHasher(passes, memory_kib, parallelism=1)
        self._dummy = self._hasher.hash("nobody has this password").encode()

    async def hash(self, password: str) -> bytes:
        """A hash of `password`. Raises Refused where too many wait."""
        return (await self._run(lambda: self._hasher.hash(password))).encode()

    async def verify(self, password: str, stored: bytes | None) -> bool:
        """Whether `password` belongs to `stored`; without one just as slow, and False.

        Raises Refused where too many wait.
        """
        against = self._dummy if stored is None else stored
        same = await self._run(lambda: self._check(password, against))
        return same and stored is not None

    async def _run(self, work: Callable[[], R]) -> R:
        if self._waiting >= WAITING_MAX:
            raise Refused(ctrl.UNAVAILABLE)
        loop = asyncio.get_running_loop()
        self._waiting += 1
        try:
            return await loop.run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1
            if self._rest is not None:
                self._rest.cancel()
            self._rest = loop.call_later(REST_S, self._give_back)

    def _give_back(self) -> None:
        """Return to the system what is not used any more."""
        if not self._waiting:  # otherwise it would only be taken again at once
            self._pool.submit(trim)

    def _check(self, password: str, stored: bytes) -> bool:
        try:
            if stored.startswith(b"$2"):
                return bcrypt.checkpw(password.encode()[:_BCRYPT_MAX], stored)
            return self._hasher.verify(stored, password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False
        except ValueError:  # bcrypt: this is no hash
            return False

    def outdated(self, stored: bytes) -> bool:
        """Whether `stored` should be replaced by a fresh hash at the next log-in."""
        return stored.startswith(b"$2") or self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """Stop the threads."""
        if self._rest is not None:
            self._rest.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)


def trim() -> None:
    """Have memory that has been freed returned to the system, where the C library can do that."""
    give = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if give is not None:
        give(0)
