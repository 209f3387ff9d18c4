"""{sub} {leave} {set sub}: who may join, with which modes, and what becomes of a subscription.

Source: specification 02, paragraphs 5 to 7.
"""

from dataclasses import dataclass, replace

from chinwag.core import modes
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.limits import Limits
from chinwag.core.modes import A, D, J, O, R, W
from chinwag.core.state import Level, Member, TopicState
from chinwag.wire import ctrl
from chinwag.wire.messages import Acs, Dacs, SetSub

CLEARED = b""  # in the place of private data: there are none any more
FULL_GIVEN_KEPT = ~(A | D | O)  # what a voluntary return keeps of the old grant (T14)


@dataclass(slots=True)
class Change:
    """What becomes of one subscription."""

    member: Member  # with its new values
    old_want: int  # for the announcement; UNSET: there was none
    old_given: int
    fresh: bool = False  # a new subscription
    transfer: bool = False  # the member takes the ownership over

    @property
    def old_eff(self) -> int:
        """The effective mode before."""
        return _known(self.old_want) & _known(self.old_given)

    @property
    def changed(self) -> bool:
        """Whether want or given are different now."""
        return (self.member.want, self.member.given) != (self.old_want, self.old_given)

    @property
    def reported(self) -> bool:
        """Whether the reply tells the modes (C2)."""
        return self.fresh or self.changed


def _known(mode: int) -> int:
    return 0 if mode == modes.UNSET else mode


def acs(member: Member) -> Acs:
    """The modes of `member` as texts."""
    return Acs(
        want=modes.text(member.want),
        given=modes.text(member.given),
        mode=modes.text(member.want & member.given),
    )


def dacs(change: Change) -> Dacs | None:
    """The announcement of `change`; None: there is nothing to announce."""
    want = modes.delta(change.old_want, change.member.want)
    given = modes.delta(change.old_given, change.member.given)
    return Dacs(want=want, given=given) if want or given else None


def requested(text: str) -> int:
    """The mode a client asks for; UNSET: none. Raises Refused."""
    try:
        return modes.parse(text)
    except modes.BadMode:
        raise Refused(ctrl.MALFORMED) from None


def asked(part: SetSub | None) -> int:
    """The mode that the `set.sub` of a {sub} asks for; UNSET: none. Raises Refused.

    A {sub} is about oneself. Source: specification 02, paragraph 5.1, check 7.
    """
    if part is None:
        return modes.UNSET
    if part.user:
        raise Refused(ctrl.MALFORMED)
    return requested(part.mode)


def default_access(state: TopicState, kind: Kind, level: Level, limits: Limits) -> int:
    """What a newcomer of `level` gets. Source: specification 02, paragraph 3.3; T01 for sys."""
    if level is Level.ROOT:
        return (
            _ROOT_DEFAULTS.get(kind, 0) if kind is not Kind.P2P else modes.cp2p(limits.p2p_delete)
        )
    if kind in (Kind.SLF, Kind.P2P, Kind.SYS):
        return 0
    return {Level.AUTH: state.auth, Level.ANON: state.anon}.get(level, 0)


_ROOT_DEFAULTS = {Kind.GRP: modes.PUBLIC, Kind.ME: modes.MEFND, Kind.SYS: modes.SYS}


def members_count(state: TopicState) -> int:
    """Full members; channel readers do not use up the limit (T22)."""
    return sum(1 for m in state.members.values() if not m.reader and not m.gone)


def check_room(state: TopicState, kind: Kind, limits: Limits) -> None:
    """Let one more member in. Raises Refused. Source: specification 02, paragraph 4.5."""
    if kind is Kind.GRP and members_count(state) >= limits.max_subscriber_count:
        raise Refused(ctrl.POLICY)


# --- joining --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody who attaches asks for."""

    uid: str
    level: Level
    mode: int = modes.UNSET
    private: bytes | None = None  # None: not given; CLEARED: none any more
    now_ms: int = 0


def decide_join(
    state: TopicState, kind: Kind, wish: Wish, stored: Member | None, limits: Limits
) -> Change:
    """The new full subscription of somebody who has none, or Refused.

    `stored`: the soft-deleted record, if there is one. Nobody enters what may only be read (T16).
    Source: specification 02, paragraph 5.8 A.
    """
    if state.read_only:
        raise Refused(ctrl.PERMISSION_DENIED)
    if kind is Kind.P2P:
        return _rejoin_p2p(wish, stored, limits)
    if kind is Kind.SYS:
        return _join_sys(wish)
    check_room(state, kind, limits)
    usual = default_access(state, kind, wish.level, limits)
    given = usual if stored is None else _kept(stored, usual)
    if kind in (Kind.ME, Kind.FND):
        given = modes.MEFND
    if not given & J:
        raise Refused(ctrl.PERMISSION_DENIED)
    want = usual if wish.mode == modes.UNSET else wish.mode & ~O
    return _joined(wish, want, given)


def _kept(stored: Member, usual: int) -> int:
    """The grant of somebody who returns: the old one, but for powers; the default after a removal.

    Source: specification 02, DEFECT T14.
    """
    return usual if stored.given == modes.UNSET else stored.given & FULL_GIVEN_KEPT


def _joined(wish: Wish, want: int, given: int) -> Change:
    member = Member(
        uid=wish.uid,
        want=want,
        given=given,
        private=wish.private,
        created_ms=wish.now_ms,
        updated_ms=wish.now_ms,
    )
    return Change(member, old_want=0, old_given=0, fresh=True)


def _rejoin_p2p(wish: Wish, stored: Member | None, limits: Limits) -> Change:
    """A party who had left comes back: the grant of the other one is kept (T05)."""
    if stored is None or not stored.given & J:
        raise Refused(ctrl.PERMISSION_DENIED)
    mode = stored.want if wish.mode == modes.UNSET else wish.mode
    return _joined(wish, masked_p2p(mode, limits), stored.given)


def _join_sys(wish: Wish) -> Change:
    if wish.level is not Level.ROOT:
        raise Refused(ctrl.PERMISSION_DENIED)
    want = modes.SYS if wish.mode == modes.UNSET else (wish.mode & modes.SYS) | W | J
    return _joined(wish, want, modes.SYS)


def masked_p2p(mode: int, limits: Limits) -> int:
    """`mode` cut down to what a conversation between two knows; approval always stays."""
    return (mode & modes.cp2p(limits.p2p_delete)) | A


def decide_reader(state: TopicState, wish: Wish, stored: Member | None) -> Change:
    """The subscription of a channel reader, or Refused; `stored`: the live record.

    Everybody may join, unless the channel may only be read by those who are there (T16).
    Source: specification 02, paragraph 5.8 A, column 2; T22.
    """
    if stored is None and state.read_only:
        raise Refused(ctrl.PERMISSION_DENIED)
    want = modes.READER if stored is None else stored.want
    if wish.mode != modes.UNSET:
        want = (wish.mode & modes.READER) | J | R
    if stored is None:
        change = _joined(wish, want, modes.READER)
        change.member.reader = True
        return change
    member = with_private(replace(stored, want=want, given=modes.READER, reader=True), wish.private)
    return Change(member, old_want=stored.want, old_given=modes.READER)


# --- changing one's own wish ----------------------------------------------------------------


def decide_own(state: TopicState, kind: Kind, member: Member, wish: Wish, limits: Limits) -> Change:
    """What becomes of the live subscription `member` of the wisher, or Refused.

    Source: specification 02, paragraph 5.8 B and 7.1.
    """
    if member.reader:
        return decide_reader(state, wish, member)
    mode, want, given = wish.mode, member.want, member.given
    _may_wish(state, member, mode)
    transfer = False
    if mode == modes.UNSET:
        if not want & J:  # self-banned: welcome back to all that is granted; not to an offer (T13)
            want = (given | default_access(state, kind, wish.level, limits) | J) & ~O
    else:
        if mode & O:
            transfer = not want & O
            given |= mode
        elif kind is Kind.GRP and given & A and not given & O and mode & A:
            given |= mode & ~(D | O)  # an admin may widen the own grant, but not by D
        want = _cut(kind, mode, limits)
    changed = with_private(replace(member, want=want, given=given), wish.private)
    return Change(changed, old_want=member.want, old_given=member.given, transfer=transfer)


def _may_wish(state: TopicState, member: Member, mode: int) -> None:
    if state.read_only and _is_more_than_muting(member, mode):
        raise Refused(ctrl.PERMISSION_DENIED)  # T16
    if mode == modes.UNSET:
        return
    if member.uid == state.owner and mode & (O | J) != O | J:
        raise Refused(ctrl.PERMISSION_DENIED)  # an owner stays owner and inside
    if mode & O and not member.given & O:
        raise Refused(ctrl.PERMISSION_DENIED)  # ownership is offered, not asked for


def _is_more_than_muting(member: Member, mode: int) -> bool:
    """Whether anything but P changes; a self-banned member wishes to be back."""
    if mode == modes.UNSET:
        return not member.want & J
    return bool((mode ^ member.want) & ~modes.P)


def _cut(kind: Kind, mode: int, limits: Limits) -> int:
    if kind is Kind.P2P:
        return masked_p2p(mode, limits)
    return mode & modes.SYS if kind is Kind.SYS else mode


def decide_from_outside(
    state: TopicState, kind: Kind, member: Member, wish: Wish, limits: Limits
) -> Change:
    """What becomes of the own live subscription when nobody attaches, or Refused.

    Ownership is neither taken nor given up from outside; a new private note is no wish to be back.
    Source: specification 02, paragraph 10.4; T20.
    """
    if wish.mode == modes.UNSET:
        changed = with_private(member, wish.private)
        return Change(changed, old_want=member.want, old_given=member.given)
    if (wish.mode ^ member.want) & O:
        raise Refused(ctrl.PERMISSION_DENIED)
    return decide_own(state, kind, member, wish, limits)


def after_transfer(state: TopicState, new: Member) -> list[Member]:
    """Everybody else who loses O when `new` becomes the owner, with their new modes (T13)."""
    return [
        replace(m, want=m.want & ~O, given=m.given & ~O)
        for m in state.members.values()
        if m.uid != new.uid and (m.want | m.given) & O
    ]


def with_private(member: Member, private: bytes | None) -> Member:
    """`member` with another private note; None: with the same."""
    return member if private is None else replace(member, private=private or None)


# --- leaving --------------------------------------------------------------------------------


def decide_unsubscribe(state: TopicState, member: Member | None) -> Member:
    """The member who may leave for good, or Refused. Source: specification 02, paragraph 6."""
    if member is None or member.gone:
        raise Refused(ctrl.NO_ACTION)
    if member.uid == state.owner:
        raise Refused(ctrl.PERMISSION_DENIED)
    return member


# --- creating -------------------------------------------------------------------------------


def p2p_pair(
    first: tuple[str, int], second: tuple[str, int], wish: Wish, offered: str, limits: Limits
) -> tuple[Member, Member]:
    """The two new subscriptions of a conversation: the initiator's and the peer's, or Refused.

    `first`: initiator and own default access; `second`: peer and the peer's default access for the
    initiator's level; `offered`: the mode text the initiator grants. What the initiator wishes is
    decided by `decide_own` afterwards.
    Source: specification 02, paragraph 5.4, fresh values.
    """
    base = first[1]
    if offered:
        try:
            base = modes.parse(offered)
        except modes.BadMode:
            base = first[1]
    granted = masked_p2p(base, limits)
    given = modes.cp2p(limits.p2p_delete) if wish.level is Level.ROOT else second[1]
    if not given & J:
        raise Refused(ctrl.PERMISSION_DENIED)
    now, note = wish.now_ms, wish.private or None
    initiator = Member(first[0], granted, given, private=note, created_ms=now, updated_ms=now)
    peer = Member(second[0], masked_p2p(given, limits), granted, created_ms=now, updated_ms=now)
    return initiator, peer
