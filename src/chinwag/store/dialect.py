"""What differs between databases: the only place that asks which one it is."""

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite


def insert_new(tx: sa.Connection, table: sa.Table, rows: list[dict[str, object]]) -> None:
    """Insert those of `rows` whose keys are not there yet."""
    if not rows:
        return
    if tx.dialect.name in ("mysql", "mariadb"):
        tx.execute(mysql.insert(table).prefix_with("IGNORE"), rows)
    elif tx.dialect.name == "postgresql":
        tx.execute(postgresql.insert(table).on_conflict_do_nothing(), rows)
    else:
        tx.execute(sqlite.insert(table).on_conflict_do_nothing(), rows)
