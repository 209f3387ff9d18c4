"""{set}: descriptions, subscriptions, tags, credentials, auxiliary data.

Source: specification 02, paragraphs 9 and 12.2; specification 03, paragraph 7.5.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from msgspec import Raw

from chinwag.core import card, describe, ids, revise
from chinwag.core.describe import Viewer
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.modes import J
from chinwag.core.presence import UPD
from chinwag.core.revise import Revision
from chinwag.core.state import Member, TopicState
from chinwag.engine import deliver, me
from chinwag.engine.deliver import Event
from chinwag.engine.ops import announce, creds, find, members, outside
from chinwag.ports_hooks import Action
from chinwag.store import files, subs, topics, users
from chinwag.store.db import Duplicate, Tx
from chinwag.wire import ctrl
from chinwag.wire.messages import Set, SetDesc

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.topic import Topic


async def run(topic: "Topic", state: TopicState | None, request: "Request") -> None:
    """Serve one {set}: each part has its own answer, one that fails does not stop the next."""
    packet = request.packet
    assert isinstance(packet, Set)
    parts = {name: getattr(packet, name) for name in _PARTS}
    if all(part is None for part in parts.values()):
        raise Refused(ctrl.MALFORMED)
    if state is None or request.client not in topic.attached:
        await outside.change(topic, state, request, packet)
        return
    if request.sent.startswith("chn") and not state.is_channel:
        raise Refused(ctrl.NOT_FOUND)
    for name, part in parts.items():
        if part is None:
            continue
        request.answered = False  # a failing store is owed an answer of its own
        try:
            await _PARTS[name](topic, state, request, part)
        except Refused as refused:
            request.reply(refused.reply, refused.params)


# --- desc -----------------------------------------------------------------------------------


async def _desc(topic: "Topic", state: TopicState, request: "Request", part: SetDesc) -> None:
    if topic.kind is Kind.FND:
        await find.set_query(topic, state, request, part)
        return
    services = topic.services
    member = describe.live_member(state, request.uid)
    author = Viewer(request.uid, request.level, member)
    revision = revise.decide_desc(state, topic.kind, author, part, services.limits)
    now_ms, sub_name = services.clock.now_ms(), _sub_name(topic, member)
    await services.db.run(_store_desc, topic.kind, sub_name, request, revision, now_ms)
    revise.apply_desc(state, revision, request.uid, now_ms)
    services.hooks.topic(Action.UPDATE, topic.name, state)
    request.reply(ctrl.OK)
    _announce_desc(topic, request, member, revision)


def _sub_name(topic: "Topic", member: Member | None) -> str:
    """The name under which the member's subscription is stored."""
    return ids.chn_of(topic.name) if member is not None and member.reader else topic.name


def _store_desc(
    tx: Tx, kind: Kind, sub_name: str, request: "Request", revision: Revision, now_ms: int
) -> None:
    """Make a revision durable, all of it or nothing."""
    if revision.shared:
        changes: dict[str, object] = {**revision.values, **revision.access, "updated_ms": now_ms}
        if kind is Kind.ME:
            users.update(tx, request.name, changes)
        else:
            topics.update(tx, request.name, {**changes, "touched_ms": now_ms})
        if "public" in revision.values:
            pictures = card.pictures(revision.values["public"], request.files)
            files.link_picture(tx, request.name, pictures, {request.uid, request.client.uid})
    if revision.private_changed:
        subs.set_private(tx, sub_name, request.uid, revision.private, now_ms)


def _announce_desc(
    topic: "Topic", request: "Request", member: Member | None, revision: Revision
) -> None:
    """Others learn of a new profile, the author's own devices of every change (E10, E11, E16, E17).

    A change of default access alone is silent (QUIRK).
    """
    if not revision.values and not revision.private_changed:
        return
    if revision.values and topic.kind is Kind.ME:
        me.tell_contacts(topic, UPD)
    elif revision.values:
        _announce_profile(topic, request)
    if member is not None:
        announce.updated(topic, member, skip=request.client)


def _announce_profile(topic: "Topic", request: "Request") -> None:
    event = Event(what=UPD)
    deliver.to_members(topic, event, need=J, excl=request.uid, skip=request.client)
    for attachment in {a.uid: a for a in topic.attached.values() if a.reader}.values():
        deliver.to_user(topic, attachment.uid, event, skip=request.client, reader=True)


# --- tags and aux ---------------------------------------------------------------------------


async def _tags(
    topic: "Topic", state: TopicState, request: "Request", sent: list[str | None]
) -> None:
    services = topic.services
    change = revise.decide_tags(state, topic.kind, request.uid, sent, services.limits)
    now_ms = services.clock.now_ms()
    store = users.set_tags if topic.kind is Kind.ME else topics.set_tags
    try:
        alias_ns = services.limits.alias_ns
        if not await services.db.run(store, topic.name, change.tags, now_ms, alias_ns):
            topic.forget_state()  # it has ended with somebody's account, and is about to learn it
            raise Refused(ctrl.TOPIC_NOT_FOUND)
    except Duplicate:
        raise Refused(ctrl.MALFORMED) from None  # somebody else has the alias (T25)
    state.tags = change.tags
    revise.touch(state, now_ms)
    request.reply(ctrl.OK, change.params())
    event = Event(what="tags")
    deliver.on_topic(topic, event, single=request.uid, skip=request.client)


async def _aux(topic: "Topic", state: TopicState, request: "Request", sent: dict[str, Raw]) -> None:
    services = topic.services
    member = describe.live_member(state, request.uid)
    aux = revise.decide_aux(state, topic.kind, member, sent)
    now_ms = services.clock.now_ms()
    changes: dict[str, object] = {"aux": aux, "updated_ms": now_ms, "touched_ms": now_ms}
    await services.db.run(topics.update, topic.name, changes)
    state.aux = aux
    revise.touch(state, now_ms)
    request.reply(ctrl.OK)
    deliver.on_topic(topic, Event(what="aux"), skip=request.client, readers=True)


_PARTS: Final[dict[str, Callable[["Topic", TopicState, "Request", Any], Awaitable[None]]]] = {
    "desc": _desc,
    "sub": members.change,
    "tags": _tags,
    "cred": creds.change,
    "aux": _aux,
}
