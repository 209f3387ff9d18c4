"""{pub}: whether a message may be posted, what becomes of it.

Source: specification 03, paragraph 3.
"""

from msgspec import Raw

from chinwag.core import modes
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.state import Draft, TopicState
from chinwag.wire import codec, ctrl
from chinwag.wire.messages import Data, Pub

_NULL = b"null"


def decide(  # noqa: PLR0913 - who, what, when and which number belong to every message
    state: TopicState,
    kind: Kind,
    sender: str,
    pub: Pub,
    *,
    seq: int,
    at_ms: int,
    by: str,
    files: tuple[str, ...],
) -> Draft:
    """The message number `seq` that `pub` of the acting user `sender` becomes, or Refused.

    `by` is the user of the session; where it is another one than `sender` it is named in the head.
    Source: specification 03, paragraphs 3.1 to 3.3.
    """
    if state.read_only:
        raise Refused(ctrl.PERMISSION_DENIED)
    if "webrtc" in (pub.head or ()) and bytes(pub.head["webrtc"]) != _NULL:  # type: ignore[index]
        raise Refused(ctrl.NOT_IMPLEMENTED)
    member = state.members.get(sender)
    eff = 0 if member is None else member.eff
    if kind is not Kind.SYS and not eff & modes.W:
        raise Refused(ctrl.PERMISSION_DENIED)
    content = bytes(pub.content)
    return Draft(
        topic=state.name,
        seq=seq,
        sender=sender,
        ts_ms=at_ms,
        head=_head(pub.head, sender, by),
        content=None if content in (b"", _NULL) else content,
        marks=bool(eff & modes.R),
        files=files,
    )


def _head(head: dict[str, Raw] | None, sender: str, by: str) -> bytes | None:
    """The head without a forged `sender`; who acts for somebody else is named there."""
    members = {k: v for k, v in (head or {}).items() if k != "sender"}
    if by != sender:
        members["sender"] = Raw(codec.encode_value(by))
    return codec.encode_value(members) if members else None


def apply(state: TopicState, draft: Draft) -> None:
    """Take the stored `draft` into `state`: its sender has read it."""
    assert draft.seq == state.seq + 1
    state.seq = draft.seq
    state.touched_ms = draft.ts_ms
    member = state.members.get(draft.sender)
    if member is not None and draft.marks:
        member.read = member.recv = draft.seq


def data(draft: Draft, topic: str) -> Data:
    """The {data} of a stored message, its topic named `topic`."""
    return Data(
        topic=topic,
        sender=draft.sender,
        ts=codec.stamp(draft.ts_ms),
        seq=draft.seq,
        head=None if draft.head is None else Raw(draft.head),
        content=Raw(draft.content or _NULL),
    )
