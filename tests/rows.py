"""Rows for tests of the store: people, groups, conversations and messages."""

from typing import Any

from chinwag.core import ids, modes
from chinwag.core.state import AuthRecord, Draft, Level, Member, TopicState, User
from chinwag.store import messages, topics, users
from chinwag.store.db import Db

NOW = 1_767_600_000_000
ALICE, BOB, CAROL = (ids.uid_text(n) for n in (0xA11CE, 0xB0B, 0xFFFFFFFF_FFFFFFFF))
GROUP, CHANNEL = ids.grp_name(7), ids.grp_name(8)
PAIR = ids.p2p_name(ALICE, BOB)


def person(uid: str = ALICE, *tags: str) -> User:
    """An account that is not stored yet."""
    return User(uid, NOW, NOW, auth=modes.PUBLIC, public=b'{"fn":"A"}', tags=list(tags))


async def account(db: Db, uid: str = ALICE, *tags: str, auth: AuthRecord | None = None) -> User:
    """A stored account."""
    user = person(uid, *tags)
    await db.run(users.create, user, private=b'"mine"', auth=auth, now_ms=NOW, alias_ns="alias")
    return user


def password(uid: str = ALICE, login: str = "alice") -> AuthRecord:
    """The secret of an account."""
    return AuthRecord("basic", login, uid, Level.AUTH, b"\x00\xffhash")


async def topic(
    db: Db, name: str = GROUP, *uids: str, owner: str | None = None, channel: bool = False
) -> TopicState:
    """A stored topic with the members `uids`."""
    state = TopicState(name, NOW, NOW, NOW, owner=owner, is_channel=channel, public=b'{"fn":"G"}')
    for uid in uids:
        state.members[uid] = Member(uid, modes.FULL, modes.PUBLIC, private=b'"p"')
    await db.run(topics.create, state)
    return state


def draft(seq: int, topic: str = GROUP, sender: str = ALICE, **other: Any) -> Draft:
    """A message that is not stored yet."""
    fresh = Draft(topic, seq, sender, NOW + seq, None, f'"message {seq}"'.encode(), marks=True)
    changed: Draft = fresh._replace(**other)
    return changed


async def post(db: Db, count: int, topic: str = GROUP, sender: str = ALICE) -> None:
    """Store the first `count` messages of a topic."""
    await db.run(messages.append, [draft(n, topic, sender) for n in range(1, count + 1)])


async def seqs(db: Db, uid: str = ALICE, topic: str = GROUP) -> list[int]:
    """The numbers of the messages that `uid` can see, newest first."""
    return [m.seq for m in await db.read(messages.page, topic, uid)]
