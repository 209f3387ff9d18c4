"""What a topic does with each kind of request: decide, commit, apply, reply, deliver."""

from typing import TYPE_CHECKING

from chinwag.engine import me
from chinwag.engine.ops import attach, call, delete, get, leave, note, pub, reload, sub
from chinwag.engine.ops import set as set_
from chinwag.wire.messages import Del, Get, Leave, Note, Pub, Set, Sub

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.topic import Topic

asleep = attach.asleep
lost = leave.lost
promote = attach.promote
missed = reload.missed
resume = reload.resume


async def serve(topic: "Topic", batch: "list[Request]") -> None:
    """Serve one request, or several consecutive {pub}s.

    Source: specification 01, paragraph 6; specification 03, paragraph 7.10 for the user agent.
    """
    request = batch[0]
    if isinstance(request.packet, Pub | Sub | Get | Set | Note):
        for served in batch:
            feed_agent(topic, served)
    state = await (topic.known() if _only_looks(request.packet) else topic.ensure())
    await call.settle(topic, state)
    match request.packet:
        case Pub():
            await pub.run(topic, state, batch)
        case Sub():
            await sub.run(topic, state, request)
        case Leave():
            await leave.run(topic, state, request)
        case Get():
            await get.run(topic, state, request)
        case Set():
            await set_.run(topic, state, request)
        case Del():
            await delete.run(topic, state, request)
        case Note():
            await note.run(topic, state, request)


def _only_looks(packet: object) -> bool:
    """Whether nothing is built on the topic's state: it can be served while the store is away."""
    match packet:
        case Get():
            return True
        case Note():
            return packet.what != "call"
        case Leave():
            return not packet.unsub
    return False


def feed_agent(topic: "Topic", request: "Request") -> None:
    """Let the user's `me` know which of the sessions on it is active."""
    own = topic.hub.topics.get(request.client.uid)
    if own is not None:
        me.active(own, request.client, request.at_ms)
