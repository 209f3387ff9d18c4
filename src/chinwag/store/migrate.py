"""Numbered upgrades of the tables. A server refuses what it does not know.

Each step is a sentence and a function; it runs in the transaction that also notes the new number.
"""

import sqlalchemy as sa

from chinwag.store import schema
from chinwag.store.db import CannotOpen

_VERSION = sa.select(schema.meta.c.value).where(schema.meta.c.key == "schema_version")
_NOTE = sa.insert(schema.meta).values(key="schema_version", value=str(schema.VERSION))


def upgrade(tx: sa.Connection) -> None:
    """Bring the tables to this program's version. Raises CannotOpen."""
    found = version(tx)
    if found is None:
        schema.metadata.create_all(tx)
        tx.execute(_NOTE)
    elif found > schema.VERSION:
        raise CannotOpen(
            f"The database has schema version {found}, this program knows only "
            f"{schema.VERSION}: install the chinwag release that made it, or a newer one."
        )


def version(tx: sa.Connection) -> int | None:
    """The version of the tables; None: there are none yet. Raises CannotOpen."""
    names = set(sa.inspect(tx).get_table_names())
    if not names:
        return None
    if "meta" not in names:
        raise CannotOpen(
            "The database holds tables that are not chinwag's: choose another database or folder."
        )
    text = tx.execute(_VERSION).scalar()
    if text is None:
        raise CannotOpen(
            "The database was only half made: restore it from a backup, or move it away."
        )
    return int(text)
