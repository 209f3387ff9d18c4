"""Reading a Tinode database: in one transaction, in pages, and never more than a page at a time.

Source: specification 05, paragraphs 1 and 2.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chinwag.importing.report import CannotImport
from chinwag.importing.rows import Row, fields_of, row_of, rows_of
from chinwag.store import address
from chinwag.store.db import CannotOpen
from chinwag.store.pooled import connected, engines

R = TypeVar("R", bound=Row)
Query = sa.Select[*tuple[Any, ...]]


def column(name: str, kind: type[sa.types.TypeEngine[Any]] | None = None) -> sa.ColumnClause[Any]:
    """A column of the old database, of whatever type."""
    return sa.column(name, kind)


JSON: Final = frozenset(
    {"access", "public", "trusted", "tags", "aux", "private", "head", "content"}
)
ID: Final = column("id", sa.BigInteger)

OLDEST: Final = 111
NEWEST: Final = 117
FIRST: Final = 256  # rows of the first page
HEAVY: Final = 4 << 20  # characters of a page after which the next one has fewer rows
_ASKED_MAX: Final = 1000  # values in one question
_LOST: Final = (exc.SQLAlchemyError, OSError, EOFError)
_UNUSABLE: Final = (
    *_LOST,
    TypeError,
    ValueError,
    OverflowError,
)  # options of the address that mean nothing
_NO_TINODE: Final = (
    "The database {place} is not one of a Tinode server: it has no table kvmeta with a version."
)


class Page(NamedTuple):
    """Rows of one table, and those that cannot be read: key and why."""

    rows: list[Any]
    bad: list[tuple[str, str]]
    last: int  # the highest id among both

    @property
    def size(self) -> int:
        """How many rows it has."""
        return len(self.rows) + len(self.bad)


class Source:
    """A database that is only read, all of it as it was at one moment."""

    def __init__(self, tx: AsyncConnection, url: sa.URL, columns: dict[str, set[str]]) -> None:
        self._tx = tx
        self._url = url
        self._columns = columns
        self.place = address.shown(url)

    def has(self, table: str, column: str = "id") -> bool:
        """Whether there is such a table or column, which not all versions have."""
        return column in self._columns.get(table, ())

    async def page(self, kind: type[R], after: int, limit: int) -> Page:
        """The rows of a table with ids above `after`, at most `limit`. Raises CannotImport."""
        query = self._select(kind).where(after < ID).order_by(ID).limit(limit)
        return _page(kind, await self.ask(query))

    async def pages(self, kind: type[R], after: int, limit: int) -> AsyncIterator[Page]:
        """All rows with ids above `after`, at most `limit` or some megabytes at a time."""
        most = min(limit, FIRST)
        while (page := await self.page(kind, after, most)).size:
            after = page.last
            light = _weight(page) < HEAVY
            most = min(most * 2, limit) if light else max(most // 4, 1)
            yield page

    async def rows(self, kind: type[R], numbers: Collection[int]) -> list[Any]:
        """The rows with these ids that can be read."""
        return _page(kind, await self.among(self._select(kind), "id", numbers)).rows

    def _select(self, kind: type[Row]) -> Query:
        present = [name for name in fields_of(kind) if self.has(kind.table, name)]
        return sa.select(*map(self.column, present)).select_from(sa.table(kind.table))

    def column(self, name: str) -> sa.ColumnElement[Any]:
        """A column; JSON as the text that it is written in."""
        if name in JSON and self._url.get_backend_name() == "postgresql":
            return sa.cast(column(name), sa.Text).label(name)
        return column(name)

    async def sorted(
        self, kind: type[R], order: Sequence[sa.ColumnElement[Any]], limit: int
    ) -> AsyncIterator[Page]:
        """All rows of a table in an order of their own, page by page. Raises CannotImport."""
        query = self._select(kind).order_by(*order)
        try:
            async with self._tx.stream(query) as result:
                async for portion in result.partitions(limit):
                    yield _page(kind, portion)
        except _LOST as error:
            raise self._lost(error) from None

    async def ask(self, query: Query) -> Sequence[Any]:
        """The rows that `query` finds. Raises CannotImport."""
        try:
            return (await self._tx.execute(query)).all()
        except _LOST as error:
            raise self._lost(error) from None

    async def among(self, query: Query, name: str, values: Collection[object]) -> list[Any]:
        """The rows of `query` in which the column `name` is one of `values`."""
        every = list(values)
        found: list[Any] = []
        for start in range(0, len(every), _ASKED_MAX):
            part = every[start : start + _ASKED_MAX]
            kind = sa.BigInteger if isinstance(part[0], int) else None
            found += await self.ask(query.where(column(name, kind).in_(part)))
        return found

    async def count(self, table: str, *conditions: sa.ColumnElement[bool]) -> int:
        """How many rows a table has."""
        query = sa.select(sa.func.count()).select_from(sa.table(table)).where(*conditions)
        return int((await self.ask(query))[0][0])

    async def count_up_to(self, table: str, last: int) -> int:
        """How many rows have ids up to `last`."""
        return await self.count(table, last >= ID)

    def _lost(self, error: Exception) -> CannotImport:
        return CannotImport(address.refusal(self._url, error))


def _weight(page: Page) -> int:
    """About how many characters a page has."""
    kind = type(page.rows[0]) if page.rows else Row
    texts = {"content", "public", "private"}.intersection(fields_of(kind))
    return sum(len(getattr(row, name) or "") for row in page.rows for name in texts)


def _page(kind: type[Row], found: Sequence[Any]) -> Page:
    names = found[0]._fields if found else ()  # once: it takes longer than reading a row
    raw = [dict(zip(names, each, strict=True)) for each in found]
    last = max((each[0] for each in found), default=0)  # the first is the id
    try:
        return Page(rows_of(kind, raw), [], last)
    except msgspec.ValidationError:  # of one row, or of several: look at each
        return Page(*_sorted_out(kind, raw), last)


def _sorted_out(kind: type[R], raw: list[dict[str, Any]]) -> tuple[list[R], list[tuple[str, str]]]:
    """The rows that can be read, and the others: key and why."""
    rows: list[R] = []
    bad: list[tuple[str, str]] = []
    for each in raw:
        try:
            rows.append(row_of(kind, each))
        except msgspec.ValidationError as error:
            bad.append((str(each["id"]), str(error)))
    return rows, bad


@asynccontextmanager
async def open_source(text: str) -> AsyncIterator[Source]:
    """The Tinode database at the address `text`. Raises CannotImport."""
    try:
        url = address.parsed(text)
    except CannotOpen as error:
        raise CannotImport(str(error)) from None
    if url.get_backend_name() == "sqlite":
        raise CannotImport(
            "A Tinode server keeps its database in MySQL or PostgreSQL: give an address that "
            "begins with mysql:// or postgresql://."
        )
    unused, engine = engines(url)
    try:
        tx, columns = await _connected(engine, url)
        try:
            yield Source(tx, url, columns)
        finally:
            await tx.close()
    finally:
        await engine.dispose()
        await unused.dispose()


async def _connected(
    engine: AsyncEngine, url: sa.URL
) -> tuple[AsyncConnection, dict[str, set[str]]]:
    """A connection, and the columns of all tables. Raises CannotImport."""
    try:
        tx = await connected(engine)
        try:
            return tx, await _examined(tx, url)
        except BaseException:
            await tx.close()
            raise
    except _UNUSABLE as error:
        raise CannotImport(address.refusal(url, error)) from None


async def _examined(tx: AsyncConnection, url: sa.URL) -> dict[str, set[str]]:
    """The columns of all tables. Raises CannotImport where it is no database that is known."""
    columns = await tx.run_sync(_columns)
    place = address.shown(url)
    if not {"key", "value"} <= columns.get("kvmeta", set()):
        raise CannotImport(_NO_TINODE.format(place=place))
    key, value = column("key"), column("value")
    query = sa.select(value).select_from(sa.table("kvmeta")).where(key == "version")
    version = str((await tx.execute(query)).scalar() or "")
    if not version.isdecimal():
        raise CannotImport(_NO_TINODE.format(place=place))
    if not OLDEST <= int(version) <= NEWEST:
        raise CannotImport(
            f"The database {place} has Tinode's schema version {version}, not one from {OLDEST} to "
            f"{NEWEST}: upgrade it with Tinode's own tool first."
        )
    lacking = [k.table for k in _needed() if not columns.get(k.table)]
    if lacking:
        raise CannotImport(f"The database {place} has no table {lacking[0]}: it is not whole.")
    return columns


def _needed() -> list[type[Row]]:
    return list(Row.__subclasses__())


def _columns(tx: sa.Connection) -> dict[str, set[str]]:
    inspector = sa.inspect(tx)
    return {
        table: {column["name"] for column in inspector.get_columns(table)}
        for table in inspector.get_table_names()
    }
