"""Each upgrade of the tables; where all of them together lead to is checked in test_migrate."""

import sqlalchemy as sa

from chinwag.store import upgrades
from chinwag.store.db import Db, Tx


def _columns(tx: Tx) -> set[str]:
    return {column["name"] for column in sa.inspect(tx).get_columns("users")}


def _go_back(tx: Tx) -> None:
    for statement in (
        "DROP TABLE creds",
        "DROP TABLE codes",
        "ALTER TABLE users DROP COLUMN secret_changed_s",
    ):
        tx.exec_driver_sql(statement)


async def test_version_3_adds_addresses_and_codes(db: Db) -> None:
    await db.run(_go_back)
    assert "secret_changed_s" not in await db.read(_columns)
    await db.run(upgrades.addresses)
    assert "secret_changed_s" in await db.read(_columns)
    assert {"creds", "codes"} <= set(await db.read(lambda tx: sa.inspect(tx).get_table_names()))


async def test_version_4_adds_pushes(db: Db) -> None:
    await db.run(lambda tx: [tx.exec_driver_sql(f"DROP TABLE {t}") for t in ("pushes", "pushed")])
    await db.run(upgrades.pushes)
    assert {"pushes", "pushed"} <= set(await db.read(lambda tx: sa.inspect(tx).get_table_names()))


async def test_version_5_adds_tokens_of_bots_and_hooks(db: Db) -> None:
    added = {"bot_tokens", "hooks_in", "hooks_out", "hook_marks"}
    await db.run(lambda tx: [tx.exec_driver_sql(f"DROP TABLE {t}") for t in sorted(added)])
    await db.run(upgrades.hooks)
    assert added <= set(await db.read(lambda tx: sa.inspect(tx).get_table_names()))
