"""A member that nobody has invited: the account as which a webhook posts."""

from typing import TYPE_CHECKING

from chinwag.core import membership, modes
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.membership import Change
from chinwag.core.modes import J, W
from chinwag.core.state import Member, TopicState
from chinwag.engine.ops import announce, subscription
from chinwag.wire import ctrl

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.topic import Topic


async def run(topic: "Topic", state: TopicState | None, request: "Request") -> None:
    """Let the account of a webhook write to a group and not read it. Raises Refused."""
    if state is None or topic.kind is not Kind.GRP:
        raise Refused(ctrl.TOPIC_NOT_FOUND)
    membership.check_room(state, topic.kind, topic.services.limits)
    member = Member(request.uid, J | W, J | W)
    change = Change(member, old_want=modes.UNSET, old_given=modes.UNSET, fresh=True)
    await subscription.store_new(topic, state, change)
    request.reply(ctrl.OK)
    announce.changed(topic, change, actor="", skip=None)
