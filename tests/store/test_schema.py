"""The tables, as every database has to take them."""

import pytest
import sqlalchemy as sa

from chinwag.store import schema
from chinwag.store.types import Name

TABLES = pytest.mark.parametrize("table", schema.metadata.sorted_tables, ids=lambda t: t.name)
MYSQL_KEY_MAX = 3072  # bytes of an index


def _size(column: "sa.Column[object]") -> int:
    return column.type.length * 4 if isinstance(column.type, Name) else 8


@TABLES
def test_every_table_has_a_key(table: sa.Table) -> None:
    assert list(table.primary_key)


@TABLES
def test_every_key_and_index_fits_into_mysql(table: sa.Table) -> None:
    unique = [c.columns for c in table.constraints if isinstance(c, sa.UniqueConstraint)]
    for columns in (table.primary_key.columns, *(i.columns for i in table.indexes), *unique):
        assert sum(_size(c) for c in columns) <= MYSQL_KEY_MAX


@TABLES
def test_tables_rely_on_no_foreign_keys(table: sa.Table) -> None:
    """TiDB ignored them for years: what belongs together is removed together in code."""
    assert not table.foreign_keys


@TABLES
def test_all_texts_are_compared_byte_by_byte(table: sa.Table) -> None:
    """D-15."""
    assert all(isinstance(c.type, Name) for c in table.columns if isinstance(c.type, sa.String))
    assert all(type(c.type) is not sa.String for c in table.columns)
