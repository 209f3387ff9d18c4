"""{set sub} {del sub} about others: what may be given to them, who may be invited and removed.

Source: specification 02, paragraphs 7.2 and 11.2.
"""

from dataclasses import dataclass, replace

from chinwag.core import modes
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.limits import Limits
from chinwag.core.membership import Change, masked_p2p, requested
from chinwag.core.modes import J, O
from chinwag.core.state import Member, TopicState
from chinwag.wire import ctrl


def decide_mode_for_other(
    state: TopicState, kind: Kind, actor: Member | None, text: str, limits: Limits
) -> int:
    """The grant that `actor` may give somebody else; UNSET: the default. Raises Refused.

    Source: specification 02, paragraph 7.2, checks 1 to 6; T08 for topics without members.
    """
    if actor is None or actor.reader or not modes.is_sharer(actor.eff):
        raise Refused(ctrl.PERMISSION_DENIED)
    if kind not in (Kind.GRP, Kind.P2P) or state.read_only:
        raise Refused(ctrl.PERMISSION_DENIED)
    mode = requested(text)
    if mode == modes.UNSET:
        return mode
    if kind is Kind.P2P:
        mode = masked_p2p(mode, limits)
    if not modes.is_admin(actor.eff) or (mode & O and actor.uid != state.owner):
        raise Refused(ctrl.PERMISSION_DENIED)
    return mode


def decide_grant(state: TopicState, target: Member, mode: int) -> Change:
    """What becomes of the live subscription `target` when its grant is set to `mode`.

    Raises Refused(NOT_MODIFIED) where nothing changes.
    """
    if mode in (modes.UNSET, target.given):
        raise Refused(ctrl.NOT_MODIFIED)
    if target.uid == state.owner and mode & (O | J) != O | J:
        raise Refused(ctrl.PERMISSION_DENIED)
    changed = replace(target, given=mode)
    takes = bool(mode & O and target.want & O and not target.given & O)
    return Change(changed, old_want=target.want, old_given=target.given, transfer=takes)


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is invited."""

    uid: str
    wants: int  # the own default access
    stored: Member | None  # the soft-deleted record
    now_ms: int


def decide_invite(state: TopicState, kind: Kind, guest: Guest, mode: int) -> Change:
    """The subscription of a newcomer for whom there is room, or Refused.

    Source: specification 02, paragraph 7.2, second table.
    """
    stored = guest.stored
    given = (state.auth | J) if mode == modes.UNSET else mode
    if kind is Kind.P2P and mode == modes.UNSET and stored is not None:
        given = stored.given | J
    want = guest.wants & given if stored is None else stored.want & ~O
    if not want & J:
        raise Refused(ctrl.PERMISSION_DENIED)  # the invitation is turned down
    now = guest.now_ms
    member = Member(guest.uid, want=want, given=given, created_ms=now, updated_ms=now)
    if stored is not None:
        member.private = stored.private
    return Change(member, old_want=modes.UNSET, old_given=modes.UNSET, fresh=True)


# --- removing -------------------------------------------------------------------------------


def decide_eject(state: TopicState, kind: Kind, actor: Member | None, uid: str) -> Member:
    """The member whom `actor` may remove, or Refused. Source: specification 02, paragraph 11.2."""
    allowed = actor is not None and not actor.reader and modes.is_admin(actor.eff)
    if not allowed or kind is Kind.P2P or actor is None or uid in ("", actor.uid):
        raise Refused(ctrl.PERMISSION_DENIED)
    if state.read_only:
        raise Refused(ctrl.PERMISSION_DENIED)  # T16
    target = state.members.get(uid)
    if target is None or target.reader:
        raise Refused(ctrl.NO_ACTION)
    if target.eff & O or not target.want & J:
        raise Refused(ctrl.PERMISSION_DENIED)
    return target


def grant_after_eject(target: Member) -> int:
    """The grant kept for somebody removed: the default of then, but a ban stays a ban (T14)."""
    return modes.UNSET if target.given & J else target.given
