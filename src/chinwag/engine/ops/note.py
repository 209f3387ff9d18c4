"""{note}: receipts, typing, form responses.

Source: specification 03, paragraph 5.
"""

from typing import TYPE_CHECKING

from msgspec import Raw

from chinwag.core import modes, notes
from chinwag.core.ids import Kind
from chinwag.core.state import Member, TopicState
from chinwag.engine import deliver
from chinwag.engine.deliver import Event
from chinwag.engine.ops import call
from chinwag.store import subs
from chinwag.wire import ctrl
from chinwag.wire.messages import Info, Note

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.topic import Topic


async def run(topic: "Topic", state: TopicState | None, request: "Request") -> None:
    """Serve one {note}; what may not be said is dropped in silence."""
    note = request.packet
    assert isinstance(note, Note)
    attached = request.client in topic.attached
    if not attached and not notes.from_outside(note):
        request.reply(ctrl.ATTACH_FIRST)  # QUIRK-23
        return
    if note.what == "call":
        if state is not None:
            await call.run(topic, state, request)
        return
    member = None if state is None else state.members.get(request.uid)
    if state is None or member is None or not notes.permitted(state, member, note):
        return
    if note.what in notes.MARKS:
        await _mark(topic, state, request, member)
    else:
        _forward(topic, request, member)


async def _mark(topic: "Topic", state: TopicState, request: "Request", member: Member) -> None:
    note = request.packet
    assert isinstance(note, Note)
    mark = notes.mark(member, note)
    if mark is None:
        return
    name = "chn" + topic.name[3:] if member.reader else topic.name
    await topic.services.db.run(subs.mark, name, mark.uid, mark.read, mark.recv)
    notes.apply(state, mark)
    if member.eff & modes.P:
        news = Event(what=note.what, seq=note.seq)
        deliver.to_user(
            topic, member.uid, news, skip=request.client, detached=True, reader=member.reader
        )
    if not member.reader:
        _forward(topic, request, member)


def _forward(topic: "Topic", request: "Request", member: Member) -> None:
    note = request.packet
    assert isinstance(note, Note)
    if member.reader or topic.kind in (Kind.ME, Kind.FND):
        return
    payload = Raw(bytes(note.payload)) if note.what == "data" else None
    info = Info(topic="", what=note.what, sender=member.uid, seq=note.seq, payload=payload)
    deliver.info(topic, info, request.client)
