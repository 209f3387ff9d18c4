"""Records of uploaded files: specification 04, paragraph 8."""

import sqlalchemy as sa

from chinwag.core import ids
from chinwag.core.state import Member, TopicState
from chinwag.store import files, messages, schema, subs, topics
from chinwag.store.db import Db, Tx
from rows import ALICE, BOB, CAROL, GROUP, NOW, PAIR, account, draft, topic


async def _upload(db: Db, *fids: str, uid: str | None = ALICE) -> None:
    for fid in fids:
        await db.run(files.begin, fid, uid, "image/png", NOW)
        await db.run(files.finish, fid, size=1 << 40, etag="e", location="x/" + fid, now_ms=NOW + 1)


async def _unused(db: Db) -> list[str]:
    return sorted(fid for fid, _ in await db.read(files.unused, NOW + 2, 100))


async def test_a_file_is_found_once_all_its_bytes_are_safe(db: Db) -> None:
    await db.run(files.begin, "one", ALICE, "image/png", NOW)
    assert await db.read(files.find, "one") is None
    await db.run(files.finish, "one", size=1 << 40, etag="e", location="x/one", now_ms=NOW + 1)
    assert await db.read(files.find, "one") == files.File(
        "one", ALICE, "image/png", 1 << 40, "e", "x/one", NOW + 1, True
    )


async def test_a_file_without_an_uploader_can_be_read(db: Db) -> None:
    """D-13."""
    await _upload(db, "logo", uid=None)
    found = await db.read(files.find, "logo")
    assert found is not None
    assert found.uid is None


async def test_a_long_media_type_is_cut(db: Db) -> None:
    await db.run(files.begin, "one", ALICE, "x" * 300, NOW)
    await db.run(files.finish, "one", size=0, etag="", location="", now_ms=NOW)
    found = await db.read(files.find, "one")
    assert found is not None
    assert found.mime == "x" * 255


async def test_a_message_keeps_its_files_and_unknown_ones_are_passed_over(db: Db) -> None:
    """D-04: a file that nobody knows must not spoil the message."""
    await _upload(db, "one", "two", "three")
    await db.run(files.link, GROUP, 5, ("one", "two", "one", "never", "bad\0"), {ALICE})
    assert await _unused(db) == ["three"]
    await db.run(files.link, GROUP, 6, ("two",), {ALICE})
    await db.run(files.unlink_messages, GROUP, [(5, 6)])
    assert await _unused(db) == ["one", "three"]


async def test_a_topic_that_ends_keeps_nothing(db: Db) -> None:
    await _upload(db, "one", "two")
    await db.run(files.link, GROUP, 5, ("one",), {ALICE})
    await db.run(files.link, "grpOther", 5, ("two",), {ALICE})
    await db.run(files.unlink, GROUP)
    assert await _unused(db) == ["one"]


async def test_a_picture_outlives_its_uploader_as_owner(db: Db) -> None:
    """A new owner gave the group another name, and its picture was gone."""
    await _upload(db, "old")
    await db.run(files.link_picture, GROUP, ("old",), {ALICE})
    await db.run(files.link_picture, GROUP, ("old",), {BOB})
    assert await db.read(files.is_picture, "old")
    assert await _unused(db) == []


async def test_a_picture_takes_the_place_of_the_earlier_one(db: Db) -> None:
    await _upload(db, "old", "new", "sent")
    await db.run(files.link, GROUP, 1, ("sent",), {ALICE})
    await db.run(files.link_picture, GROUP, ("old",), {ALICE})
    assert await db.read(files.is_picture, "old")
    await db.run(files.link_picture, GROUP, ("new", "sent"), {ALICE})
    assert await db.read(files.is_picture, "new")
    assert not await db.read(files.is_picture, "old")
    assert not await db.read(files.is_picture, "sent")
    assert await _unused(db) == ["old"]
    await db.run(files.link_picture, GROUP, (), {ALICE})
    assert not await db.read(files.is_picture, "new")
    assert await _unused(db) == ["new", "old"]


async def test_what_is_still_young_is_not_unused_yet(db: Db) -> None:
    await _upload(db, "one")
    assert await db.read(files.unused, NOW + 1, 100) == []
    assert await db.read(files.unused, NOW + 2, 100) == [("one", "x/one")]


async def test_unused_files_come_in_portions(db: Db) -> None:
    await _upload(db, "one", "two", "three")
    assert len(await db.read(files.unused, NOW + 2, 2)) == 2


async def test_a_forgotten_file_leaves_no_links(db: Db) -> None:
    await _upload(db, "one")
    await db.run(files.link, GROUP, 1, ("one",), {ALICE})
    await db.run(files.remove, "one")
    assert await db.read(files.find, "one") is None
    await _upload(db, "one")
    assert await _unused(db) == ["one"]


async def test_messages_and_topics_link_what_comes_with_them(db: Db) -> None:
    await account(db)
    await _upload(db, "photo", "face", "more")
    await topic(db, GROUP, ALICE)
    await db.run(
        topics.create, TopicState("grpNew", NOW, NOW, NOW, owner=ALICE), pictures=("face",)
    )
    await db.run(messages.append, [draft(1, files=("photo", "gone"))])
    assert await _unused(db) == ["more"]


async def _linked(db: Db, holder: str, fid: str, *uids: str) -> bool:
    """Whether somebody can give away a file to `holder`."""
    await db.run(files.link, holder, 9, (fid,), uids)
    return await db.read(lambda tx: fid in _holders(tx, holder))


def _holders(tx: Tx, holder: str) -> set[str]:
    links = schema.file_links
    return set(tx.execute(sa.select(links.c.fid).where(links.c.holder == holder)).scalars())


async def test_only_what_one_has_can_be_given_away(db: Db) -> None:
    """D-75: anybody could link, and so keep or publish, any file."""
    await account(db, ALICE)
    await account(db, BOB)
    await topic(db, GROUP, ALICE, BOB)
    await _upload(db, "mine", "theirs")
    assert await _linked(db, PAIR, "mine", ALICE)
    assert not await _linked(db, PAIR, "theirs", BOB)
    assert await _linked(db, PAIR, "theirs", BOB, ALICE)  # an administrator acts for somebody


async def test_what_was_sent_to_one_can_be_forwarded(db: Db) -> None:
    await account(db, ALICE)
    await account(db, BOB)
    await topic(db, GROUP, ALICE, BOB)
    await _upload(db, "sent")
    await db.run(files.link, GROUP, 1, ("sent",), {ALICE})
    assert await _linked(db, "p2pX", "sent", BOB)
    assert not await _linked(db, "p2pY", "sent", CAROL)


async def test_a_reader_of_a_channel_forwards_what_stands_there(db: Db) -> None:
    await account(db, BOB)
    await topic(db, GROUP, ALICE, channel=True)
    await db.run(subs.put, ids.chn_of(GROUP), Member(BOB, 7, 7), NOW)
    await _upload(db, "sent")
    await db.run(files.link, GROUP, 1, ("sent",), {ALICE})
    assert await _linked(db, "p2pX", "sent", BOB)


async def test_pictures_and_files_of_nobody_are_for_everybody(db: Db) -> None:
    """Who registers uploads the picture before having an account."""
    await _upload(db, "face")
    await db.run(files.link_picture, ALICE, ("face",), {ALICE})
    await _upload(db, "new", uid=None)
    assert await _linked(db, "p2pX", "face", BOB)
    assert await _linked(db, "p2pX", "new", BOB)


async def test_a_file_in_use_is_not_forgotten(db: Db) -> None:
    """D-74: what was linked between search and deletion was lost."""
    await _upload(db, "one", "two")
    assert await _unused(db) == ["one", "two"]
    await db.run(files.link, GROUP, 1, ("one",), {ALICE})
    assert not await db.run(files.forget_unused, "one", NOW + 2)
    assert not await db.run(files.forget_unused, "two", NOW)
    assert await db.run(files.forget_unused, "two", NOW + 2)
    assert await db.read(files.known, ["one", "two"]) == {"one"}


async def test_a_long_upload_is_in_use(db: Db) -> None:
    await db.run(files.begin, "one", ALICE, "image/png", NOW)
    await db.run(files.touch, "one", NOW + 5)
    assert await _unused(db) == []


async def test_an_uploader_who_is_known_late(db: Db) -> None:
    await _upload(db, "one", uid=None)
    await db.run(files.own, "one", BOB)
    found = await db.read(files.find, "one")
    assert found is not None
    assert found.uid == BOB


async def test_what_is_a_picture_is_the_same_on_all_databases(db: Db) -> None:
    """Types are compared without regard to case; LIKE folded letters on SQLite only."""
    await account(db)
    for fid, mime in (("one", "image/png"), ("two", "IMAGE/PNG"), ("three", "text/image/")):
        await db.run(files.begin, fid, ALICE, mime, NOW)
        await db.run(files.link_picture, ALICE, (fid,), {ALICE})
        assert await db.read(files.is_picture, fid) is (fid != "three")
