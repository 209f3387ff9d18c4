"""The command as a whole: what it refuses, how it goes on after an interruption, dry runs."""

import base64
from pathlib import Path

import pytest
import sqlalchemy as sa

from chinwag.app import open_database
from chinwag.config import CannotStart, Config
from chinwag.importing.command import Order
from chinwag.store import imports, schema, topics
from chinwag.store.db import Tx
from databases import ESCAPED, Start
from oddities import ALICE, GROUP
from removal import Imported, Old, run
from tinode import KEY, Tinode, own_subs, said, topic, user

OTHER_KEY = base64.b64encode(bytes(16)).decode()


async def refusal(order: Order) -> str:
    """Why nothing is done."""
    with pytest.raises(CannotStart) as caught:
        await run(order)
    told = str(caught.value)
    assert ESCAPED not in told
    assert told.endswith(".")
    return told


async def test_what_is_asked_for_must_make_sense(old: Old, tmp_path: Path) -> None:
    order, port = old.order, old.database.server.port
    cases = {
        "uid_key": Order(old.database.url, "short", tmp_path),
        "does not fit the database": Order(old.database.url, OTHER_KEY, tmp_path),
        "mysql:// or postgresql://": Order("sqlite:///x.db", KEY, tmp_path),
        "address of the database": Order("nonsense", KEY, tmp_path),
        "no folder": order(tmp_path, files=tmp_path / "none"),
        "no time zone": order(tmp_path, time_zone="Europe/Nowhere"),
        "refuses the user": Order(old.database.url.replace(ESCAPED, "x"), KEY, tmp_path),
        "is not there": Order(old.database.url + "99", KEY, tmp_path),
        "does not answer": Order(
            old.database.url.replace(f":{port}/", ":1/"), KEY, tmp_path
        ),
    }  # fmt: skip
    for why, asked in cases.items():
        assert why in await refusal(asked)
    assert list(tmp_path.iterdir()) == []


async def test_the_database_must_be_tinodes(hosted: str, servers: Start, tmp_path: Path) -> None:
    server = servers(hosted)
    url = server.new_database()
    assert "no table kvmeta" in await refusal(Order(url, KEY, tmp_path))
    old = Tinode(server)
    old.execute("UPDATE kvmeta SET value = '110'")
    assert "schema version 110" in await refusal(Order(old.url, KEY, tmp_path))
    old.execute("UPDATE kvmeta SET value = '118'")
    assert "schema version 118" in await refusal(Order(old.url, KEY, tmp_path))
    old.execute("DELETE FROM kvmeta")
    assert "not one of a Tinode server" in await refusal(Order(old.url, KEY, tmp_path))
    old.execute("INSERT INTO kvmeta ({key}, value) VALUES ('version', '116'); DROP TABLE devices;")
    assert "no table devices" in await refusal(Order(old.url, KEY, tmp_path))


async def test_a_cut_short_import_goes_on(old: Old, tmp_path: Path) -> None:
    """Meanwhile no server starts; when it is complete nothing is done again."""
    data = tmp_path / "data"
    first = await refusal(old.order(data, skip=False))
    assert "The row 0 of users cannot be read" in first
    with pytest.raises(CannotStart, match="was cut short"):
        await open_database(Config(), data)
    agrees, told = await run(old.order(data))
    assert agrees, told
    assert "Going on where the import has stopped: with users" in told
    assert "is complete" in await refusal(old.order(data))
    await (await open_database(Config(), data)).close()


async def test_it_goes_on_in_the_middle_of_a_table(
    hosted: str, servers: Start, tmp_path: Path
) -> None:
    """What was there is not counted or stored twice, and what was left out is remembered."""
    old = Tinode(servers(hosted))
    old.insert("users", [user(ALICE, "alice"), user(1, "one", access="[]")])
    old.insert("subscriptions", own_subs(ALICE))
    old.insert("topics", [topic(GROUP)])
    old.insert("messages", [said(GROUP, n, ALICE, f"m{n}") for n in range(1, 1001)])
    old.execute(f"UPDATE messages SET seqid = 0 WHERE seqid = 700 AND topic = '{GROUP}'")
    order = Order(old.url, KEY, tmp_path / "data", skip=True)

    def cut_short(tx: Tx) -> None:
        mark, _ = imports.progress(tx)
        assert mark is not None
        imports.put(tx, {}, imports.Mark(mark.source, "messages", after=600), {"users": 1})
        tx.execute(sa.delete(schema.messages).where(schema.messages.c.seq > 600))

    assert (await run(order))[0]
    db = await open_database(Config(), order.data)
    await db.run(cut_short)
    await db.close()
    agrees, told = await run(order)
    assert agrees, told
    assert "with messages" in told
    assert "messages       [####################]       1,000 of       1,000" in told
    assert "users                     2         1       0           1" in told
    assert "messages              1,000         1       0         999" in told
    assert "is complete" in await refusal(order)


async def test_it_never_goes_on_from_elsewhere(old: Old, tmp_path: Path) -> None:
    data = tmp_path / "data"
    await refusal(old.order(data, skip=False))
    there = Order(old.database.url.replace("127.0.0.1", "localhost"), KEY, data, skip=True)
    assert "from another address" in await refusal(there)


async def test_only_an_empty_database_is_filled(old: Old, tmp_path: Path) -> None:
    db = await open_database(Config(), tmp_path)
    await db.run(topics.ensure_sys, 1)
    assert "in use by another chinwag" in await refusal(old.order(tmp_path))
    await db.run(lambda tx: tx.execute(sa.insert(schema.users), _somebody()))
    await db.close()
    assert "accounts in the database already" in await refusal(old.order(tmp_path))


def _somebody() -> dict[str, object]:
    numbers = dict.fromkeys(("created_ms", "updated_ms", "state", "auth", "anon"), 0)
    return {"uid": "usrElFc2oqZVIY", "tags": b"[]", **numbers}


async def test_a_dry_run_keeps_nothing(old: Old, tmp_path: Path) -> None:
    agrees, told = await run(old.order(tmp_path / "data", dry_run=True))
    assert agrees, told
    assert "nothing has been kept" in told
    assert list(tmp_path.iterdir()) == []


async def test_deleted_accounts_come_too_if_asked_for(old: Old, tmp_path: Path) -> None:
    agrees, told = await run(old.order(tmp_path, dry_run=True, every_account=True))
    assert agrees, told
    assert "left out, deleted" not in told


@pytest.mark.parametrize("version", [112, 113, 114, 117])
async def test_other_versions(version: int, hosted: str, servers: Start, tmp_path: Path) -> None:
    """Columns that a version lacks have their defaults."""
    old = Tinode(servers(hosted), version)
    old.insert("users", [user(ALICE, "alice")])
    old.insert("subscriptions", own_subs(ALICE))
    old.insert("topics", [topic(GROUP)])
    message = said(GROUP, 1, ALICE, "hello")
    if version == 117:
        del message["updatedat"]
        row = {"topic": GROUP, "mrrid": 1, "seqid": 1, "userid": ALICE, "content": "+1"}
        old.insert("reactions", [{**row, "createdat": message["createdat"]}])
    old.insert("messages", [message])
    agrees, told = await run(Order(old.url, KEY, tmp_path, dry_run=True))
    assert agrees, told
    assert ("Reactions are not carried over: 1" in told) == (version == 117)


async def test_every_database_can_take_it(
    product: str, old: Old, servers: Start, tmp_path: Path
) -> None:
    config = Config()
    if product != "sqlite":
        config.database.url = servers(product).new_database()
    agrees, told = await run(old.order(tmp_path), config)
    assert agrees, told


async def test_the_report_tells_of_both_sides(imported: Imported) -> None:
    assert "users                    11         4       0           7" in imported.told
    assert "DIFFERS" not in imported.told
