"""Upgrades of the tables: style, section 7. Every version that was ever made is upgraded here."""

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from chinwag.core import ids
from chinwag.core.state import AuthRecord, Deletion, Level, State
from chinwag.store import auth, files, listing, messages, migrate, schema, search, topics, users
from chinwag.store.db import CannotOpen, Db, Tx
from chinwag.store.migrate import Step

pytestmark = pytest.mark.own_tables

FROZEN = Path(__file__).parent / "frozen"
ALICE, BOB = ids.uid_text(10), ids.uid_text((1 << 64) - 1)
PAIR, CHANNEL = ids.p2p_name(ALICE, BOB), "grpAAAAAAAAAAA"
_BYTES = re.compile(r"X'([0-9a-f]*)'")


def empty(tx: Tx) -> None:
    """Drop every table."""
    tables = sa.MetaData()
    tables.reflect(tx)
    tables.drop_all(tx)


def freeze(tx: Tx, product: str, version: int = 1) -> None:
    """Make the tables and rows of a former version."""
    empty(tx)
    for part in (product, "rows"):
        text = (FROZEN / f"v{version}-{part}.sql").read_text()
        if product == "postgres":
            text = _BYTES.sub(r"'\\x\1'", text)
        for statement in text.partition("\n")[2].split(";\n"):
            if statement.strip():
                tx.exec_driver_sql(statement)


def shape(tx: Tx) -> dict[str, Any]:
    """All tables as the database describes them."""
    inspector = sa.inspect(tx)
    return {
        name: (
            {
                c["name"]: (str(c["type"]), c["nullable"], c["default"])
                for c in inspector.get_columns(name)
            },
            inspector.get_pk_constraint(name)["constrained_columns"],
            sorted((str(i["name"]), i["column_names"]) for i in inspector.get_indexes(name)),
            sorted(u["column_names"] for u in inspector.get_unique_constraints(name)),
        )
        for name in inspector.get_table_names()
    }


def note(tx: Tx, key: str, value: str | None) -> None:
    """Write or remove a note about the tables."""
    tx.execute(sa.delete(schema.meta).where(schema.meta.c.key == key))
    if value is not None:
        tx.execute(sa.insert(schema.meta).values(key=key, value=value))


def _add_colour(tx: Tx) -> None:
    tx.exec_driver_sql("ALTER TABLE users ADD COLUMN colour INTEGER")
    tx.exec_driver_sql("UPDATE users SET colour = 7")


def _add_size(tx: Tx) -> None:
    tx.exec_driver_sql("ALTER TABLE users ADD COLUMN size INTEGER")


def _fail(tx: Tx) -> None:
    _add_size(tx)
    tx.exec_driver_sql("UPDATE nowhere SET size = 7")


NEXT = (*migrate.STEPS, Step("People have a colour.", _add_colour))
AFTER_NEXT = (*NEXT, Step("People have a size.", _add_size))


def test_steps_are_numbered_and_say_what_they_do() -> None:
    assert len(migrate.STEPS) + 1 == migrate.VERSION
    assert all(step.sentence.endswith(".") for step in migrate.STEPS)


async def test_the_first_version_becomes_just_what_is_made_today(db: Db, product: str) -> None:
    made = await db.run(shape)
    await db.run(freeze, product)
    await db.run(migrate.upgrade, migrate.STEPS)
    assert await db.run(migrate.version, migrate.VERSION) == migrate.VERSION
    assert await db.run(shape) == made


async def test_everything_of_the_first_version_is_there_after_the_upgrade(
    db: Db, product: str
) -> None:
    await db.run(freeze, product)
    await db.run(migrate.upgrade, migrate.STEPS)
    alice, bob = await db.run(users.get, ALICE), await db.run(users.get, BOB)
    assert alice is not None
    assert bob is not None
    assert (alice.public, alice.tags, alice.seen_ms) == (b'{"fn":"A"}', ["red"], 1_700_000_000_003)
    assert (bob.state, bob.public) == (State.SUSPENDED, None)
    secret = AuthRecord("basic", "alice", ALICE, Level.AUTH, b"\x00\xff")
    assert await db.run(auth.by_unique, "basic", "alice") == secret
    assert await db.run(search.bearer, "news") == CHANNEL
    pair = await db.run(topics.load, PAIR)
    assert pair is not None
    assert (pair.seq, pair.call) == (2, 2)
    assert (pair.members[BOB].gone, pair.members[ALICE].read) == (True, 2)
    channel = await db.run(topics.load, CHANNEL)
    assert channel is not None
    assert (channel.owner, channel.readers_count, channel.is_channel) == (ALICE, 1, True)
    found = await db.run(messages.page, PAIR, ALICE)
    assert found == [(2, BOB, 1_700_000_000_022, b"{}", b'"ok"')]
    assert await db.run(messages.deletions, PAIR, BOB) == Deletion([(1, 2)], 1)
    file = await db.run(files.find, "fileOne")
    assert file is not None
    assert file.size_bytes == 1 << 40
    contacts = await db.run(listing.of_user, ALICE, ims_ms=None, name=None, limit=9)
    assert {c.name for c in contacts} == {PAIR, CHANNEL}


async def test_upgrades_are_taken_in_order_and_once(db: Db, product: str) -> None:
    await db.run(freeze, product)
    await db.run(migrate.upgrade, NEXT)
    assert await db.run(migrate.version, len(NEXT) + 1) == len(NEXT) + 1
    await db.run(migrate.upgrade, AFTER_NEXT)
    await db.run(migrate.upgrade, AFTER_NEXT)
    assert await db.run(migrate.version, 99) == len(AFTER_NEXT) + 1
    columns = (await db.run(shape))["users"][0]
    assert {"colour", "size"} <= columns.keys()


async def test_a_new_database_is_made_at_the_newest_version(db: Db) -> None:
    await db.run(empty)
    assert await db.run(migrate.version, migrate.VERSION) is None
    await db.run(migrate.upgrade, migrate.STEPS)
    before = await db.run(shape)
    await db.run(migrate.upgrade, migrate.STEPS)
    assert await db.run(migrate.version, migrate.VERSION) == migrate.VERSION
    assert await db.run(shape) == before


async def test_a_newer_database_is_refused(db: Db) -> None:
    await db.run(migrate.upgrade, NEXT)
    before = await db.run(shape)
    with pytest.raises(CannotOpen, match=r"install the chinwag release that made it") as caught:
        await db.run(migrate.upgrade, migrate.STEPS)
    assert f"version {migrate.VERSION + 1}" in str(caught.value)
    assert await db.run(shape) == before


async def test_an_upgrade_that_fails_leaves_nothing_or_a_mark(db: Db, product: str) -> None:
    """Where changes of tables cannot be taken back, the next start must know."""
    failing = (*NEXT, Step("This one fails.", _fail))
    before = await db.run(shape)
    with pytest.raises(sa.exc.DBAPIError):
        await db.run(migrate.upgrade, failing)
    if product == "mysql":
        with pytest.raises(CannotOpen, match=r"was cut short: restore the backup"):
            await db.run(migrate.version, 99)
    else:
        assert await db.run(shape) == before
        assert await db.run(migrate.version, migrate.VERSION) == migrate.VERSION


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("upgrading", "2", "cut short: restore the backup that was made before it"),
        ("schema_version", None, "does not say of which version its tables are .*: restore"),
        ("schema_version", "six", "not chinwag's: choose another database"),
    ],
)
async def test_a_half_done_database_is_refused(
    db: Db, key: str, value: str | None, sentence: str
) -> None:
    await db.run(note, key, value)
    with pytest.raises(CannotOpen, match=sentence):
        await db.run(migrate.upgrade, migrate.STEPS)


@pytest.mark.parametrize("begun", [False, True], ids=["one table", "and a mark"])
async def test_tables_that_were_only_begun_may_be_thrown_away(db: Db, begun: bool) -> None:
    """As MySQL leaves them when it is killed at the first start: nothing is in them yet."""

    def begin(tx: Tx) -> None:
        empty(tx)
        schema.meta.create(tx)
        if begun:
            note(tx, "upgrading", "5")
            schema.users.create(tx)

    await db.run(begin)
    with pytest.raises(CannotOpen, match=r"half made: empty the database, for nothing is in it"):
        await db.run(migrate.upgrade, migrate.STEPS)


async def test_notes_of_another_program_are_no_reason_to_empty_its_database(db: Db) -> None:
    """A table of keys and values is nothing special."""

    def other(tx: Tx) -> None:
        empty(tx)
        schema.meta.create(tx)
        note(tx, "version", "3")
        tx.exec_driver_sql("CREATE TABLE precious (a INTEGER)").close()

    await db.run(other)
    with pytest.raises(CannotOpen, match="not chinwag's: choose another database"):
        await db.run(migrate.upgrade, migrate.STEPS)
    assert len(await db.run(shape)) == 2


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE other (a INTEGER)", "CREATE TABLE meta (a INTEGER)"],
    ids=["without our notes", "with notes of another program"],
)
async def test_the_tables_of_another_program_are_left_alone(db: Db, statement: str) -> None:
    await db.run(empty)
    await db.run(lambda tx: tx.exec_driver_sql(statement).close())
    with pytest.raises(CannotOpen, match="not chinwag's: choose another database"):
        await db.run(migrate.upgrade, migrate.STEPS)
    assert len(await db.run(shape)) == 1
