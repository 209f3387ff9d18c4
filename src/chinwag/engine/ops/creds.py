"""Credentials of the own account: listing, adding, confirming and deleting them.

No method is required for any level yet, so nothing is ever stored.
Source: specification 02, paragraphs 8.4, 9.4 and 11.5.
"""

from typing import TYPE_CHECKING, Final

from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.state import TopicState
from chinwag.wire import ctrl
from chinwag.wire.messages import Credential, Del

if TYPE_CHECKING:
    from chinwag.engine.ops.get import Question
    from chinwag.engine.request import Request
    from chinwag.engine.topic import Topic

METHODS: Final = frozenset({"email", "tel"})


async def show(question: "Question") -> None:
    """Serve {get what="cred"}."""
    if question.topic.kind is not Kind.ME:
        raise Refused(ctrl.NOT_ALLOWED)
    question.nothing("creds")


async def change(topic: "Topic", _state: TopicState, request: "Request", _part: Credential) -> None:
    """Serve {set cred}: on a server that requires no method it succeeds idly (QUIRK)."""
    if topic.kind is not Kind.ME:
        raise Refused(ctrl.NOT_ALLOWED)
    request.reply(ctrl.OK)


async def remove(topic: "Topic", _state: TopicState, request: "Request") -> None:
    """Serve {del what="cred"}."""
    packet = request.packet
    assert isinstance(packet, Del)
    if topic.kind is not Kind.ME:
        raise Refused(ctrl.PERMISSION_DENIED)
    cred = packet.cred or Credential()
    if cred.meth not in METHODS or not cred.val:
        raise Refused(ctrl.MALFORMED)
    raise Refused(ctrl.NO_ACTION)
