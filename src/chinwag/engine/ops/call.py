"""Calls as they happen: ringing, answering, hanging up, and what ends them unasked.

A live call is known to its topic only; the store knows that one is open, so that its log is closed
even if the server ends in the middle of it (D10).
Source: specification 03, paragraph 9.
"""

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from msgspec import Raw

from chinwag.core import calls, ids, modes, publish
from chinwag.core.calls import Call, Step
from chinwag.core.errors import Refused
from chinwag.core.state import Draft, TopicState
from chinwag.engine import deliver
from chinwag.engine.ops import post
from chinwag.engine.request import Client
from chinwag.store import messages, topics
from chinwag.store.db import StoreError
from chinwag.wire import ctrl
from chinwag.wire.messages import Info, Note

if TYPE_CHECKING:
    from chinwag.engine.hub import Hub
    from chinwag.engine.request import Request
    from chinwag.engine.topic import Topic

PR: Final = modes.P | modes.R


class Ended(NamedTuple):
    """A call that is over, and the message that says so."""

    call: Call
    draft: Draft
    by: str  # who hung up; empty: nobody did


def start(topic: "Topic", draft: Draft, client: Client) -> None:
    """A message that starts a call has been stored: let it ring for a while."""
    call = calls.of_draft(draft.seq, draft.sender, draft.head, draft.content)
    call.caller_at = client
    topic.call = call
    topic.hub.engage(client, topic.name)
    ring_s = topic.services.limits.call_timeout_s
    topic.call_timer = topic.do_later(ring_s, "call", partial(_unanswered, call))


async def run(topic: "Topic", state: TopicState, request: "Request") -> None:
    """Serve one {note what="call"}; what makes no sense is dropped in silence."""
    note, call, by = request.packet, topic.call, request.uid
    assert isinstance(note, Note)
    if call is None or by not in state.members:
        return
    match calls.step(call, note, by, request.client):
        case Step.RING:
            _signal(topic, call.caller_at, call.caller, _info(note, by))
        case Step.ACCEPT:
            await _accept(topic, state, request, call)
        case Step.RELAY:
            peer = ids.peer_of(topic.name, by)
            _signal(topic, call.other(request.client), peer, _info(note, by, payload=True))
        case Step.END:
            how = calls.outcome(call, by)
            tell(topic, await _end(topic, state, call, how, by=by, at_ms=request.at_ms))


def _info(note: Note, by: str, *, payload: bool = False) -> Info:
    """What `by` signals; the payload as it came."""
    raw = bytes(note.payload) if payload else b""
    return Info(
        topic="",
        what="call",
        sender=by,
        seq=note.seq,
        event=note.event,
        payload=Raw(raw) if raw else None,
    )


def _signal(topic: "Topic", session: object, uid: str, info: Info) -> None:
    """Tell just one session of `uid`."""
    cast(Client, session).send(deliver.info_frame(info, ids.view(topic.name, uid)))


# --- answering ------------------------------------------------------------------------------


async def _accept(topic: "Topic", state: TopicState, request: "Request", call: Call) -> None:
    """The first who answers gets the call; the other devices stop ringing.

    Source: specification 03, paragraph 9.5.
    """
    note, by, client = request.packet, request.uid, request.client
    assert isinstance(note, Note)
    try:
        draft = calls.accepted(state, call, by, request.at_ms)
        await post.store(topic, [draft])
    except Refused as refused:
        request.reply(refused.reply)
        return
    except StoreError:
        request.reply(ctrl.UNAVAILABLE)
        raise
    _show(topic, state, draft)
    post.tell(topic, draft)
    call.callee_at, call.accepted_ms = client, request.at_ms
    topic.hub.engage(client, topic.name)
    _stop_ringing(topic)
    if state.members[by].eff & PR == PR:
        others = _info(note, by, payload=True)
        deliver.info_to_user(topic, by, others, skip=client, everywhere=True)
    _signal(topic, call.caller_at, call.caller, _info(note, by))


def _show(topic: "Topic", state: TopicState, draft: Draft) -> None:
    publish.apply(state, draft)
    post.show(topic, state, [draft])


def _stop_ringing(topic: "Topic") -> None:
    if topic.call_timer is not None:
        topic.call_timer.cancel()
        topic.call_timer = None


# --- ending ---------------------------------------------------------------------------------


async def _unanswered(call: Call, topic: "Topic", state: TopicState | None) -> None:
    """It has rung long enough."""
    if state is not None and topic.call is call and call.accepted_ms is None:
        tell(topic, await _end(topic, state, call, calls.MISSED))


async def part(topic: "Topic", state: TopicState | None, client: Client) -> Ended | None:
    """`client` goes: the end of the call it takes part in, if there is one."""
    call = topic.call
    if call is None or not call.is_party(client):
        return None
    if state is None or not topic.loaded:  # the store is silent
        drop(topic)
        topic.do_again("call", settle)
        return None
    return await _end(topic, state, call, calls.DISCONNECTED)


async def part_user(topic: "Topic", state: TopicState, uid: str) -> None:
    """All sessions of `uid` are about to be detached (D10c)."""
    call = topic.call
    if call is not None and (uid == call.caller or call.accepted_ms is not None):
        tell(topic, await _end(topic, state, call, calls.DISCONNECTED))


async def settle(topic: "Topic", state: TopicState | None) -> None:
    """End a call that the store believes to go on, though nobody takes part any more (D10).

    A silent store has to wait: what is known may be wrong, and the end may be stored already.
    """
    if state is None or not topic.loaded or not state.call or topic.call is not None:
        return
    begun = await topic.services.db.read(messages.at, topic.name, state.call)
    if begun is not None:
        tell(topic, await _end(topic, state, calls.of_message(begun), calls.DISCONNECTED))


async def settle_all(hub: "Hub") -> None:
    """End the calls that an earlier run of the server has left open (D10)."""
    for name in await hub.services.db.read(topics.in_call):
        hub.topic(name).do("call", settle)


async def _end(
    topic: "Topic",
    state: TopicState,
    call: Call,
    how: str,
    *,
    by: str = "",
    at_ms: int | None = None,
) -> Ended:
    """Close the log of `call` and tell those who are attached.

    Source: specification 03, paragraph 9.6.
    """
    drop(topic)
    at_ms = topic.services.clock.now_ms() if at_ms is None else at_ms
    draft = calls.ended(state, call, how, by, at_ms)
    try:
        await post.store(topic, [draft])
    except StoreError:
        topic.do_again("call", settle)
        raise
    _show(topic, state, draft)
    deliver.info_here(topic, _hung_up(call, ""))
    return Ended(call, draft, by)


def _hung_up(call: Call, by: str) -> Info:
    return Info(topic="", what="call", sender=by, seq=call.seq, event="hang-up")


def drop(topic: "Topic") -> None:
    """Forget the call: it is over, or the topic is."""
    call, topic.call = topic.call, None
    _stop_ringing(topic)
    if call is not None:
        for session in (call.caller_at, call.callee_at):
            topic.hub.disengage(session, topic.name)


def tell(topic: "Topic", ended: Ended | None) -> None:
    """Tell those who are not attached that a call is over."""
    if ended is None or topic.state is None:
        return
    post.tell(topic, ended.draft)
    for member in topic.state.members.values():
        if member.eff & PR == PR:
            deliver.info_to_user(topic, member.uid, _hung_up(ended.call, ended.by))
