"""One message, whoever wrote it: into the store, then to everybody.

Source: specification 03, paragraphs 3.4 to 3.7.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chinwag.core import ids, modes, publish
from chinwag.core.repeats import Shown
from chinwag.core.state import Draft, TopicState
from chinwag.engine import deliver
from chinwag.engine.deliver import Event, Volley
from chinwag.engine.ops import push
from chinwag.store import messages
from chinwag.store.db import StoreError, Unavailable

if TYPE_CHECKING:
    from chinwag.engine.request import Client
    from chinwag.engine.topic import Topic

    Shot = tuple[Draft, Client | None]  # a stored message, and the session that does not get it


async def store(topic: "Topic", drafts: list[Draft]) -> None:
    """Make consecutive messages durable. Raises StoreError."""
    db = topic.services.db
    try:
        await db.run(messages.append, drafts)
    except Unavailable as unknown:  # nobody knows whether it committed: ask, do not guess
        try:
            done = await db.run(messages.stored, drafts[-1])
        except StoreError:
            raise unknown from None
        if not done:
            raise
    finally:  # whether it is known to be stored or not: the feeds ask the store
        topic.hub.feeds.note(topic.name)
    for draft in drafts:
        topic.services.hooks.message(draft)


def volley(topic: "Topic", state: TopicState, shots: "Sequence[Shot]") -> Volley:
    """Stored messages for attached sessions, each but for the one that wants no echo."""
    said = [(publish.data(d, ids.view(topic.name, d.sender)), skip) for d, skip in shots]
    if shots:
        topic.newest = Shown(shots[-1][0].sender, topic.services.clock.now_ms())
    return Volley(topic, state, said)


def show(topic: "Topic", state: TopicState, drafts: list[Draft]) -> None:
    """Give stored messages to attached sessions."""
    volley(topic, state, [(draft, None) for draft in drafts]).give_all()


def tell(topic: "Topic", draft: Draft) -> None:
    """Tell those who are not attached that there is a message (E1), and everybody's devices."""
    news = Event(what="msg", seq=draft.seq, act=draft.sender)
    deliver.to_members(topic, news, need=modes.R, detached=True)
    push.message(topic, draft)
