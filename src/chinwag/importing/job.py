"""One import on its way: from where, to where, what has been found, how far it has come."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from chinwag.importing.cipher import Cipher
from chinwag.importing.report import Report, Unreadable
from chinwag.importing.rows import Row
from chinwag.importing.source import Source
from chinwag.importing.values import Clockwork
from chinwag.store.db import Db

R = TypeVar("R", bound=Row)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the server that takes over has to do with what it is given."""

    alias_ns: str = "alias"
    country: str = "US"
    every_account: bool = False  # deleted ones too, even where nothing is left of them


@dataclass(frozen=True, slots=True)
class Job:
    """What every step needs."""

    source: Source
    db: Db
    cipher: Cipher
    clock: Clockwork
    report: Report
    settings: Settings

    def each(
        self, table: str, rows: Iterable[R], convert: Callable[[R], T | None]
    ) -> list[tuple[R, T]]:
        """Each row with what `convert` makes of it; what is Unreadable is reported."""
        found: list[tuple[R, T]] = []
        for row in rows:
            try:
                made = convert(row)
            except Unreadable as error:
                self.report.unreadable(table, [(str(row.id), str(error))])
                continue
            if made is not None:
                found.append((row, made))
        return found

    def uid(self, number: int) -> str:
        """The user id of a number that must be somebody's. Raises Unreadable."""
        if number <= 0:
            raise Unreadable(f"{number} is the id of nobody")
        return self.cipher.uid(number)
