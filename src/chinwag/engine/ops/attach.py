"""Sessions come to a topic and leave it; the topic wakes and falls asleep.

Source: specification 02, paragraphs 4.3 and 4.4; specification 03, paragraphs 7.5 and 7.8.
"""

from typing import TYPE_CHECKING

from chinwag.core import ids, modes
from chinwag.core.ids import Kind
from chinwag.core.presence import OFF, ON
from chinwag.core.state import TopicState
from chinwag.engine import deliver, me
from chinwag.engine.deliver import Event
from chinwag.engine.ops import call
from chinwag.engine.request import Client, ctrl_frame
from chinwag.store import users
from chinwag.store.db import StoreError
from chinwag.wire import ctrl

if TYPE_CHECKING:
    from chinwag.engine.topic import Attachment, Topic


def attach(topic: "Topic", state: TopicState, client: Client, attachment: "Attachment") -> None:
    """Let `client` take part in `topic`."""
    topic.attached[client] = attachment
    client.attached.add(topic.name)
    member = state.members.get(attachment.uid)
    if member is not None and attachment.counted:
        member.online += 1
    topic.woken()


async def announce(topic: "Topic", state: TopicState, client: Client) -> None:
    """Tell others that the member behind a just attached session is there (E7, E12, E13)."""
    attachment = topic.attached[client]
    if not attachment.counted or attachment.reader:
        return
    if topic.kind is Kind.ME:
        if not topic.announced:
            await _come_online(topic, client)
    elif topic.kind is Kind.GRP:
        _announce_member(topic, state, client, attachment.uid)


async def _come_online(topic: "Topic", client: Client) -> None:
    """Tell the user's contacts; they are told later if the store fails."""

    async def come(topic: "Topic", state: TopicState | None) -> None:
        if state is not None and client in topic.attached:
            await announce(topic, state, client)

    try:
        await me.come_online(topic, client.ua)
    except StoreError:
        topic.do_again("announce", come)
        raise


def _announce_member(topic: "Topic", state: TopicState, client: Client, uid: str) -> None:
    member = state.members.get(uid)
    if not topic.announced:
        topic.announced = True
        listens = member is not None and member.eff & modes.P
        deliver.to_members(topic, Event(what=ON), command="en" if listens else "")
    elif member is not None and member.online == 1:
        deliver.on_topic(topic, Event(what=ON, src=uid), need=modes.R, skip=client)


async def promote(topic: "Topic", client: Client) -> None:
    """A background session has stayed: count and announce it from now on (D15).

    Source: specification 03, paragraph 7.9.
    """
    attachment = topic.attached.get(client)
    state = topic.state
    if attachment is None or attachment.counted or state is None:
        return
    attachment.counted = True
    member = state.members.get(attachment.uid)
    if member is not None:
        member.online += 1
    await announce(topic, state, client)


async def detach(topic: "Topic", client: Client) -> None:
    """End the attachment of `client`; the subscription stays."""
    uid, last = _remove(topic, client)
    if topic.kind is Kind.ME:
        await _left_me(topic, client)
    elif last and topic.kind is Kind.GRP:
        deliver.on_topic(topic, Event(what=OFF, src=uid), need=modes.R)


def _remove(topic: "Topic", client: Client) -> tuple[str, bool]:
    """Take `client` off; the user, and whether it was the user's last foreground session here."""
    attachment = topic.attached.pop(client)
    client.attached.discard(topic.name)
    topic.queries.pop(client, None)
    member = None if topic.state is None else topic.state.members.get(attachment.uid)
    if member is None or topic.state is None:
        return attachment.uid, False
    if attachment.reader and not member.reader:  # promoted in the meantime
        return attachment.uid, False
    if attachment.counted:
        member.online -= 1
    if attachment.reader:
        if not any(a.uid == member.uid for a in topic.attached.values()):
            del topic.state.members[member.uid]  # readers are known while attached only (D30)
        return attachment.uid, False
    return attachment.uid, attachment.counted and member.online == 0


async def _left_me(topic: "Topic", client: Client) -> None:
    """Note when and with what the user was last seen."""
    services = topic.services
    now_ms = services.clock.now_ms()
    await services.db.run(users.seen, topic.name, now_ms, me.left(topic, client))


def evict(topic: "Topic", uid: str, *, unsub: bool, skip: Client | None = None) -> None:
    """Detach every session of `uid` with {ctrl 205}; `skip` is detached without it.

    Source: specification 02, paragraph 7.8.
    """
    now_ms = topic.services.clock.now_ms()
    for client, attachment in list(topic.attached.items()):
        if attachment.uid != uid:
            continue
        name = ids.view(topic.name, uid, attachment.reader)
        _remove(topic, client)
        if client is not skip:
            client.send(ctrl_frame(ctrl.EVICTED, now_ms, topic=name, params={"unsub": unsub}))


def shut_out(topic: "Topic", uid: str) -> None:
    """Detach a member who may not be here, or does not want to; others see the member go.

    Source: specification 03, paragraph 7.8, DEFECT D19; specification 02, DEFECT T36.
    """
    member = None if topic.state is None else topic.state.members.get(uid)
    was_online = member is not None and member.online > 0
    evict(topic, uid, unsub=False)
    if was_online and topic.kind is Kind.GRP:
        deliver.on_topic(topic, Event(what=OFF, src=uid), need=modes.R, excl=uid)


def evict_all(topic: "Topic", *, told: bool, skip: Client | None = None) -> None:
    """Detach everybody: the topic is no more; `told`: by {ctrl 205} (T33)."""
    call.drop(topic)
    now_ms = topic.services.clock.now_ms()
    for client, attachment in list(topic.attached.items()):
        name = ids.view(topic.name, attachment.uid, attachment.reader)
        _remove(topic, client)
        if told and client is not skip:
            client.send(ctrl_frame(ctrl.EVICTED, now_ms, topic=name, params={"unsub": True}))


async def asleep(topic: "Topic") -> None:
    """Nobody has been attached for a while (E8, E15)."""
    if topic.kind is Kind.ME:
        me.go_offline(topic)
    elif topic.kind is Kind.GRP and topic.announced:
        deliver.to_members(topic, Event(what=OFF))
