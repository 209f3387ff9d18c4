"""Uploads and their rows."""

from pathlib import Path

from attic import put
from chinwag.store import opening
from chinwag.upkeep import inventory

LATE_S = 1e10


def _take(data: Path) -> inventory.Inventory:
    uploads = data / "uploads"
    return opening.look("", data, lambda tx: inventory.take(tx, uploads, before_s=LATE_S))


def test_what_belongs_together_is_sound(data: Path) -> None:
    none = inventory.Tally(0, ())
    assert _take(data) == inventory.Inventory(3, none, none, none)


def test_a_few_of_many_are_named(data: Path) -> None:
    for number in range(2500):
        put(data, f"stray{number:06}", b"")
    put(data, "fileNew1234.part", b"")  # on its way
    put(data, "fileNew1234", b"")  # has a row that does not say yet that it is whole
    found = _take(data)
    assert found.stray.total == 2500
    assert str(found.stray) == "2,500 (st/stray000000, st/stray000001, st/stray000002, …)"


def test_two_are_named_without_more() -> None:
    assert str(inventory.Tally(2, ("a", "b"))) == "2 (a, b)"
