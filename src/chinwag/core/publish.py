"""{pub}: whether a message may be posted, what becomes of it.

Source: specification 03, paragraph 3.
"""

from typing import NamedTuple

from msgspec import Raw

from chinwag.core import calls, modes, repeats
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.state import Draft, TopicState
from chinwag.wire import codec, ctrl
from chinwag.wire.messages import Data, Pub

_NULL = b"null"


class Post(NamedTuple):
    """What somebody wants to publish.

    `by` is the user of the session; where it is another one than the author it is named in the
    head.
    """

    author: str
    by: str
    pub: Pub
    at_ms: int
    files: tuple[str, ...] = ()
    digest: int | None = None


def decide(
    state: TopicState, kind: Kind, post: Post, *, seq: int, offers_calls: bool, busy: bool
) -> Draft:
    """The message number `seq` that `post` becomes, or Refused.

    `busy`: a call is going on. Source: specification 03, paragraphs 3.1 to 3.3.
    """
    if state.read_only:
        raise Refused(ctrl.PERMISSION_DENIED)
    pub = post.pub
    starts = calls.is_start(pub.head)
    if starts:
        calls.may_start(kind, offered=offers_calls, busy=busy)
    member = state.members.get(post.author)
    eff = 0 if member is None else member.eff
    if kind is not Kind.SYS and not eff & modes.W:
        raise Refused(ctrl.PERMISSION_DENIED)
    content = bytes(pub.content)
    return Draft(
        topic=state.name,
        seq=seq,
        sender=post.author,
        ts_ms=post.at_ms,
        head=_head(pub.head, post.author, post.by),
        content=None if content in (b"", _NULL) else content,
        marks=bool(eff & modes.R),
        files=post.files,
        call=seq if starts else None,
        digest=post.digest,
        once=repeats.is_once(pub),
        by=post.by,
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
    if draft.call is not None:
        state.call = draft.call
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
