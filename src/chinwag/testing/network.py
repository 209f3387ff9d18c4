"""A connection between a simulated client and a session, with the faults of a network."""

from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from random import Random
from typing import Protocol

from chinwag.ports import Receiver
from chinwag.testing.loop import SimLoop
from chinwag.testing.outbox import MemoryOutbox


@dataclass(slots=True)
class NetFaults:
    """How bad a network is; chances are between 0 and 1."""

    latency_s: float = 0.02  # the longest way of a message
    stall: float = 0.0  # chance that the client does not read for a while
    stall_s: float = 5.0  # for how long, at most
    notice_s: float = 0.0  # the longest time until a side notices that the connection is lost

    def quiet(self) -> None:
        """From now on clients read at once."""
        self.stall = 0.0


@dataclass(frozen=True, slots=True)
class Network:
    """What all links of a simulation share."""

    loop: SimLoop
    random: Random
    faults: NetFaults


class Listener(Protocol):
    """The client's end of a link."""

    def heard(self, message: bytes) -> None:
        """Take one message of the server."""
        ...

    def lost(self) -> None:
        """The connection is no more; called once, unless the client has closed it."""
        ...


class Link:
    """One connection: what is said on it arrives in its order, or the connection is lost.

    `enter` calls what belongs to the server, like `Life.run`.
    """

    def __init__(
        self,
        network: Network,
        listener: Listener,
        outbox: MemoryOutbox,
        receiver: Receiver,
        enter: Callable[..., object],
    ) -> None:
        self._net = network
        self._listener: Listener | None = listener
        self._outbox = outbox
        self._receiver: Receiver | None = receiver
        self._enter = enter
        self._context = copy_context()
        self._under_way: deque[bytes | None] = deque()  # None: the client has closed
        self._arrived: deque[bytes | None] = deque()  # while the server does not read
        self._arrival_s = 0.0
        self._reading = False
        self._broken = False
        outbox.changed = self._outbox_changed

    @property
    def open(self) -> bool:
        """Whether the client believes that it is connected."""
        return self._listener is not None

    # --- what the client does --------------------------------------------------------------

    def say(self, message: bytes) -> None:
        """Send `message` to the server."""
        if self.open:
            self._send(message)

    def close(self) -> None:
        """End the connection behind what has been said; nothing more is heard."""
        if self.open:
            self._send(None)
            self._listener = None

    # --- what happens to it ----------------------------------------------------------------

    def cut(self) -> None:
        """Break the connection: what is under way is lost, both ends notice sooner or later."""
        if self._broken:
            return
        self._break()
        self._later(self._draw(self._net.faults.notice_s), self._tell_server)

    def crash(self) -> None:
        """The server is no more: it will never notice, the client will."""
        self._receiver = None
        self._break()

    def _break(self) -> None:
        self._broken = True
        self._under_way.clear()
        self._arrived.clear()
        self._later(self._draw(self._net.faults.notice_s), self._tell_client)

    # --- to the server ---------------------------------------------------------------------

    def _send(self, message: bytes | None) -> None:
        if self._broken:
            return
        self._under_way.append(message)
        now = self._net.loop.time()
        self._arrival_s = max(self._arrival_s, now + self._draw(self._net.faults.latency_s))
        self._later(self._arrival_s - now, self._arrive)

    def _arrive(self) -> None:
        if self._under_way:
            self._arrived.append(self._under_way.popleft())
            self._feed()

    def _feed(self) -> None:
        while self._arrived and self._receiver is not None and not self._outbox.held:
            message = self._arrived.popleft()
            if message is None:
                self._tell_server()
            elif not self._outbox.closing:
                self._enter(self._receiver.feed, message)

    def _tell_server(self) -> None:
        receiver, self._receiver = self._receiver, None
        self._outbox.gone = True
        if receiver is not None:
            self._enter(receiver.gone)

    # --- to the client ---------------------------------------------------------------------

    def _outbox_changed(self) -> None:
        if self._outbox.overflowed and not self._broken:
            self._break()
            self._later(0.0, self._tell_server)
        if self._arrived and not self._outbox.held:
            self._later(0.0, self._feed)
        if not self._reading and not self._broken:
            self._reading = True
            self._later(self._reading_s(), self._read)

    def _reading_s(self) -> float:
        """How long the client takes to read what waits."""
        faults = self._net.faults
        stalled = self._net.random.random() < faults.stall
        return self._draw(faults.latency_s) + (self._draw(faults.stall_s) if stalled else 0.0)

    def _read(self) -> None:
        self._reading = False
        if self._broken:
            return
        for message in self._outbox.take():
            if self._listener is not None:
                self._listener.heard(message)
        if self._outbox.closing and not self._broken:
            self._broken = True
            self._tell_client()
            self._tell_server()

    def _tell_client(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.lost()

    # --- small things ----------------------------------------------------------------------

    def _draw(self, most: float) -> float:
        return self._net.random.random() * most

    def _later(self, delay_s: float, call: Callable[[], None]) -> None:
        self._net.loop.call_later(delay_s, call, context=self._context)
