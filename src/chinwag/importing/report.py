"""What an import has found: why it cannot go on, which rows were left out or mended."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

EXAMPLES_MAX: Final = 20  # of one kind that are told of; all are counted


class CannotImport(Exception):
    """The import cannot be done, or not go on; the message says why and what to do."""


class Unreadable(ValueError):
    """A row that cannot be carried over; the message says why."""


@dataclass(slots=True)
class Report:
    """What has been found so far."""

    stops: bool = True  # at the first row that cannot be read
    left: Counter[str] = field(
        default_factory=Counter
    )  # rows that are not carried over, by table; +table: rows made
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)  # what does not agree in the end

    def unreadable(self, table: str, bad: Iterable[tuple[str, str]]) -> None:
        """Rows of `table` cannot be read: key and why. Raises CannotImport if it is to stop."""
        for key, why in bad:
            if self.stops:
                raise CannotImport(
                    f"The row {key} of {table} cannot be read ({why}): mend or remove it, or leave "
                    "such rows out with --on-error skip, and run the command again."
                )
            self.leave_out(table, "unreadable", f"{key}: {why}")

    def leave_out(self, table: str, kind: str, example: str) -> None:
        """A row of `table` is not carried over."""
        self.left[table] += 1
        self._note(table, f"left out, {kind}", example)

    def add(self, table: str, kind: str, example: str) -> None:
        """A row is here that `table` does not have."""
        self.left["+" + table] += 1
        self._note(table, kind, example)

    def mend(self, table: str, kind: str, example: str) -> None:
        """A row of `table` is carried over otherwise than it was."""
        self._note(table, kind, example)

    def _note(self, table: str, kind: str, example: str) -> None:
        self.kinds[table, kind] += 1
        told = self.examples[table, kind]
        if len(told) < EXAMPLES_MAX:
            told.append(example)

    def lines(self) -> list[str]:
        """What was left out or mended, for people."""
        found: list[str] = []
        for (table, kind), count in self.kinds.items():
            found.append(f"{table}: {count:,} {kind}")
            found += [f"  {example}" for example in self.examples[table, kind]]
            if count > EXAMPLES_MAX:
                found.append(f"  … and {count - EXAMPLES_MAX:,} more")
        return found
