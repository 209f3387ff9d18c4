"""{pub}: messages into the store, then to everybody.

Source: specification 03, paragraph 3.
"""

from typing import TYPE_CHECKING

from chinwag.core import calls, publish, repeats
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.publish import Post
from chinwag.core.repeats import ONCE_MS, RECENT_MAX, Known, Recent, Said
from chinwag.core.state import Draft, TopicState
from chinwag.engine import deliver
from chinwag.engine.ops import call, members, post
from chinwag.store import messages
from chinwag.store.db import Conflict, Duplicate
from chinwag.wire import ctrl
from chinwag.wire.messages import Pub

if TYPE_CHECKING:
    from chinwag.engine.request import Client, Request
    from chinwag.engine.topic import Topic

Outcome = Draft | Known | Refused  # a new message, one that is known already, none
Decided = tuple["Request", Outcome]


async def run(topic: "Topic", state: TopicState | None, batch: "list[Request]") -> None:
    """Serve consecutive {pub}s: they are decided, committed and answered in their order."""
    if topic.departed_peer is not None and state is not None:
        await members.revive_peer(topic, state)
    try:
        decided = await _stored(topic, state, batch)
    except (Duplicate, Conflict):  # what is known is wrong: look again, once
        topic.forget_state()
        state = await topic.ensure()
        decided = await _stored(topic, state, batch)
    if state is not None:
        _answer_all(topic, state, decided)
    else:
        for request, outcome in decided:
            assert isinstance(outcome, Refused)
            request.reply(outcome.reply, outcome.params)


async def _stored(
    topic: "Topic", state: TopicState | None, batch: "list[Request]"
) -> list[Decided]:
    """What becomes of each request, as below; names are looked up once one has come again."""
    try:
        return await _commit(topic, state, batch)
    except Duplicate:
        if topic.wary:
            raise
        topic.wary = True  # of which message it is the name has to be asked before, from now on
        topic.recent = None  # it knows messages that were not stored
        return await _commit(topic, state, batch)


async def _commit(
    topic: "Topic", state: TopicState | None, batch: "list[Request]"
) -> list[Decided]:
    """What becomes of each request, once all accepted messages are durable."""
    if state is None:
        return [(request, _without_topic(topic, request)) for request in batch]
    recent = await _recent(topic, state, batch[-1].at_ms)
    named = await _named(topic, batch)
    decided: list[Decided] = []
    drafts: list[Draft] = []
    for request in batch:
        outcome = _decide(topic, state, request, drafts, named)
        if isinstance(outcome, Draft):
            drafts.append(outcome)
            _note(outcome, recent, named)
        decided.append((request, outcome))
    if drafts:
        await post.store(topic, drafts)
    return decided


def _without_topic(topic: "Topic", request: "Request") -> Refused:
    attached = request.client in topic.attached or topic.kind is Kind.SYS
    return Refused(ctrl.UNAVAILABLE if attached else ctrl.ATTACH_FIRST)


def _decide(
    topic: "Topic",
    state: TopicState,
    request: "Request",
    ahead: list[Draft],
    named: dict[int, Known],
) -> Outcome:
    """What becomes of one request; the messages `ahead` go into the same commit."""
    packet = request.packet
    assert isinstance(packet, Pub)
    attached = request.client in topic.attached or request.unattached
    if not attached and topic.kind is not Kind.SYS:
        return Refused(ctrl.ATTACH_FIRST)
    digest = repeats.digest(request.uid, packet)
    known = _known(topic, digest, request.at_ms, named)
    if known is not None and not _anew(topic, state, request, digest):
        return known
    wanted = Post(request.uid, request.client.uid, packet, request.at_ms, request.files, digest)
    try:
        return publish.decide(
            state,
            topic.kind,
            wanted,
            seq=state.seq + len(ahead) + 1,
            offers_calls=bool(topic.services.limits.ice_servers),
            busy=calls.is_start(packet.head) and _in_call(state, ahead),
        )
    except Refused as refused:
        return refused


def _in_call(state: TopicState, ahead: list[Draft]) -> bool:
    return state.call > 0 or any(draft.call for draft in ahead)


# --- messages that come again ---------------------------------------------------------------


async def _recent(topic: "Topic", state: TopicState, now_ms: int) -> Recent:
    """What was published in the topic lately, also before it was loaded (D01)."""
    if topic.recent is None:
        window_ms = topic.services.limits.resend_window_s * 1000
        since_ms, after = now_ms - window_ms, state.seq - RECENT_MAX
        recent = Recent(window_ms)
        if state.seq and state.touched_ms > since_ms:
            db, name = topic.services.db, topic.name
            found = await db.read(messages.recent, name, after_seq=after, since_ms=since_ms)
            for digest, known in found:
                recent.note(digest, known)
        topic.recent = recent
    return topic.recent


async def _named(topic: "Topic", batch: "list[Request]") -> dict[int, Known]:
    """What was published within a day under the names that authors in `batch` give.

    Nearly every name is new, and one that is not is refused by the store: nothing is looked up
    until that has happened in this topic.
    """
    if not topic.wary:
        return {}
    pubs = [(r.uid, r.packet) for r in batch if isinstance(r.packet, Pub)]
    digests = [repeats.digest(uid, pub) for uid, pub in pubs if repeats.is_once(pub)]
    named = [digest for digest in digests if digest is not None]
    if not named:
        return {}
    db, name = topic.services.db, topic.name
    found = await db.read(messages.once, name, named)
    since_ms = batch[-1].at_ms - ONCE_MS
    if old := [digest for digest, known in found.items() if known.ts_ms <= since_ms]:
        await db.run(messages.free, name, old)
    return {digest: known for digest, known in found.items() if known.ts_ms > since_ms}


def _note(draft: Draft, recent: Recent, named: dict[int, Known]) -> None:
    """Know a message when it comes again."""
    if draft.digest is None:
        return
    known = Known(draft.seq, draft.ts_ms)
    recent.note(draft.digest, known)
    if draft.once:
        named[draft.digest] = known


def _known(topic: "Topic", digest: int | None, at_ms: int, named: dict[int, Known]) -> Known | None:
    """The message with this digest that was accepted before."""
    if digest is None or topic.recent is None:
        return None
    return named.get(digest) or topic.recent.find(digest, at_ms)


def _anew(topic: "Topic", state: TopicState, request: "Request", digest: int | None) -> bool:
    """Whether a message that is known is said once more on purpose."""
    assert isinstance(request.packet, Pub)
    attachment = topic.attached.get(request.client)
    if attachment is None or repeats.is_once(request.packet):
        return False
    newest = topic.newest if deliver.may_read(state, attachment) else None
    return repeats.is_anew(attachment.said, digest, newest, request.at_ms)


# --- answering ------------------------------------------------------------------------------


def _answer_all(topic: "Topic", state: TopicState, decided: list[Decided]) -> None:
    """Answer everybody and give out what is new; then phones may ring.

    Each session hears its answers and all messages in the order in which they were served.
    """
    new = [(request, draft) for request, draft in decided if isinstance(draft, Draft)]
    volley = post.volley(topic, state, [(draft, _deaf(request)) for request, draft in new])
    count = 0
    for request, outcome in decided:
        volley.give(request.client, count)
        if isinstance(outcome, Refused):
            request.reply(outcome.reply, outcome.params)
        elif isinstance(outcome, Known):
            request.at_ms = outcome.ts_ms
            _accept(request, outcome.seq)
        else:
            publish.apply(state, outcome)
            _answer(topic, request, outcome)
            count += 1
    volley.give_all()
    for request, draft in new:
        if draft.call:
            call.start(topic, draft, request.client)


def _answer(topic: "Topic", request: "Request", draft: Draft) -> None:
    """Tell the author, then those elsewhere that there is news."""
    _accept(request, draft.seq)
    if request.client in topic.attached:
        topic.attached[request.client].said = Said(draft.digest, draft.sender, draft.ts_ms)
    post.tell(topic, draft)


def _deaf(request: "Request") -> "Client | None":
    """The session that does not want to hear its own message."""
    assert isinstance(request.packet, Pub)
    return request.client if request.packet.noecho else None


def _accept(request: "Request", seq: int) -> None:
    if request.id:
        request.reply(ctrl.ACCEPTED, {"seq": seq})
    request.answered = True
