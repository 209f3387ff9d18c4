"""Rows in bulk and the note of how far an import has come, on each database."""

import pytest
import sqlalchemy as sa

from chinwag.core.state import State
from chinwag.store import files, imports, messages, schema, search, users
from chinwag.store.db import Db, Tx
from chinwag.store.imports import Mark, Place
from rows import ALICE, BOB, CAROL, GROUP, NOW, PAIR, account, draft, post, topic

MARK = Mark("there", "users", 7)
SAID = {
    "topic": GROUP, "seq": 1, "sender": ALICE, "ts_ms": NOW, "head": None, "content": b'"a"',
    "erased": 0, "digest": None,
}  # fmt: skip


def _forget(tx: Tx) -> None:
    """Leave no note to the next test: the database is shared."""
    tx.execute(sa.delete(schema.meta).where(schema.meta.c.key.startswith("import")))


async def test_rows_and_note_come_together_and_once(db: Db) -> None:
    assert await db.read(imports.progress) == (None, {})
    assert not await db.read(imports.unfinished)
    await db.run(imports.put, {schema.messages: [SAID]}, MARK, {"users": 2})
    again = {**SAID, "content": b'"b"'}
    more = {**SAID, "seq": 2}
    await db.run(imports.put, {schema.messages: [again, more]}, MARK, {"users": 3})
    assert await db.read(imports.progress) == (MARK, {"users": 3})
    assert await db.read(imports.unfinished)
    assert await db.read(imports.message, GROUP, 1) == (GROUP, 1, ALICE, None, b'"a"')
    assert (await db.read(imports.counts))["messages"] == 2
    assert await db.read(imports.message, GROUP, 3) is None
    await db.run(imports.put, {}, Mark("there", "end", done=True), {})
    assert not await db.read(imports.unfinished)
    await db.run(_forget)


async def test_a_portion_that_cannot_be_stored_leaves_no_note(db: Db) -> None:
    with pytest.raises(sa.exc.SQLAlchemyError):
        await db.run(imports.put, {schema.messages: [{**SAID, "ts_ms": None}]}, MARK, {})
    assert await db.read(imports.progress) == (None, {})


async def test_whether_anybody_has_used_it(db: Db) -> None:
    assert await db.read(imports.is_empty)
    await account(db)
    assert not await db.read(imports.is_empty)


async def test_what_rows_have_to_know(db: Db) -> None:
    await account(db)
    await account(db, BOB)
    await db.run(users.set_state, BOB, State.SUSPENDED, NOW)
    await topic(db, GROUP, ALICE, BOB)
    await topic(db, PAIR, ALICE)
    await post(db, 3)
    found = await db.read(imports.places, [GROUP, "sys"])
    assert found == {GROUP: Place(3, 0, State.OK)}
    people = await db.read(imports.people, [ALICE, BOB, CAROL])
    assert people == {ALICE: State.OK, BOB: State.SUSPENDED}
    assert await db.read(imports.subscribed, [GROUP, PAIR], [ALICE, CAROL]) == {
        (GROUP, ALICE),
        (PAIR, ALICE),
    }
    await db.run(messages.erase, GROUP, [(2, 3)], del_id=1, younger_than_ms=None)
    assert await db.read(imports.live_seqs, GROUP, 1, 3) == [1]
    assert await db.read(imports.ends, [GROUP, PAIR]) == {GROUP: (2, 3)}


async def test_an_alias_stays_with_the_oldest(db: Db) -> None:
    """Source: specification 05, paragraph 5.3; DEFECT D-62."""
    for uid, age in ((ALICE, 2), (BOB, 1)):
        await account(db, uid, "alias:queen", "tag") if uid == ALICE else await account(db, uid)
        await db.run(users.update, uid, {"created_ms": NOW - age})
    await db.run(_tag, BOB, "alias:queen")
    await db.run(_tag, BOB, "alias:king")
    lost = await db.run(imports.settle_aliases, "alias")
    assert lost == [("alias:queen", ALICE, [BOB])]
    assert await db.run(imports.settle_aliases, "alias") == []  # it may run twice
    assert await db.read(search.bearer, "alias:queen") == ALICE
    assert await db.read(search.bearer, "alias:king") == BOB
    alice = await db.read(users.get, ALICE)
    assert alice is not None
    assert alice.tags == ["alias:queen", "tag"]
    rows = await db.read(lambda tx: tx.execute(sa.select(schema.aliases)).all())
    assert {tuple(row) for row in rows} == {("alias:queen", ALICE), ("alias:king", BOB)}


def _tag(tx: Tx, uid: str, tag: str) -> None:
    tx.execute(sa.insert(schema.tags), {"tag": tag, "holder": uid})


async def test_without_a_namespace_there_are_no_aliases(db: Db) -> None:
    await account(db, ALICE, "alias:queen")
    assert await db.run(imports.settle_aliases, "") == []
    rows = await db.read(lambda tx: tx.execute(sa.select(schema.aliases)).all())
    assert rows == []


async def test_links_to_nothing_go(db: Db) -> None:
    await account(db)
    await topic(db, GROUP, ALICE)
    await db.run(files.begin, "here", ALICE, "text/plain", NOW)
    await db.run(messages.append, [draft(1, files=("here",))])
    lost = {"fid": "lost", "holder": GROUP, "seq": 1}
    await db.run(imports.put, {schema.file_links: [lost]}, MARK, {})
    assert await db.read(imports.linked, ["here", "lost", "none"]) == {"here", "lost"}
    await db.run(imports.prune_links)
    assert await db.read(imports.linked, ["here", "lost"]) == {"here"}
    await db.run(_forget)


async def test_addresses_that_are_there(db: Db) -> None:
    row = {
        "uid": ALICE, "method": "tel", "value": "+1", "confirmed": "tel:+1", "active": True,
        "code": None, "code_until_ms": None, "failures": 0, "failed_ms": 0, "created_ms": NOW,
        "updated_ms": NOW,
    }  # fmt: skip
    waits = {**row, "value": "+2", "confirmed": None, "code": b"", "code_until_ms": 0}
    await db.run(imports.put, {schema.creds: [row, waits]}, MARK, {})
    assert await db.read(imports.confirmed, ["tel:+1", "tel:+2"]) == {"tel:+1": ALICE}
    held = await db.read(imports.held, [ALICE])
    assert held == {(ALICE, "tel", "+1"): False, (ALICE, "tel", "+2"): True}
    await db.run(imports.clear, schema.creds)
    assert await db.read(imports.held, [ALICE]) == {}
    await db.run(_forget)


async def test_log_in_names_that_are_taken(db: Db) -> None:
    row = {"scheme": "basic", "unique_text": "anna", "uid": ALICE, "level": 20, "secret": b"x"}
    await db.run(imports.put, {schema.auth: [{**row, "expires_ms": None}]}, MARK, {})
    assert await db.read(imports.logins, ["anna", "bob"]) == {"anna": ALICE}
    await db.run(_forget)
