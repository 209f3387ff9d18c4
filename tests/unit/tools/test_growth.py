"""What grows is put into the database, and into the page."""

import sqlite3
from pathlib import Path

import growth
from chinwag.store import schema
from chinwag.store.sqlite import make_engine


def test_the_database_is_filled(tmp_path: Path) -> None:
    path = tmp_path / "chinwag.db"
    engine = make_engine(path)
    schema.metadata.create_all(engine)
    engine.dispose()
    growth.fill(path, 2 * growth.FOLDERS)
    tx = sqlite3.connect(path)
    assert tx.execute("SELECT count(*), count(DISTINCT topic) FROM messages").fetchone() == (
        2 * growth.FOLDERS,
        growth.FOLDERS,
    )
    tx.close()


def test_a_line_says_how_much_more_it_is_in_the_end() -> None:
    axis = growth.AXES["topics"]
    results = [{figure: value} for value in (2.0, 2.5, 3.0) for figure, _ in axis.figures]
    assert growth.rows(axis, results) == [
        "| Groups written to at once: 10 · 100 · 1,000 | CPU of a message, units "
        "| 2.00 | 2.50 | 3.00 | 1.50 |"
    ]


def test_the_table_takes_the_place_of_the_one_before() -> None:
    begin, end = growth.MARKS
    page = f"before\n{begin}\nold\n{end}\nafter\n"
    once = growth.placed(page, ["| new |"])
    assert "old" not in once
    assert once.startswith(f"before\n{begin}\n| What grows")
    assert once.endswith(f"| new |\n{end}\nafter\n")
    assert growth.placed(once, ["| new |"]) == once
