"""Differences between the two sides are found: each is planted once."""

import pytest
import sqlalchemy as sa

from chinwag.importing import verify
from chinwag.importing.cipher import Cipher
from chinwag.importing.job import Job, Settings
from chinwag.importing.report import CannotImport, Report
from chinwag.importing.source import open_source
from chinwag.importing.values import Clockwork
from chinwag.importing.verify import Count
from chinwag.store import imports, schema
from chinwag.store.db import Tx
from oddities import BOB, GROUP, PAIR
from removal import Imported
from tinode import CIPHER, uid

M, D = schema.messages, schema.deletions
LOST = sa.delete(M).where(M.c.topic == GROUP, M.c.seq == 1)
CHANGED = sa.update(M).where(M.c.topic == GROUP, M.c.seq == 2).values(content=b'"other"')
SHOWN = sa.delete(D).where(D.c.topic == PAIR, D.c.uid == uid(BOB))


async def differences(imported: Imported, planted: sa.Executable | None) -> list[str]:
    """What is found after something was changed; it is changed back."""
    before = await imported.db.read(_all)
    if planted is not None:
        await imported.db.run(lambda tx: tx.execute(planted))
    try:
        async with open_source(imported.old.database.url) as source:
            _, left = await imported.db.read(imports.progress)
            report = Report()
            report.left.update(left)
            await verify.compare(Job(source, imported.db, CIPHER, Clockwork(), report, Settings()))
            return report.wrong
    finally:
        await imported.db.run(_restore, before)


def _all(tx: Tx) -> dict[sa.Table, list[dict[str, object]]]:
    return {t: [dict(r._mapping) for r in tx.execute(sa.select(t))] for t in (M, D)}


def _restore(tx: Tx, rows: dict[sa.Table, list[dict[str, object]]]) -> None:
    for table, before in rows.items():
        tx.execute(sa.delete(table))
        tx.execute(sa.insert(table), before)


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        (None, []),
        (LOST, ["messages: 20 have arrived", f"{GROUP}: 4 messages up to 5, not 5 up to 5"]),
        (CHANGED, [f"{GROUP}: the message 2 is another"]),
        (SHOWN, [f"{PAIR}: {uid(BOB)} does not see the messages seen before"]),
    ],
)
async def test_differences_are_found(
    planted: sa.Executable | None, found: list[str], imported: Imported
) -> None:
    wrong = await differences(imported, planted)
    assert set(found) <= set(wrong)
    assert bool(found) == bool(wrong)


async def test_a_key_of_another_server_is_known_for_one(imported: Imported) -> None:
    async with open_source(imported.old.database.url) as source:
        await verify.check_key(source, CIPHER)
        with pytest.raises(CannotImport, match="does not fit"):
            await verify.check_key(source, Cipher(bytes(16)))


def test_counts_agree_if_everything_has_an_explanation() -> None:
    assert Count("users", 10, 2, 1, 9).agrees
    assert not Count("users", 10, 2, 1, 8).agrees
