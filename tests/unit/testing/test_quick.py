"""What is learnt finds the same as SQLAlchemy does."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from chinwag.store.types import Name, UserId
from chinwag.testing import quick
from chinwag.testing.quick import QuickTx

META = sa.MetaData()
PETS = sa.Table(
    "pets",
    META,
    sa.Column("name", Name(8), primary_key=True),
    sa.Column("owner", UserId),
    sa.Column("legs", sa.Integer),
)
ANNE, BERT = "usrAAAAAAAAAAE", "usr__________8"  # the last one is stored as a negative number
PUT = sa.insert(PETS)
ALL = sa.select(PETS).order_by(PETS.c.name)
OF = ALL.where(PETS.c.owner.in_(sa.bindparam("owners", expanding=True)))
WITH = sa.select(PETS.c.name).where(PETS.c.legs > 2, PETS.c.owner == sa.bindparam("owner"))
MORE = sa.update(PETS).where(PETS.c.legs >= sa.bindparam("least")).values(legs=PETS.c.legs + 1)
TEXT = sa.text("SELECT count(*) FROM pets WHERE legs = :legs OR legs = :legs + 1")


@pytest.fixture
def tx() -> Iterator[QuickTx]:
    engine = sa.create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(":memory:", isolation_level=None)
    )
    made = QuickTx(engine)
    with made:
        META.create_all(made)
        quick._ways.clear()
        for name, owner, legs in (("rex", ANNE, 4), ("tweety", BERT, 2), ("tom ", BERT, 4)):
            made.execute(PUT, {"name": name, "owner": owner, "legs": legs})
        yield made
    quick._ways.clear()


def both(tx: QuickTx, statement: Any, **parameters: Any) -> Any:
    """The rows of `statement`, found in both ways."""
    slow = sa.Connection.execute(tx, statement, parameters).all()
    for _ in range(2):
        rows = tx.execute(statement, parameters).all()
        assert rows == slow
        assert [row._mapping for row in rows] == [row._mapping for row in slow]
    return [tuple(row) for row in slow]


def test_rows_are_found(tx: QuickTx) -> None:
    assert both(tx, ALL) == [("rex", ANNE, 4), ("tom\ufffd", BERT, 4), ("tweety", BERT, 2)]
    assert both(tx, WITH, owner=BERT) == [("tom\ufffd",)]
    assert both(tx, WITH, owner=ANNE) == [("rex",)]
    assert both(tx, TEXT, legs=2) == [(1,)]
    assert both(tx, TEXT, legs=4) == [(2,)]


def test_lists_of_any_length_are_taken(tx: QuickTx) -> None:
    assert len(both(tx, OF, owners=[ANNE, BERT])) == 3
    assert len(both(tx, OF, owners=[BERT])) == 2
    assert len(both(tx, OF, owners=(ANNE,))) == 1
    assert both(tx, OF, owners=[]) == []


def test_the_store_finds_what_it_uses(tx: QuickTx) -> None:
    for _ in range(2):
        assert tx.execute(WITH, {"owner": ANNE}).scalar() == "rex"
        assert tx.execute(WITH, {"owner": ANNE}).scalars().all() == ["rex"]
        assert tx.execute(OF, {"owners": [ANNE]}).one().legs == 4
        assert tx.execute(OF, {"owners": ["usrAAAAAAAAAAI"]}).one_or_none() is None


def test_changes_are_counted(tx: QuickTx) -> None:
    assert [tx.execute(MORE, {"least": least}).rowcount for least in (4, 3, 9)] == [2, 2, 0]
    assert [row.legs for row in tx.execute(ALL)] == [6, 6, 2]


def test_a_statement_is_learnt_once(tx: QuickTx) -> None:
    tx.execute(WITH, {"owner": ANNE})
    known = dict(quick._ways)
    for owner in (ANNE, BERT):
        tx.execute(WITH, {"owner": owner})
    assert quick._ways == known
    assert len(known) == 2  # with that of the fixture


def test_many_rows_at_once_are_left_to_sqlalchemy(tx: QuickTx) -> None:
    tx.execute(PUT, [{"name": n, "owner": ANNE, "legs": 8} for n in ("a", "b")])
    assert len(tx.execute(ALL).all()) == 5


def test_a_failure_is_told_as_usual(tx: QuickTx) -> None:
    with pytest.raises(exc.IntegrityError, match="UNIQUE"):
        tx.execute(PUT, {"name": "rex", "owner": ANNE, "legs": 3})
    assert len(tx.execute(ALL).all()) == 3


def test_a_transaction_begins_and_ends(tx: QuickTx) -> None:
    tx.execute(ALL)
    tx.commit()
    for _ in range(2):
        assert not tx.in_transaction()
        tx.execute(ALL)
        assert tx.in_transaction()
        tx.rollback()


def test_not_everything_is_kept(tx: QuickTx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "LEARNT_MAX", 3)
    for _ in range(10):
        tx.execute(sa.select(PETS.c.name))
    assert len(quick._ways) <= 3
