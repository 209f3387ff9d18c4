"""{del msg}: who may delete which messages, for everybody or for himself.

Source: specification 02, paragraph 11.1; specification 03, paragraph 4.3.
"""

from dataclasses import dataclass

from chinwag.core import ranges
from chinwag.core.errors import Refused
from chinwag.core.limits import Limits
from chinwag.core.modes import D, R
from chinwag.core.ranges import Range
from chinwag.core.state import Member, TopicState
from chinwag.wire import ctrl
from chinwag.wire.messages import Del


@dataclass(frozen=True, slots=True)
class Erasure:
    """Messages to delete."""

    uid: str
    id: int
    ranges: list[Range]
    hard: bool  # for everybody
    since_ms: int | None = None  # messages from before this instant stay; None: all may go


def decide(
    state: TopicState, member: Member | None, packet: Del, limits: Limits, now_ms: int
) -> Erasure:
    """What `member` deletes by `packet`, or Refused.

    Only an owner may delete old messages for everybody (T18).
    """
    if member is not None and member.reader:
        raise Refused(ctrl.NOT_ALLOWED)
    if member is None or state.read_only or not member.eff & (D | R):
        raise Refused(ctrl.PERMISSION_DENIED)
    hard = packet.hard and bool(member.eff & D)
    bound = hard and member.uid != state.owner and limits.msg_delete_age_s > 0
    return Erasure(
        uid=member.uid,
        id=state.clear + 1,
        ranges=ranges.requested(packet.delseq, state.seq),
        hard=hard,
        since_ms=now_ms - limits.msg_delete_age_s * 1000 if bound else None,
    )


def apply(state: TopicState, erasure: Erasure) -> None:
    """Take the stored `erasure` into `state`."""
    assert erasure.id == state.clear + 1
    state.clear = erasure.id
    if not erasure.hard:
        state.members[erasure.uid].clear = erasure.id
        return
    state.clear_hard = erasure.id
    for member in state.members.values():
        if not member.gone and not member.reader:
            member.clear = erasure.id
