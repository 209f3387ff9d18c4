"""{pub}: messages into the store, then to everybody.

Source: specification 03, paragraph 3.
"""

from typing import TYPE_CHECKING

from chinwag.core import publish
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.publish import Post
from chinwag.core.state import Draft, TopicState
from chinwag.engine.ops import call, members, post
from chinwag.store.db import Conflict, Duplicate
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
        outcome = _decide(topic, state, request, drafts)
        if isinstance(outcome, Draft):
            drafts.append(outcome)
        decided.append((request, outcome))
    if drafts:
        await post.store(topic, drafts)
    return decided


def _decide(
    topic: "Topic", state: TopicState | None, request: "Request", ahead: list[Draft]
) -> Draft | Refused:
    """The message a request becomes; those `ahead` go into the same commit."""
    packet = request.packet
    assert isinstance(packet, Pub)
    if request.client not in topic.attached and topic.kind is not Kind.SYS:
        return Refused(ctrl.ATTACH_FIRST)
    if state is None:
        return Refused(ctrl.UNAVAILABLE)
    wanted = Post(request.uid, request.client.uid, packet, request.at_ms, request.files)
    try:
        return publish.decide(
            state,
            topic.kind,
            wanted,
            seq=state.seq + len(ahead) + 1,
            offers_calls=bool(topic.services.limits.ice_servers),
            busy=state.call > 0 or any(draft.call for draft in ahead),
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
    post.tell(topic, draft)
    post.show(topic, state, draft, skip=request.client if packet.noecho else None)
    if draft.call:
        call.start(topic, draft, request.client)
