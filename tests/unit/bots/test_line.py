"""The line comes back when it is cut, and only then."""

import asyncio

import pytest

from chinwag.bots import line as lines
from chinwag.bots.credentials import Credentials
from chinwag.bots.errors import CannotRun, Lost
from chinwag.bots.line import FIRST_S, LONGEST_S, Line, wait_s
from chinwag.bots.packets import Ctrl, News
from chinwag.bots.testing import LocalServer


class Ear:
    """Counts how often the line was there."""

    def __init__(self) -> None:
        self.connections = 0
        self.news: list[News] = []
        self.there = asyncio.Event()

    def hear(self, news: News) -> None:
        self.news.append(news)

    async def connected(self) -> None:
        self.connections += 1
        self.there.set()


async def no_pause(_: float) -> None:
    await asyncio.sleep(0)


def test_waits_grow_and_differ() -> None:
    assert wait_s(0, lambda low, high: high) == FIRST_S
    assert wait_s(3, lambda low, high: high) == 8 * FIRST_S
    assert wait_s(3, lambda low, high: low) == 4 * FIRST_S
    assert wait_s(1000, lambda low, high: high) == LONGEST_S
    assert len({wait_s(5) for _ in range(20)}) > 1


async def test_a_line_comes_back(server: LocalServer) -> None:
    person = await server.person("Tino")
    await person.leave()
    ear = Ear()
    line = Line(server.address, person.credentials, ear)
    line.sleep = no_pause
    running = asyncio.ensure_future(line.run())
    await ear.there.wait()
    assert line.uid == person.uid
    assert line.limits.message_bytes > 0
    ear.there.clear()
    await server.stop()
    waiting = asyncio.ensure_future(line.ask("sub", topic="me"))
    await server.start()
    await ear.there.wait()
    assert ear.connections == 2
    assert isinstance(await waiting, Ctrl)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_wrong_password_ends_it(server: LocalServer) -> None:
    line = Line(server.address, Credentials.basic("nobody:password"), Ear())
    with pytest.raises(CannotRun, match="does not let in who logs in"):
        await line.run()


async def test_a_token_that_is_void_is_replaced(server: LocalServer) -> None:
    person = await server.person("Tino")
    await person.leave()
    ear = Ear()
    line = Line(server.address, person.credentials, ear)
    line.token = "AAAA"
    running = asyncio.ensure_future(line.run())
    await ear.there.wait()
    assert line.token != "AAAA"
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_tokens_are_renewed_before_they_end(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await server.person("Tino")
    await person.leave()
    ear = Ear()
    first = Line(server.address, person.credentials, ear)
    running = asyncio.ensure_future(first.run())
    await ear.there.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    monkeypatch.setattr(lines, "RENEW_S", 0.0)
    ear = Ear()
    line = Line(server.address, Credentials.token(first.token), ear)
    line.sleep = no_pause
    running = asyncio.ensure_future(line.run())
    while ear.connections < 3:
        ear.there.clear()
        await ear.there.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_nobody_waits_for_ever(server: LocalServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "PATIENCE_S", 0.0)
    line = Line(server.address, None, Ear())
    with pytest.raises(Lost, match="no connection"):
        await line.ask("sub", topic="me")
    await line.note(topic="me", what="kp")  # goes nowhere, and that is no error
