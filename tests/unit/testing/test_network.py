"""Connections that delay, stall and break."""

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from chinwag.ports import Frame
from chinwag.testing.loop import SimLoop
from chinwag.testing.network import Link, NetFaults, Network
from chinwag.testing.outbox import MemoryOutbox


class End:
    """Either end of a link: what it gets, and when."""

    def __init__(self, loop: SimLoop) -> None:
        self._loop = loop
        self.got: list[str] = []
        self.at: list[float] = []

    def feed(self, message: bytes) -> None:
        self.got.append(message.decode())
        self.at.append(self._loop.time())

    heard = feed

    def gone(self) -> None:
        self.feed(b"(gone)")

    def lost(self) -> None:
        self.feed(b"(lost)")


class Line:
    """A link with both ends."""

    def __init__(self, loop: SimLoop, limit_bytes: int = 1000, **faults: float) -> None:
        self.loop = loop
        self.client, self.server = End(loop), End(loop)
        self.outbox = MemoryOutbox(limit_bytes)
        network = Network(loop, Random("line"), NetFaults(**faults))
        self.link = Link(network, self.client, self.outbox, self.server, self._enter)

    @staticmethod
    def _enter(call: Callable[..., Any], *args: Any) -> Any:
        return call(*args)

    def say(self, *texts: str) -> None:
        for text in texts:
            self.link.say(text.encode())

    def answer(self, *texts: str) -> None:
        for text in texts:
            self.outbox.put(Frame(text.encode()))

    def wait(self, seconds: float = 60.0) -> None:
        self.loop.run_until_complete(self.loop.pause(seconds))


@pytest.fixture
def loop() -> Iterator[SimLoop]:
    made = SimLoop()
    yield made
    made.close()


def test_messages_keep_their_order_and_take_their_time(loop: SimLoop) -> None:
    line = Line(loop, latency_s=1.0)
    line.say("1", "2", "3")
    line.answer("a", "b")
    line.wait()
    assert line.server.got == ["1", "2", "3"]
    assert line.client.got == ["a", "b"]
    assert 0.0 < line.server.at[0] <= line.server.at[2] <= 1.0
    assert 0.0 < line.client.at[0] <= 1.0


def test_what_is_under_way_is_lost_with_the_connection(loop: SimLoop) -> None:
    line = Line(loop, latency_s=1.0, notice_s=5.0)
    line.say("1")
    line.answer("a")
    line.link.cut()
    line.link.cut()
    line.say("2")
    line.wait()
    assert (line.server.got, line.client.got) == (["(gone)"], ["(lost)"])
    assert not line.link.open
    assert max(line.server.at + line.client.at) <= 5.0


def test_a_client_that_hangs_up_has_been_heard(loop: SimLoop) -> None:
    line = Line(loop)
    line.say("1")
    line.link.close()
    line.say("2")
    line.wait()
    assert (line.server.got, line.client.got) == (["1", "(gone)"], [])


def test_a_server_that_hangs_up_has_been_heard(loop: SimLoop) -> None:
    line = Line(loop)
    line.answer("a")
    line.outbox.close()
    line.wait()
    assert (line.client.got, line.server.got) == (["a", "(lost)"], ["(gone)"])


def test_a_server_that_crashes_hears_nothing_more(loop: SimLoop) -> None:
    line = Line(loop)
    line.say("1")
    line.link.crash()
    line.wait()
    assert (line.client.got, line.server.got) == (["(lost)"], [])


def test_a_slow_client_is_dropped(loop: SimLoop) -> None:
    line = Line(loop, limit_bytes=3, stall=1.0, stall_s=30.0)
    line.answer("abc", "d")
    line.wait()
    assert (line.client.got, line.server.got) == (["(lost)"], ["(gone)"])


def test_a_client_is_not_read_from_while_it_is_held(loop: SimLoop) -> None:
    line = Line(loop)
    line.outbox.hold(True)
    line.say("1", "2")
    line.wait()
    assert line.server.got == []
    line.outbox.hold(False)
    line.wait()
    assert line.server.got == ["1", "2"]


def test_a_quiet_network_does_not_stall(loop: SimLoop) -> None:
    faults = NetFaults(stall=1.0)
    faults.quiet()
    assert faults.stall == 0.0
