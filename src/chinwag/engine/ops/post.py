"""One message, whoever wrote it: into the store, then to everybody.

Source: specification 03, paragraphs 3.4 to 3.7.
"""

from typing import TYPE_CHECKING

from chinwag.core import modes, publish
from chinwag.core.state import Draft, TopicState
from chinwag.engine import deliver
from chinwag.engine.deliver import Event
from chinwag.store import messages
from chinwag.store.db import Unavailable

if TYPE_CHECKING:
    from chinwag.engine.request import Client
    from chinwag.engine.topic import Topic


async def store(topic: "Topic", drafts: list[Draft]) -> None:
    """Make consecutive messages durable. Raises StoreError."""
    db = topic.services.db
    try:
        await db.run(messages.append, drafts)
    except Unavailable:  # nobody knows whether it committed: ask, do not guess
        if not await db.run(messages.stored, drafts[-1]):
            raise


def show(
    topic: "Topic", state: TopicState, draft: Draft, *, named: str, skip: "Client | None" = None
) -> None:
    """Give a stored message to attached sessions, except `skip`.

    `named`: the topic as its author calls it.
    """
    message = publish.data(draft, topic.name if state.is_channel else named)
    deliver.data(topic, state, message, skip=skip)


def tell(topic: "Topic", draft: Draft) -> None:
    """Tell those who are not attached that there is a message (E1)."""
    news = Event(what="msg", seq=draft.seq, act=draft.sender)
    deliver.to_members(topic, news, need=modes.R, detached=True)
