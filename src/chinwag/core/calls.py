"""Calls: who may ring, answer and hang up, and the log of a call as messages.

A call lives in a conversation between two. Its parties are sessions, not users: the one that
started it and, once it is answered, the one that answered.
Source: specification 03, paragraph 9.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

import msgspec
from msgspec import Raw

from chinwag.core import modes
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.state import Draft, Message, TopicState
from chinwag.wire import codec, ctrl
from chinwag.wire.messages import Note

ACCEPTED: Final = "accepted"
FINISHED: Final = "finished"
MISSED: Final = "missed"
DECLINED: Final = "declined"
DISCONNECTED: Final = "disconnected"
_KEPT: Final = ("mime", "aonly")  # the latter tells that there is no picture (07-16)
_MEMBERS: Final = msgspec.json.Decoder(dict[str, Raw])


@dataclass(slots=True)
class Call:
    """A call that has not ended. `seq` is the number of the message that started it."""

    seq: int
    caller: str
    content: bytes | None
    kept: dict[str, Raw] = field(default_factory=dict)  # of its head, in every line of its log
    caller_at: object = None  # the session that started it
    callee_at: object = None  # the session that answered
    accepted_ms: int | None = None  # None: it still rings

    def is_party(self, session: object) -> bool:
        """Whether `session` takes part."""
        return session is not None and (session is self.caller_at or session is self.callee_at)

    def other(self, session: object) -> object:
        """The party that is not `session`."""
        return self.callee_at if session is self.caller_at else self.caller_at


class Step(Enum):
    """What a note means to a call."""

    RING = "ring"
    ACCEPT = "accept"
    RELAY = "relay"
    END = "end"


def is_start(head: dict[str, Raw] | None) -> bool:
    """Whether a message with `head` starts a call: any value of `webrtc` but null does."""
    return head is not None and "webrtc" in head and bytes(head["webrtc"]) != b"null"


def may_start(kind: Kind, *, offered: bool, busy: bool) -> None:
    """Let a call start or raise Refused. Source: specification 03, paragraph 3.2, 3 to 5."""
    if not offered:
        raise Refused(ctrl.NOT_IMPLEMENTED)
    if kind is not Kind.P2P:
        raise Refused(ctrl.PERMISSION_DENIED)
    if busy:
        raise Refused(ctrl.BUSY)


def of_message(message: Message) -> Call:
    """The call that `message` started, its parties unknown."""
    return of_draft(message.seq, message.sender, message.head, message.content)


def of_draft(seq: int, caller: str, head: bytes | None, content: bytes | None) -> Call:
    """The call that a message just stored has started."""
    members = {} if head is None else _MEMBERS.decode(head)
    return Call(seq, caller, content, {key: members[key] for key in _KEPT if key in members})


def step(call: Call, note: Note, uid: str, session: object) -> Step | None:
    """What the `note` of a session of `uid` means to `call`; None: nothing.

    Source: specification 03, paragraph 9.4.
    """
    called = uid != call.caller
    ringing = call.accepted_ms is None
    if note.seq != call.seq:
        return None
    match note.event:
        case "ringing" if ringing and called:
            return Step.RING
        case "accept" if ringing and called:
            return Step.ACCEPT
        case "offer" | "answer" | "ice-candidate" if not ringing and call.is_party(session):
            return Step.RELAY
        case "hang-up" if call.is_party(session) or (ringing and called):
            return Step.END
        case _:
            return None


def outcome(call: Call, uid: str) -> str:
    """How the call ends when `uid` hangs up. Source: specification 03, paragraph 9.6."""
    if call.accepted_ms is not None:
        return FINISHED
    return MISSED if uid == call.caller else DECLINED


def accepted(state: TopicState, call: Call, by: str, at_ms: int) -> Draft:
    """The message that says that `by` has answered; Refused where the caller may not write.

    Source: specification 03, paragraph 9.5.
    """
    member = state.members.get(call.caller)
    if state.read_only or member is None or not member.eff & modes.W:
        raise Refused(ctrl.PERMISSION_DENIED)
    return _update(state, call, ACCEPTED, by, at_ms, still_open=call.seq)


def ended(state: TopicState, call: Call, how: str, by: str, at_ms: int) -> Draft:
    """The message that says how the call has ended; `by`: who hung up, empty: nobody did.

    The log of a call is closed even where its caller may not write any more (D10).
    Source: specification 03, paragraph 9.6.
    """
    return _update(state, call, how, by, at_ms, still_open=0)


def _update(
    state: TopicState, call: Call, how: str, by: str, at_ms: int, *, still_open: int
) -> Draft:
    head: dict[str, object] = {"replace": f":{call.seq}", "webrtc": how}
    if how == FINISHED:
        assert call.accepted_ms is not None
        head["webrtc-duration"] = max(at_ms - call.accepted_ms, 0)
    head |= call.kept
    if by not in ("", call.caller):
        head["sender"] = by  # QUIRK: the callee, though the message is the caller's
    member = state.members.get(call.caller)
    return Draft(
        topic=state.name,
        seq=state.seq + 1,
        sender=call.caller,
        ts_ms=at_ms,
        head=codec.encode_value(head),
        content=call.content,
        marks=member is not None and bool(member.eff & modes.R),
        call=still_open,
    )
