"""Who is told of a change of subscriptions: members, the member's own devices, a new peer.

Source: specification 03, paragraph 7.5; specification 02, paragraph 7.
"""

from typing import TYPE_CHECKING, Final

from chinwag.core import ids, membership, modes
from chinwag.core.ids import Kind
from chinwag.core.membership import Change
from chinwag.core.modes import P
from chinwag.core.presence import ACS, ASK, GONE, MEET, OFF, UPD, Command, can_hear
from chinwag.core.state import Member, TopicState
from chinwag.engine import deliver, me
from chinwag.engine.deliver import Event
from chinwag.engine.ops import push
from chinwag.wire.messages import Dacs

if TYPE_CHECKING:
    from chinwag.engine.ops.sub import Joined
    from chinwag.engine.request import Client, Request
    from chinwag.engine.topic import Topic, Work

NOBODY: Final = Dacs(want="N", given="N")


def changed(topic: "Topic", change: Change, *, actor: str, skip: "Client | None") -> None:
    """Tell who may know that somebody's modes have changed (E22 to E25, E29 to E31).

    `skip`: the session that asked for it.
    """
    dacs = membership.dacs(change)
    if dacs is None:
        return
    target = change.member.uid
    on_topic = Event(what=ACS, src=target, act=actor, dacs=dacs)
    deliver.on_topic(topic, on_topic, need=modes.SHARER, excl=target, skip=skip)
    if asks_for_more(change):
        elsewhere = Event(what=ACS, act=actor, tgt=target, dacs=dacs)
        deliver.to_members(topic, elsewhere, excl=target, skip=skip, detached=True)
    own = Event(what=ACS, act=actor, dacs=dacs)
    deliver.to_target(topic, target, own, skip)
    if topic.kind is not Kind.ME:
        deliver.to_user(topic, target, own, skip=skip, detached=True, reader=change.member.reader)
    mute(topic, change)


def asks_for_more(change: Change) -> bool:
    """Whether sharers elsewhere should know: approval is wanted, or somebody joined (E23)."""
    return change.old_want == 0 or modes.exceeds(change.member.want, change.member.given)


def mute(topic: "Topic", change: Change) -> None:
    """Presence goes with P: off when it is lost, on when it is gained (E29, E30, E31, D16)."""
    had, has = change.old_eff & P, change.member.eff & P
    uid = change.member.uid
    if bool(had) == bool(has):
        return
    if topic.kind is Kind.ME:
        (me.appear if has else me.hide)(topic)
    elif topic.kind in (Kind.GRP, Kind.P2P) and not change.member.reader:
        if has:
            deliver.to_user(topic, uid, Event(what=ASK), command="en", ask=True)
        else:
            deliver.to_user(topic, uid, Event(what=OFF), command="dis")


def own(topic: "Topic", request: "Request", change: Change, *, created: bool = False) -> None:
    """Tell of a change that somebody made by {sub}.

    The first modes of a topic just created concern nobody else. A reader's change concerns only
    the reader's own sessions (T21).
    """
    if created or topic.kind in (Kind.SLF, Kind.FND):
        return
    if not change.member.reader:
        changed(topic, change, actor=request.uid, skip=request.client)


def reader(topic: "Topic", change: Change, *, skip: "Client | None") -> None:
    """Tell the own devices of a channel reader, and nobody else, what has changed (T21, T22)."""
    dacs, uid = membership.dacs(change), change.member.uid
    if dacs is not None:
        own = Event(what=ACS, dacs=dacs)
        deliver.to_target(topic, uid, own, skip)
        deliver.to_user(topic, uid, own, skip=skip, detached=True, reader=True)


def updated(topic: "Topic", member: Member, *, skip: "Client | None") -> None:
    """Tell the own devices of `member` that the description or a private note has changed."""
    if can_hear(member.eff, UPD, 0):
        deliver.to_user(topic, member.uid, Event(what=UPD), skip=skip, reader=member.reader)


def new(topic: "Topic", request: "Request", joined: "Joined") -> None:
    """Tell of a new subscription: the user's own devices, and the peer (E26 to E28)."""
    change = joined.change
    if not change.fresh and not change.member.reader:
        return
    dacs = membership.dacs(change)
    own = Event(what=ACS, dacs=dacs)
    if dacs is not None:
        deliver.to_user(topic, request.uid, own, skip=request.client, reader=change.member.reader)
    if topic.kind is Kind.GRP and change.fresh and not change.member.reader:
        push.joined(topic, change.member)
    if topic.kind is Kind.P2P:
        # QUIRK: in a new conversation nobody is asked who is not to see whose presence it is
        introduce(topic, request.uid, joined.peer, ask=not joined.created)


def introduce(topic: "Topic", uid: str, peer: Member | None, *, ask: bool = True) -> None:
    """The two parties of a conversation get to know each other's presence (E27, E28).

    `ask`: the other one answers, muted or not.
    """
    other = ids.peer_of(topic.name, uid)
    push.subscribed(topic, other, by=uid)
    if peer is not None:
        dacs = Dacs(want=modes.text(peer.want), given=modes.text(peer.given))
        deliver.to_user(topic, other, Event(what=ACS, act=uid, dacs=dacs))
    deliver.to_user(topic, uid, Event(what=MEET), command=_hearing(topic, uid))
    command = _hearing(topic, other)
    ask = ask or command == "en"
    asks = ask and topic.hub.online(uid)  # if not, the peer notes who is going to come
    deliver.to_user(topic, other, Event(what=ASK if asks else MEET), command=command, ask=asks)
    if ask and not asks and topic.hub.hears(uid):
        # coming, with contacts read before this one was made
        topic.hub.topic(uid).do("introduce", _come(topic, other))


def _hearing(topic: "Topic", uid: str) -> Command:
    """Whether a contact who is just met is shown to `uid`, or muted from the beginning."""
    member = None if topic.state is None else topic.state.members.get(uid)
    return "en" if member is not None and member.eff & P else "dis"


def _come(topic: "Topic", other: str) -> "Work":
    """Let `other` know, once the own `me` has told the contacts that it has read.

    That may take long: who is no contact any more does not become one again.
    """

    async def come(own: "Topic", _state: TopicState | None) -> None:
        if own.announced:
            deliver.to_user(topic, other, Event(what=ASK), ask=True)

    return come


def departure(topic: "Topic", request: "Request", member: Member, *, actor: str) -> None:
    """Members and the departed one's own devices are told (E22, E23, E32 to E35; D19)."""
    uid = member.uid
    left = Event(what=ACS, src=uid, act=actor, dacs=NOBODY)
    deliver.on_topic(topic, left, need=modes.SHARER, excl=uid, skip=request.client)
    if topic.kind is Kind.P2P:
        deliver.to_user(topic, uid, Event(what=GONE), command="rem", skip=request.client)
        deliver.to_user(topic, ids.peer_of(topic.name, uid), Event(what=OFF))
        return
    if member.want == modes.NONE and topic.awake:  # as if somebody had joined (QUIRK)
        elsewhere = Event(what=ACS, act=actor, tgt=uid, dacs=NOBODY)
        deliver.to_members(topic, elsewhere, excl=uid, skip=request.client, detached=True)
    off = Event(what=OFF, src=uid)
    deliver.on_topic(topic, off, need=modes.R | modes.SHARER, excl=uid, skip=request.client)
    deliver.to_user(topic, uid, Event(what=GONE), command="rem", skip=request.client)
