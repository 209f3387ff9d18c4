"""A topic has forgotten what it knew and is loaded again while sessions are attached to it.

The store may know of more than the topic had seen: it did not answer, but it was done. Whoever has
lost the right to be attached is thrown out, and what nobody was told is delivered.
"""

from typing import TYPE_CHECKING

from chinwag.core import ids
from chinwag.core.modes import J
from chinwag.core.state import Draft, Member, TopicState
from chinwag.engine.ops import attach, post
from chinwag.store import messages, subs

if TYPE_CHECKING:
    from chinwag.engine.topic import Attachment, Topic

_ANYBODY = ""


async def missed(topic: "Topic", state: TopicState | None) -> list[Draft]:
    """The messages that were stored unseen; attached readers of a channel are put into `state`."""
    if state is None:
        return []
    db = topic.services.db
    for uid in {a.uid: None for a in topic.attached.values() if a.reader}:
        reader = await db.read(subs.get, ids.chn_of(topic.name), uid)
        if reader is not None and uid not in state.members:
            reader.reader = True
            state.members[uid] = reader
    if state.seq <= topic.told:
        return []
    found = await db.read(messages.page, topic.name, _ANYBODY, since=topic.told + 1)
    return [Draft(topic.name, *message, marks=False) for message in reversed(found)]


def resume(topic: "Topic", missed: list[Draft]) -> None:
    """Go on with the state that has just been loaded."""
    state = topic.state
    if state is None:
        attach.evict_all(topic, told=True)
        return
    for attachment in topic.attached.values():
        member = state.members.get(attachment.uid)
        if member is not None and member.reader == attachment.reader:
            member.online += attachment.counted
    for attachment in list(topic.attached.values()):
        member = state.members.get(attachment.uid)
        if not _may_stay(member, attachment):
            banned = member is not None and not member.gone and member.reader == attachment.reader
            attach.evict(topic, attachment.uid, unsub=not banned)
    for draft in missed:
        post.tell(topic, draft)
    post.show(topic, state, missed)
    if missed:
        topic.hub.feeds.note(topic.name)


def _may_stay(member: Member | None, attachment: "Attachment") -> bool:
    """Whether a session of `member` may be attached as it is."""
    return member is not None and member.reader == attachment.reader and bool(member.eff & J)
