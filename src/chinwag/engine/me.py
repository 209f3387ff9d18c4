"""A user's `me`: online and offline, the table of contacts, and news for the sessions on it.

Groups take part too: they answer contacts who ask whether they are awake.
Source: specification 03, paragraphs 7.6 to 7.10.
"""

from typing import TYPE_CHECKING, Final

from msgspec import Raw

from chinwag.core import ids, modes
from chinwag.core.ids import Kind
from chinwag.core.presence import ASK, OFF, ON, Contact, InfoNews, News, absorb, answers, unfiltered
from chinwag.engine import deliver
from chinwag.engine.deliver import Event
from chinwag.store import subs
from chinwag.wire.messages import Info, Pres

if TYPE_CHECKING:
    from chinwag.engine.request import Client
    from chinwag.engine.topic import Topic

UA_DELAY_S: Final = 5.0


def hear(topic: "Topic", news: News | InfoNews) -> None:
    """Take news from another topic. Never waits."""
    if isinstance(news, InfoNews):
        _hear_info(topic, news)
    elif topic.kind is Kind.ME:
        _hear_contact(topic, news)
    elif topic.kind is Kind.GRP:
        _hear_member(topic, news)


def _hear_contact(topic: "Topic", news: News) -> None:
    known = news.src in topic.contacts
    shown = absorb(topic.contacts, news)
    if known and news.src not in topic.contacts:
        _part(topic, news.src)
    if topic.announced and answers(topic.contacts, news):
        reply = News(what=ON, src=topic.name, origin=topic.name, wants_reply=news.what == ASK)
        topic.hub.tell(_routing(topic, news.src), reply)
    if shown:
        _show(topic, news)


def _part(topic: "Topic", contact: str) -> None:
    """Somebody is no contact any more: he may have been told `on` since the conversation ended."""
    if topic.announced and ids.kind_of(contact) is Kind.ME:
        topic.hub.tell(contact, News(what=OFF, src=topic.name, origin=topic.name))


def _routing(topic: "Topic", contact: str) -> str:
    """The topic behind a contact's name: a person's `me` or a group."""
    return contact if ids.kind_of(contact) is Kind.ME else ids.grp_of(contact)


def _show(topic: "Topic", news: News) -> None:
    if not unfiltered(news.what) and not (_member(topic) or modes.NONE) & modes.P:
        return
    audience = [
        client
        for client in topic.attached
        if client is not news.skip and not (news.detached and news.origin in client.attached)
    ]
    if not audience:
        return
    frame = deliver.pres_frame(
        Pres(
            topic="me",
            what=news.what,
            src=news.src,
            ua=news.ua,
            seq=news.seq,
            clear=news.clear,
            act=news.act,
            tgt=news.tgt,
            dacs=news.dacs,
        )
    )
    for client in audience:
        client.send(frame)


def _member(topic: "Topic") -> int | None:
    """The effective mode of the user on the own `me`."""
    member = None if topic.state is None else topic.state.members.get(topic.name)
    return None if member is None else member.eff


def _hear_info(topic: "Topic", news: InfoNews) -> None:
    note = Info(
        topic="me",
        what=news.what,
        sender=news.sender,
        seq=news.seq,
        event=news.event,
        payload=None if news.payload is None else Raw(news.payload),
    )
    frame = deliver.info_frame(note, "me", news.src)
    for client in topic.attached:
        if client is not news.skip and (news.everywhere or news.origin not in client.attached):
            client.send(frame)


def _hear_member(topic: "Topic", news: News) -> None:
    """A group answers who asks, and shows its members what changed about one of them."""
    if news.what in (ON, ASK):
        if news.wants_reply and topic.announced:
            topic.hub.tell(news.src, News(what=ON, src=topic.name, origin=topic.name))
    elif news.what in ("ua", "upd"):
        deliver.on_topic(topic, Event(what=news.what, src=news.src, ua=news.ua))


# --- the user's own presence ----------------------------------------------------------------


async def come_online(topic: "Topic", ua: str) -> None:
    """The first foreground session is on `me`: note the contacts and tell them (E7)."""
    known = await topic.services.db.read(subs.contacts, topic.name)
    topic.announced = True
    topic.ua_told = ua
    topic.contacts = {
        _contact_name(topic, name): Contact(online=False, enabled=bool(want & given & modes.P))
        for name, want, given in known
        if ids.kind_of(name) in (Kind.P2P, Kind.GRP)
    }
    mode = _member(topic)
    if mode is not None and mode & modes.P:
        tell_contacts(topic, ON, ua=ua)


def _contact_name(topic: "Topic", name: str) -> str:
    return ids.peer_of(name, topic.name) if name.startswith("p2p") else name


def tell_contacts(topic: "Topic", what: str, *, ua: str = "") -> None:
    """Tell every contact that this user is now `what` (primitive C).

    `ua` and `upd` go only to those believed online.
    """
    for contact, entry in topic.contacts.items():
        if contact.startswith("chn") or (what in ("ua", "upd") and not entry.online):
            continue
        news = News(what=what, src=topic.name, origin=topic.name, ua=ua, wants_reply=what == ON)
        topic.hub.tell(contact, news)


def go_offline(topic: "Topic") -> None:
    """The user has left for good (E8)."""
    if topic.announced:
        tell_contacts(topic, OFF, ua=topic.ua)
    topic.contacts = {}
    topic.ua = topic.ua_told = ""
    if topic.ua_timer is not None:
        topic.ua_timer.cancel()
        topic.ua_timer = None


def hide(topic: "Topic") -> None:
    """The user muted the own `me` (E31): contacts see `off`, the user sees nobody online."""
    tell_contacts(topic, OFF, ua=topic.ua)
    for entry in topic.contacts.values():
        entry.online = False


def appear(topic: "Topic") -> None:
    """The user un-muted the own `me` (E31)."""
    tell_contacts(topic, ON, ua=topic.ua)


def active(topic: "Topic", client: "Client", at_ms: int) -> None:
    """A session on `me` has done something: its user agent is the current one from now on.

    Source: specification 03, paragraph 7.10.
    """
    attachment = topic.attached.get(client)
    if attachment is not None:
        attachment.active_ms = at_ms
        _feed(topic, client.ua)


def left(topic: "Topic", client: "Client") -> str:
    """`client` is not on `me` any more; the agent that the user was last seen with.

    Source: specification 03, paragraph 7.8.
    """
    if not topic.attached:
        return client.ua
    latest = max(topic.attached, key=lambda other: topic.attached[other].active_ms)
    _feed(topic, latest.ua)
    return latest.ua


def _feed(topic: "Topic", ua: str) -> None:
    if not ua or ua == topic.ua:
        return
    topic.ua = ua
    if topic.ua_timer is not None:
        topic.ua_timer.cancel()
    topic.ua_timer = topic.later(UA_DELAY_S, _announce_ua, topic)


def _announce_ua(topic: "Topic") -> None:
    topic.ua_timer = None
    if topic.announced and topic.ua and topic.ua != topic.ua_told:
        topic.ua_told = topic.ua
        tell_contacts(topic, "ua", ua=topic.ua)
