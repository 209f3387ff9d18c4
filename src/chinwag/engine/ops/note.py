"""{note}: receipts, typing, form responses.

Source: specification 03, paragraph 5.
"""

from typing import TYPE_CHECKING, Final

from msgspec import Raw

from chinwag.core import ids, modes, notes
from chinwag.core.state import Member, TopicState
from chinwag.engine import deliver
from chinwag.engine.deliver import Event
from chinwag.engine.ops import call, push
from chinwag.store import subs
from chinwag.wire import ctrl
from chinwag.wire.messages import Info, Note

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.topic import Topic

TYPING_MS: Final = 1000  # clients say every three seconds that somebody types


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
    if state is None:
        return
    member = await _speaker(topic, state, request)
    if member is None or not notes.permitted(state, member, note):
        return
    if request.sent.startswith("chn") and not state.is_channel:
        return
    if note.what in notes.MARKS:
        await _mark(topic, state, request, member)
    elif note.what == "data":
        _hand_on(topic, request)
    elif _is_news(topic, request):
        deliver.info(topic, Info(topic="", what=note.what, sender=member.uid), request.client)


async def _speaker(topic: "Topic", state: TopicState, request: "Request") -> Member | None:
    """Who says it: a member, or a reader of a channel, attached or not (D05)."""
    member = state.members.get(request.uid)
    if member is None and state.is_channel and request.client not in topic.attached:
        member = await topic.services.db.read(subs.get, ids.chn_of(topic.name), request.uid)
        if member is not None:
            member.reader = True
    return member


async def _mark(topic: "Topic", state: TopicState, request: "Request", member: Member) -> None:
    note = request.packet
    assert isinstance(note, Note)
    mark = notes.mark(member, note)
    if mark is None:
        return
    if member.reader:
        name = ids.chn_of(topic.name)
        await topic.services.db.run(subs.mark, name, mark.uid, mark.read, mark.recv)
    else:
        topic.hub.marks.note(topic.name, mark, topic.services.clock.now_ms())
    notes.apply(member, mark)
    if note.what == "read":
        push.read(topic, member, note.seq, request.at_ms)
    if member.eff & modes.P:
        news = Event(what=note.what, seq=note.seq)
        deliver.to_user(
            topic, member.uid, news, skip=request.client, detached=True, reader=member.reader
        )
    if not member.reader:
        info = Info(topic="", what=note.what, sender=member.uid, seq=note.seq)
        deliver.info(topic, info, request.client)


def _hand_on(topic: "Topic", request: "Request") -> None:
    """Give the answer to a form to those who are attached, payload and all (D08)."""
    note = request.packet
    assert isinstance(note, Note)
    payload = Raw(bytes(note.payload))
    info = Info(topic="", what=note.what, sender=request.uid, seq=note.seq, payload=payload)
    deliver.info_here(topic, info, request.client)


def _is_news(topic: "Topic", request: "Request") -> bool:
    """Whether others should hear that somebody types: a second later it is news again (D24)."""
    note = request.packet
    assert isinstance(note, Note)
    typed = topic.attached[request.client].typed
    if request.at_ms - typed.get(note.what, -TYPING_MS) < TYPING_MS:
        return False
    typed[note.what] = request.at_ms
    return True
