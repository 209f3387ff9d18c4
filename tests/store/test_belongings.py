"""All that is kept of one person."""

import sqlalchemy as sa

from chinwag.core import ids, modes
from chinwag.core.state import Member
from chinwag.store import belongings, creds, files, messages, schema, subs, topics
from chinwag.store.creds import Pending
from chinwag.store.db import Db, Tx
from rows import ALICE, BOB, CAROL, CHANNEL, GROUP, NOW, PAIR, account, draft, password, post, topic


def _said(tx: Tx, uid: str) -> list[tuple[str, int, str]]:
    """Where, which number, and from whom as far as the person may know."""
    found = belongings.said(tx, uid, belongings.places(tx, uid))
    return [(s.topic, s.message.seq, "" if s.is_reader else s.message.sender) for s in found]


async def test_a_person_is_found_by_id_log_in_or_confirmed_address(db: Db) -> None:
    await account(db, ALICE, auth=password())
    await account(db, BOB)
    pending = Pending(ALICE, "email", "a@example.com", b"", NOW)
    await db.run(creds.request, pending, NOW)
    assert await db.read(belongings.find, ALICE) == ALICE
    assert await db.read(belongings.find, "Alice") == ALICE
    assert await db.read(belongings.find, "email:a@example.com") is None
    confirm = sa.update(schema.creds).values(confirmed="email:a@example.com")
    await db.run(lambda tx: tx.execute(confirm).close())
    assert await db.read(belongings.find, "email:a@example.com") == ALICE
    for nobody in ("", "bob", CAROL, "usr", "grpAAAAAAAAAAA"):
        assert await db.read(belongings.find, nobody) is None


async def test_two_people_of_one_name_are_nobody(db: Db) -> None:
    """Names of different schemes may be the same."""
    await account(db, ALICE, auth=password())
    other = password(BOB)
    other.scheme = "rest"
    await account(db, BOB, auth=other)
    assert await db.read(belongings.find, "alice") is None


async def test_what_can_be_read_is_theirs_and_what_they_wrote_elsewhere(db: Db) -> None:
    for uid in (ALICE, BOB, CAROL):
        await account(db, uid)
    await topic(db, GROUP, ALICE, BOB)
    await post(db, 205)
    await topic(db, PAIR, ALICE, BOB)
    await post(db, 2, PAIR)
    await db.run(messages.append, [draft(3, PAIR, BOB)])
    left = ids.grp_name(99)
    await topic(db, left, BOB, CAROL)
    await post(db, 2, left, CAROL)
    await db.run(messages.append, [draft(3, left, BOB)])
    await db.run(subs.remove, left, BOB, NOW)
    await db.run(messages.erase, GROUP, [(2, 4)], del_id=1, younger_than_ms=None)
    await db.run(messages.hide, GROUP, BOB, [(5, 6)], del_id=2)
    numbers = [n for n in range(1, 206) if n not in (2, 3, 5)]
    assert await db.read(_said, BOB) == [
        *((GROUP, n, ALICE) for n in numbers),
        (PAIR, 1, ALICE),
        (PAIR, 2, ALICE),
        (PAIR, 3, BOB),
        (left, 3, BOB),
    ]
    assert await db.read(_said, ids.uid_text(4)) == []


async def test_who_may_not_read_gets_their_own_only(db: Db) -> None:
    await account(db, ALICE)
    await account(db, BOB)
    await topic(db, GROUP, ALICE, BOB)
    await post(db, 2)
    await db.run(messages.append, [draft(3, GROUP, BOB)])
    write = sa.update(schema.subs).where(schema.subs.c.uid == BOB).values(given=modes.J | modes.W)
    await db.run(lambda tx: tx.execute(write).close())
    assert await db.read(_said, BOB) == [(GROUP, 3, BOB)]
    await db.run(topics.delete, GROUP, hard=False, now_ms=NOW)
    assert [n for _, n, _ in await db.read(_said, ALICE)] == [1, 2]  # of a group that is gone


async def test_readers_of_a_channel_do_not_learn_who_wrote(db: Db) -> None:
    await account(db, ALICE)
    await account(db, CAROL)
    await topic(db, CHANNEL, ALICE, channel=True)
    await post(db, 2, CHANNEL)
    reader = Member(CAROL, modes.READER, modes.READER)
    await db.run(subs.put, ids.chn_of(CHANNEL), reader, NOW)
    assert await db.read(_said, CAROL) == [(CHANNEL, 1, ""), (CHANNEL, 2, "")]


async def test_secrets_are_not_among_it(db: Db) -> None:
    await account(db, ALICE, auth=password())
    await db.run(creds.request, Pending(ALICE, "email", "a@b.c", b"digest", NOW), NOW)
    (log_in,) = await db.read(belongings.log_ins, ALICE)
    assert "secret" not in log_in._fields
    (address,) = await db.read(belongings.addresses, ALICE)
    assert "code" not in address._fields
    assert (address.value, address.confirmed) == ("a@b.c", None)


async def test_files_are_those_they_uploaded_whole(db: Db) -> None:
    await account(db, ALICE)
    for fid, uid in (("fileOne1234", ALICE), ("fileTwo1234", ALICE), ("fileBob1234", BOB)):
        await db.run(files.begin, fid, uid, "text/plain", NOW)
        if fid != "fileTwo1234":
            done = {"etag": "e", "location": "l"}
            await db.run(files.finish, fid, size=1, now_ms=NOW, **done)
    assert [row.fid for row in await db.read(belongings.uploads, ALICE)] == ["fileOne1234"]
    assert await db.read(belongings.devices, ALICE) == []
    assert (await db.read(belongings.profile, ALICE)).uid == ALICE
