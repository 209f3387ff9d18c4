"""New topics: what a {sub} that creates one brings about, decided before anything is stored.

Source: specification 02, paragraphs 5.2, 5.4 and 5.6; DEFECT T11.
"""

from chinwag.core import membership, merge, modes, tags
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind, is_new_channel
from chinwag.core.limits import Limits
from chinwag.core.membership import Wish
from chinwag.core.modes import J, O
from chinwag.core.state import Level, Member, TopicState, User
from chinwag.wire import ctrl
from chinwag.wire.messages import SetDesc, SetQuery, Sub


def group(name: str, packet: Sub, wish: Wish, limits: Limits) -> TopicState:
    """A new group or channel with its owner, or Refused.

    The wished mode is that of `packet`; what an owner must have is added to it.
    """
    query = packet.set or SetQuery()
    desc = query.desc or SetDesc()
    if merge.present(desc.trusted) and wish.level is not Level.ROOT:
        raise Refused(ctrl.PERMISSION_DENIED)
    wanted = checked_tags(query.tags, limits)
    mode = membership.asked(query.sub)
    want = modes.FULL if mode == modes.UNSET else mode | J | O
    state = _topic(name, wish, _member(wish, want, modes.FULL))
    state.is_channel = is_new_channel(packet.topic)
    state.auth = modes.CHNWRITE if state.is_channel else modes.PUBLIC
    state.tags = wanted
    _set_defacs(state, desc)
    state.public = merge.given(bytes(desc.public))
    state.trusted = merge.given(bytes(desc.trusted))
    return state


def _set_defacs(state: TopicState, desc: SetDesc) -> None:
    """Ownership is never a default; unreadable modes leave the default in place."""
    if desc.defacs is None:
        return
    for level in ("auth", "anon"):
        try:
            mode = modes.parse(getattr(desc.defacs, level))
        except modes.BadMode:
            continue
        if mode != modes.UNSET:
            setattr(state, level, mode & ~O)


def checked_tags(sent: list[str | None] | None, limits: Limits) -> list[str]:
    """The tags of a new topic. Raises Refused for reserved ones and for two aliases."""
    wanted = tags.normalise(sent, limits.max_tag_count) or []
    if tags.restricted(wanted, limits.restricted_ns):
        raise Refused(ctrl.PERMISSION_DENIED)
    if len(tags.aliases(wanted, limits.alias_ns)) > 1:
        raise Refused(ctrl.MALFORMED)
    return wanted


def slf(name: str, packet: Sub, wish: Wish, limits: Limits) -> TopicState:
    """A user's own notes, or Refused.

    Until they are loaded again they show what they grant their owner as default access (QUIRK);
    nobody else ever gets in (T02). Source: specification 02, paragraphs 3.2 and 5.6.
    """
    state = _topic(name, wish, _member(wish, modes.SELF, modes.SELF))
    state.auth = modes.SELF
    state.tags = checked_tags(packet.set.tags if packet.set else None, limits)
    return state


def p2p(
    name: str, packet: Sub, wish: Wish, parties: tuple[User, User], limits: Limits
) -> TopicState:
    """A new conversation with both subscriptions, or Refused.

    `parties`: initiator and peer. Source: specification 02, paragraph 5.4.
    """
    first, second = parties
    desc = packet.set.desc if packet.set else None
    offered = desc.defacs.auth if desc and desc.defacs else ""
    usual = second.anon if wish.level is Level.ANON else second.auth
    initiator, peer = membership.p2p_pair(
        (first.uid, first.auth), (second.uid, usual), wish, offered, limits
    )
    state = _topic(name, wish, initiator)
    state.owner = None
    state.members[peer.uid] = peer
    own = membership.decide_own(state, Kind.P2P, initiator, wish, limits)
    state.members[initiator.uid] = own.member
    return state


def _member(wish: Wish, want: int, given: int) -> Member:
    now = wish.now_ms
    note = wish.private or None
    return Member(wish.uid, want, given, private=note, created_ms=now, updated_ms=now)


def _topic(name: str, wish: Wish, owner: Member) -> TopicState:
    now = wish.now_ms
    state = TopicState(name, created_ms=now, updated_ms=now, touched_ms=now, owner=owner.uid)
    state.members[owner.uid] = owner
    return state
