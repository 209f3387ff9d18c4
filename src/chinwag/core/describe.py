"""Descriptions: what a viewer sees of a topic or an account.

Source: specification 02, paragraphs 8.1 and 10.2.
"""

from dataclasses import dataclass

from msgspec import Raw

from chinwag.core import membership, modes
from chinwag.core.ids import Kind
from chinwag.core.limits import Limits
from chinwag.core.modes import P, R
from chinwag.core.state import Level, Member, State, TopicState, User
from chinwag.wire import codec
from chinwag.wire.messages import Acs, Defacs, Desc, Seen

_STATES = {State.OK: "ok", State.SUSPENDED: "susp"}
_OWN = (Kind.ME, Kind.FND)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and what is known already."""

    uid: str
    level: Level
    member: Member | None  # the live subscription, also that of a channel reader
    ims_ms: int | None = None  # leave out what has not changed since

    @property
    def eff(self) -> int:
        """The effective mode of the viewer."""
        return 0 if self.member is None else self.member.eff

    @property
    def reader(self) -> bool:
        """Whether the viewer reads a channel without being a member of its group."""
        return self.member is not None and self.member.reader

    def unaware(self, updated_ms: int) -> bool:
        """Whether the viewer has not seen what was changed at `updated_ms`."""
        return self.ims_ms is None or self.ims_ms < updated_ms


def live_member(state: TopicState, uid: str) -> Member | None:
    """The subscription of `uid` unless it has been given up."""
    member = state.members.get(uid)
    return None if member is None or member.gone else member


def raw(value: bytes | None) -> Raw | None:
    """Stored JSON as it goes out; nothing where nothing is stored."""
    return Raw(value) if value else None


def seen(at_ms: int | None, agent: str) -> Seen | None:
    """When and with what somebody was last seen; None: never."""
    return None if at_ms is None else Seen(when=codec.stamp(at_ms), ua=agent)


# --- attached -------------------------------------------------------------------------------


def desc(
    state: TopicState,
    kind: Kind,
    viewer: Viewer,
    *,
    peer: User | None = None,
    query: bytes | None = None,
) -> Desc:
    """The description of a topic for a viewer who is attached to it.

    `peer`: the other party of a conversation; `query`: what the viewer's session looks for (T09).
    """
    member = viewer.member
    if member is None:
        return _for_stranger(state, kind, viewer)
    updated_ms = _updated_ms(state, member, peer)
    shown = Desc(
        created=_created(state.created_ms, viewer),
        updated=codec.stamp(updated_ms),
        touched=codec.stamp(_touched_ms(state, kind, member, updated_ms)),
        acs=membership.acs(member),
        defacs=_defacs(state, kind, member),
    )
    _add_kind(shown, state, kind, viewer)
    if kind is Kind.P2P and peer is not None and member.eff & P:
        shown.seen = seen(peer.seen_ms, peer.ua)
    if kind not in _OWN and member.eff & R:
        _add_counters(shown, state, member)
    if viewer.unaware(updated_ms):
        _add_values(shown, state, kind, peer)
        shown.private = raw(member.private)
    if kind is Kind.FND:
        shown.public = raw(query)
    return shown


def _for_stranger(state: TopicState, kind: Kind, viewer: Viewer) -> Desc:
    """What is left for somebody acting in a topic without being a member of it."""
    shown = Desc(created=_created(state.created_ms, viewer), updated=codec.stamp(state.updated_ms))
    _add_group(shown, state, kind)
    if viewer.unaware(state.updated_ms):
        _add_values(shown, state, kind, None)
    return shown


def _created(created_ms: int, viewer: Viewer) -> str:
    return codec.stamp(created_ms) if viewer.ims_ms is None else ""


def _updated_ms(state: TopicState, member: Member, peer: User | None) -> int:
    """When anything the member sees was last changed (T30)."""
    latest = max(state.updated_ms, member.updated_ms)
    return latest if peer is None else max(latest, peer.updated_ms)


def _touched_ms(state: TopicState, kind: Kind, member: Member, updated_ms: int) -> int:
    return state.touched_ms if kind not in _OWN and member.eff & R else updated_ms


def _defacs(state: TopicState, kind: Kind, member: Member) -> Defacs | None:
    if kind is Kind.P2P or (kind not in _OWN and not modes.is_sharer(member.eff)):
        return None
    return Defacs(auth=modes.text(state.auth), anon=modes.text(state.anon))


def _add_kind(shown: Desc, state: TopicState, kind: Kind, viewer: Viewer) -> None:
    _add_group(shown, state, kind)
    if kind is Kind.GRP and viewer.eff & P:
        shown.online = any(m.online for m in state.members.values())
    if kind is Kind.ME and viewer.level is Level.ROOT:
        shown.state = _STATES[State.SUSPENDED if state.read_only else State.OK]


def _add_group(shown: Desc, state: TopicState, kind: Kind) -> None:
    if kind is Kind.GRP:
        shown.chan = state.is_channel
        shown.subcnt = subscribers_count(state)


def subscribers_count(state: TopicState) -> int:
    """Live subscriptions of members and channel readers (T12)."""
    return membership.members_count(state) + state.readers_count


def _add_counters(shown: Desc, state: TopicState, member: Member) -> None:
    shown.seq = state.seq
    shown.read = member.read
    shown.recv = max(member.recv, member.read)
    shown.clear = max(member.clear, state.clear_hard)  # nobody else's soft deletions (T19)


def _add_values(shown: Desc, state: TopicState, kind: Kind, peer: User | None) -> None:
    if kind is Kind.P2P:
        if peer is not None:
            shown.public, shown.trusted = raw(peer.public), raw(peer.trusted)
    elif kind not in (Kind.SLF, Kind.FND):
        shown.public, shown.trusted = raw(state.public), raw(state.trusted)


# --- from outside ---------------------------------------------------------------------------


def topic_from_outside(state: TopicState, kind: Kind, viewer: Viewer, limits: Limits) -> Desc:
    """The description of a group or of `sys` for a session that is not attached."""
    shown = Desc(
        created=codec.stamp(state.created_ms),
        updated=codec.stamp(state.updated_ms),
        acs=_acs(viewer, membership.default_access(state, kind, viewer.level, limits)),
    )
    _add_group(shown, state, kind)
    _add_values(shown, state, kind, None)
    _add_own(shown, viewer)
    return shown


def user_from_outside(user: User, viewer: Viewer, limits: Limits) -> Desc:
    """The description of an account for a session that is not attached to the conversation."""
    shown = Desc(
        created=codec.stamp(user.created_ms),
        updated=codec.stamp(user.updated_ms),
        acs=_acs(viewer, offered_by(user.auth, user.anon, viewer.level, limits)),
        public=raw(user.public),
        trusted=raw(user.trusted),
    )
    if viewer.level is Level.ROOT:
        shown.state = _STATES.get(user.state, "")
    _add_own(shown, viewer)
    return shown


def offered_by(auth: int, anon: int, level: Level, limits: Limits) -> int:
    """What an account with these defaults grants to somebody of `level`."""
    if level is Level.ROOT:
        return modes.cp2p(limits.p2p_delete)
    return anon if level is Level.ANON else auth


def _acs(viewer: Viewer, otherwise: int) -> Acs:
    """The subscription's modes; without one, what a newcomer would get."""
    member = viewer.member
    return Acs(mode=modes.text(otherwise)) if member is None else membership.acs(member)


def _add_own(shown: Desc, viewer: Viewer) -> None:
    if viewer.member is not None:
        shown.private = raw(viewer.member.private)
