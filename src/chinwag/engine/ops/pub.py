"""{pub}: messages into the store, then to everybody.

Source: specification 03, paragraph 3.
"""

from typing import TYPE_CHECKING

from chinwag.core import modes, publish
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.state import Draft, TopicState
from chinwag.engine import deliver
from chinwag.engine.deliver import Event
from chinwag.engine.ops import members
from chinwag.store import messages
from chinwag.store.db import Conflict, Duplicate, Unavailable
from chinwag.wire import ctrl
from chinwag.wire.messages import Pub

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.topic import Topic

Decided = tuple["Request", Draft | Refused]


async def run(topic: "Topic", state: TopicState | None, batch: "list[Request]") -> None:
    """Serve consecutive {pub}s: they are decided, committed and answered in their order."""
    if topic.departed_peer is not None and state is not None:
        await members.revive_peer(topic, state)
    try:
        decided = await _commit(topic, state, batch)
    except (Duplicate, Conflict):  # what is known is wrong: look again, once
        topic.forget_state()
        state = await topic.ensure()
        decided = await _commit(topic, state, batch)
    for request, outcome in decided:
        if isinstance(outcome, Refused):
            request.reply(outcome.reply, outcome.params)
        elif state is not None:
            publish.apply(state, outcome)
            _answer(topic, state, request, outcome)


async def _commit(
    topic: "Topic", state: TopicState | None, batch: "list[Request]"
) -> list[Decided]:
    """What becomes of each request, once all accepted messages are durable."""
    decided: list[Decided] = []
    drafts: list[Draft] = []
    for request in batch:
        outcome = _decide(topic, state, request, len(drafts))
        if isinstance(outcome, Draft):
            drafts.append(outcome)
        decided.append((request, outcome))
    if drafts:
        await _append(topic, drafts)
    return decided


async def _append(topic: "Topic", drafts: list[Draft]) -> None:
    db = topic.services.db
    try:
        await db.run(messages.append, drafts)
    except Unavailable:  # nobody knows whether it committed: ask, do not guess
        if not await db.run(messages.stored, drafts[-1]):
            raise


def _decide(
    topic: "Topic", state: TopicState | None, request: "Request", ahead: int
) -> Draft | Refused:
    """The message a request becomes; `ahead` messages of the same commit go before it."""
    packet = request.packet
    assert isinstance(packet, Pub)
    if request.client not in topic.attached and topic.kind is not Kind.SYS:
        return Refused(ctrl.ATTACH_FIRST)
    if state is None:
        return Refused(ctrl.UNAVAILABLE)
    try:
        return publish.decide(
            state,
            topic.kind,
            request.uid,
            packet,
            seq=state.seq + ahead + 1,
            at_ms=request.at_ms,
            by=request.client.uid,
            files=request.files,
        )
    except Refused as refused:
        return refused


def _answer(topic: "Topic", state: TopicState, request: "Request", draft: Draft) -> None:
    """Tell the author, then those elsewhere that there is news, then give everybody the message."""
    packet = request.packet
    assert isinstance(packet, Pub)
    if request.id:
        request.reply(ctrl.ACCEPTED, {"seq": draft.seq})
    request.answered = True
    news = Event(what="msg", seq=draft.seq, act=draft.sender)
    deliver.to_members(topic, news, need=modes.R, detached=True)
    message = publish.data(draft, topic.name if state.is_channel else request.sent)
    deliver.data(topic, state, message, skip=request.client if packet.noecho else None)
