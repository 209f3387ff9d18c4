"""Hashes of passwords, ours and imported ones. Source: specification 04, paragraph 4.2."""

import asyncio
import ctypes
from collections.abc import AsyncIterator

import bcrypt
import pytest

from chinwag.core.errors import Refused
from chinwag.plugins import passwords
from chinwag.plugins.passwords import Argon2Passwords


@pytest.fixture
async def hasher() -> AsyncIterator[Argon2Passwords]:
    """A cheap hasher."""
    made = Argon2Passwords(threads=1, memory_kib=64, passes=1)
    yield made
    made.close()


async def test_only_the_right_password_fits(hasher: Argon2Passwords) -> None:
    stored = await hasher.hash("correct horse")
    assert stored.startswith(b"$argon2id$")
    assert b"correct" not in stored
    assert await hasher.verify("correct horse", stored)
    assert not await hasher.verify("correct house", stored)
    assert not await hasher.verify("", stored)


async def test_the_same_password_has_many_hashes(hasher: Argon2Passwords) -> None:
    assert await hasher.hash("twice") != await hasher.hash("twice")


async def test_nobody_is_let_in_without_a_hash(hasher: Argon2Passwords) -> None:
    """It takes as long as a wrong password (DEFECT-08). D-34."""
    assert not await hasher.verify("nobody has this password", None)


@pytest.mark.parametrize("stored", [b"", b"plain", b"$argon2id$broken", b"$2b$broken"])
async def test_what_is_no_hash_fits_nothing(hasher: Argon2Passwords, stored: bytes) -> None:
    assert not await hasher.verify("plain", stored)


async def test_bcrypt_is_accepted_and_to_be_replaced(hasher: Argon2Passwords) -> None:
    """Imported accounts keep their passwords; only the first 72 bytes counted there."""
    stored = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4))
    assert await hasher.verify("x" * 72, stored)
    assert await hasher.verify("x" * 80, stored)
    assert not await hasher.verify("x" * 71, stored)
    assert hasher.outdated(stored)
    assert not hasher.outdated(await hasher.hash("fresh"))


async def test_weaker_hashes_are_to_be_replaced(hasher: Argon2Passwords) -> None:
    strong = Argon2Passwords(threads=1, memory_kib=128, passes=2)
    assert strong.outdated(await hasher.hash("old"))
    strong.close()


async def test_a_rush_is_refused_instead_of_queued(
    hasher: Argon2Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 at once is better than an answer that comes too late."""
    monkeypatch.setattr(passwords, "WAITING_MAX", 2)
    outcomes = await asyncio.gather(*[hasher.hash("x") for _ in range(5)], return_exceptions=True)
    refused = [o for o in outcomes if isinstance(o, Refused)]
    assert [r.reply.code for r in refused] == [503, 503, 503]
    assert (await hasher.hash("later")).startswith(b"$argon2id$")


async def test_memory_is_given_back_after_a_rush(
    hasher: Argon2Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each thread kept 19 MiB for ever after its first hash."""
    given = asyncio.Event()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(passwords, "REST_S", 0.01)
    monkeypatch.setattr(passwords, "trim", lambda: loop.call_soon_threadsafe(given.set))
    await hasher.hash("one")
    await asyncio.wait_for(given.wait(), 30)


async def test_nothing_is_given_back_while_others_wait(
    hasher: Argon2Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "REST_S", 0.0)
    monkeypatch.setattr(passwords, "trim", lambda: trims.append(len(done)))
    trims: list[int] = []
    done: list[bytes] = []

    async def one() -> None:
        done.append(await hasher.hash("x"))

    await asyncio.gather(*(one() for _ in range(8)))
    while not trims:
        await asyncio.sleep(0)
    assert trims == [8]


def test_trimming_works_with_any_c_library(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords.trim()
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    passwords.trim()
