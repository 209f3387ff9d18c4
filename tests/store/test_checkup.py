"""What can be said of each database by reading it."""

import pytest
import sqlalchemy as sa

from chinwag.store import checkup, migrate, schema, users
from chinwag.store.db import CannotOpen, Db, Tx
from databases import Server, Start
from rows import ALICE, BOB, GROUP, NOW, account, post, topic

LIKE = {"sqlite": "SQLite 3.", "postgres": "PostgreSQL 1", "mysql": "MariaDB 1"}


async def test_facts(db: Db, product: str) -> None:
    await account(db, ALICE)
    await account(db, BOB)
    await topic(db, GROUP, ALICE)
    await post(db, 5)
    facts = await db.read(checkup.facts)
    assert facts.product.startswith(LIKE[product])
    assert facts[1:] == (False, migrate.VERSION, 2, 5)
    assert await db.read(checkup.damage) == []


async def test_the_newest_row_is_the_last_message_or_the_last_person_seen(db: Db) -> None:
    assert await db.read(checkup.newest_ms) == 0
    await account(db, ALICE)
    assert await db.read(checkup.newest_ms) == NOW
    await topic(db, GROUP, ALICE)
    await post(db, 5)
    assert await db.read(checkup.newest_ms) == NOW + 5
    await db.run(users.seen, ALICE, NOW + 99, "ua")
    assert await db.read(checkup.newest_ms) == NOW + 99


async def test_messages_beyond_the_end_are_damage(db: Db) -> None:
    """Nobody could post there any more."""
    await topic(db, GROUP, ALICE)
    await post(db, 5)
    await db.run(lambda tx: tx.execute(sa.update(schema.topics).values(seq=4)).close())
    assert await db.read(checkup.damage) == [
        f"the topic {GROUP} has messages beyond its newest number"
    ]


def _mark(tx: Tx) -> None:
    tx.execute(sa.insert(schema.meta).values(key="upgrading", value="9"))


@pytest.mark.own_tables
async def test_half_an_upgrade_is_refused(db: Db) -> None:
    await db.run(_mark)
    with pytest.raises(CannotOpen, match="was cut short"):
        await db.read(checkup.facts)


async def test_a_server_that_can_only_be_read_is_known(
    db: Db, product: str, servers: Start
) -> None:
    if product == "sqlite":
        pytest.skip("the permissions of a file are not asked of the database")
    server: Server = servers(product)
    turn = {
        "mysql": "SET GLOBAL read_only = {}",
        "postgres": "ALTER ROLE chinwag SET default_transaction_read_only = {}",
    }[product]
    server.execute(turn.format("on"))
    try:
        if product == "postgres":
            server.cut_off(
                str(
                    await db.read(
                        lambda tx: tx.execute(sa.text("SELECT current_database()")).scalar()
                    )
                )
            )
        assert (await db.read(checkup.facts)).read_only
    finally:
        if product == "postgres":  # nothing stays behind: other tests set it for their database
            undo = "SET default_transaction_read_only = off; "
            server.execute(undo + "ALTER ROLE chinwag RESET default_transaction_read_only")
        else:
            server.execute(turn.format("off"))
    await db.close()
