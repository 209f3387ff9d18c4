"""Requests of programs that are not connected, and of the server in their name.

They take the way of every other request, into the mailbox of a topic's actor; whoever sends one
waits for the answer.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from chinwag.core.errors import Refused
from chinwag.core.state import Level
from chinwag.engine.request import Request
from chinwag.ports import Frame
from chinwag.wire import ctrl
from chinwag.wire.ctrl import Reply
from chinwag.wire.messages import Pub, Sub

if TYPE_CHECKING:
    from chinwag.engine.hub import Hub

_ANSWERED: Final = "1"  # an id, without which messages are not answered


class Program:
    """Who asks, as a topic sees it: somebody who never listens."""

    ua = "webhook"
    lang = country = ""
    level = Level.AUTH
    background = True
    closed = False

    def __init__(self, uid: str) -> None:
        self.uid = uid
        self.attached: set[str] = set()

    def send(self, frame: Frame) -> bool:
        """Nobody is there."""
        return False

    def send_all(self, frames: Sequence[Frame]) -> bool:
        """Nobody is there."""
        return False


class Errand(Request):
    """One request, and what becomes of it."""

    __slots__ = ("outcome",)

    def __init__(self, uid: str, packet: Pub | Sub, at_ms: int) -> None:
        super().__init__(Program(uid), packet, at_ms)
        self.id = _ANSWERED
        self.name = packet.topic
        self.unattached = True
        self.outcome: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

    def reply(
        self, reply: Reply, params: Mapping[str, object] | None = None, *, topic: str | None = None
    ) -> None:
        """Note what became of it."""
        self.answered = True
        if not self.outcome.done():
            self.outcome.set_result(reply)


async def run(hub: "Hub", uid: str, packet: Pub | Sub) -> None:
    """Do what `packet`, which names its topic as it is routed, asks for. Raises Refused."""
    errand = Errand(uid, packet, hub.services.clock.now_ms())
    hub.post(errand)
    reply = await errand.outcome
    if reply.code >= ctrl.MALFORMED.code:
        raise Refused(reply)
