"""{leave}: detach, and unsubscribe if asked to.

Source: specification 02, paragraph 6; DEFECT T23.
"""

from typing import TYPE_CHECKING

from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.state import TopicState
from chinwag.engine.ops import attach, call, departure
from chinwag.engine.request import Client
from chinwag.wire import ctrl
from chinwag.wire.messages import Leave

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.topic import Topic


async def run(topic: "Topic", state: TopicState | None, request: "Request") -> None:
    """Serve one {leave}."""
    packet = request.packet
    assert isinstance(packet, Leave)
    if request.client not in topic.attached or state is None:
        raise Refused(ctrl.ATTACH_FIRST if packet.unsub else ctrl.NOT_JOINED)
    if request.sent.startswith("chn") and not state.is_channel:
        raise Refused(ctrl.NOT_FOUND)
    if not packet.unsub:
        ended = await call.part(topic, state, request.client)
        request.reply(ctrl.OK)
        await attach.detach(topic, request.client)
        call.tell(topic, ended)
        return
    if topic.kind in (Kind.ME, Kind.FND):
        raise Refused(ctrl.PERMISSION_DENIED)
    await departure.unsubscribe(topic, state, request)


async def lost(topic: "Topic", state: TopicState | None, client: Client) -> None:
    """A session has ended, attached to this topic or in its call (D10b)."""
    ended = None
    try:
        ended = await call.part(topic, state, client)
    finally:
        if client in topic.attached:
            await attach.detach(topic, client)
    call.tell(topic, ended)
