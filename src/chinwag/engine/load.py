"""The state of a topic, from the store.

Source: specification 02, paragraph 4.2.
"""

from collections.abc import Mapping

from chinwag.core import ids, modes
from chinwag.core.ids import Kind
from chinwag.core.state import State, TopicState
from chinwag.engine.marks import Unsaved
from chinwag.store import subs, topics, users
from chinwag.store.db import Db


async def state(db: Db, name: str, kind: Kind) -> TopicState | None:
    """The state of the topic `name` with its members; None: there is no such topic or user."""
    if kind in (Kind.ME, Kind.FND):
        return await _own(db, name, kind)
    if kind is Kind.NOWHERE:
        return None
    return await db.read(topics.load, name)


async def _own(db: Db, name: str, kind: Kind) -> TopicState | None:
    """`me` and `fnd` are made of the user record and one subscription."""
    user = await db.read(users.get, ids.owner_uid(name))
    if user is None:
        return None
    member = await db.read(subs.get, name, user.uid)
    found = TopicState(
        name=name,
        created_ms=user.created_ms,
        updated_ms=user.updated_ms,
        touched_ms=user.updated_ms,
        read_only=user.state is State.SUSPENDED,
    )
    if kind is Kind.ME:
        found.auth, found.anon, found.tags = user.auth, user.anon, user.tags
        found.public, found.trusted = user.public, user.trusted
    else:
        found.auth = found.anon = modes.NONE
    if member is not None:
        found.members[user.uid] = member
    return found


def put_in(state: TopicState | None, unsaved: Mapping[str, Unsaved]) -> None:
    """Let the members of `state` know numbers that the store does not know yet."""
    for uid, numbers in unsaved.items():
        member = None if state is None else state.members.get(uid)
        if member is not None:
            numbers.put_into(member)
